import type { BatchGetImageResponse } from '@aws-sdk/client-ecr';
import { expect, it } from 'vitest';
import { operator } from '../wire/endpoint.ts';
import { CLIENT_SEQUENCES, type ClientSequence } from './client-sequences.ts';
import { digestOf, registryFixture } from './registry-fixture.ts';

it.each(CLIENT_SEQUENCES)('$client comes to its end, and its manifest has the tag', async ({ contents, steps }) => {
  const { region, send, anonymous } = await registryFixture();
  let location = '';
  const statuses: string[] = [];
  for (const { request, headers = {}, body, isAnonymous } of steps) {
    const [method, path] = written(request, contents, location);
    const content = body === undefined ? '' : contents[body]!;
    const answer = await (isAnonymous ? anonymous : send)(method, path, { headers, body: content });
    statuses.push(`${answer.status} ${request}`);
    if (answer.headers['location'] !== undefined) location = String(answer.headers['location']);
  }
  expect(statuses).toEqual(steps.map(({ request, status }) => `${status} ${request}`));
  const { images } = await region.call<BatchGetImageResponse>(operator, 'ecr', 'BatchGetImage', {
    repositoryName: 'team/api',
    imageIds: [{ imageTag: 'v1' }],
  });
  expect(images?.map(({ imageManifest }) => imageManifest)).toEqual([contents['manifest']]);
});

/** Method and path, with digests and the place of the upload filled in. */
function written(
  request: string,
  contents: ClientSequence['contents'],
  location: string,
): [method: string, path: string] {
  const path = request
    .replace('@location', location)
    .replaceAll(/@(\w+)/g, (_, name: string) => digestOf(contents[name]!).replace(':', '%3A'));
  const [method, rest] = path.split(' ');
  return [method!, rest!];
}
