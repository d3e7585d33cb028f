import { describe, expect, it } from 'vitest';
import { imageKey, tagIn } from '../../../functions/rollout/needed-images.ts';
import { digest } from './given.ts';

const HOST = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
const OURS = `${HOST}/team/web`;

describe('an image is looked up', () => {
  it.each<[string, string, string | undefined]>([
    ['a tag', `${OURS}:live`, 'live'],
    ['no tag, which is latest', OURS, 'latest'],
    ['a digest', `${OURS}@${digest('a')}`, digest('a')],
    ['a tag and a digest, of which the digest counts', `${OURS}:live@${digest('a')}`, digest('a')],
    ['a repository below ours, in that', `${OURS}/worker:live`, 'team/web/worker:live'],
    ['a repository whose name begins with ours, in that', `${OURS}-worker:live`, 'team/web-worker:live'],
    ['another repository and a digest, in that', `${HOST}/datadog@${digest('a')}`, `datadog@${digest('a')}`],
    ...[
      '123456789012.dkr-ecr.eu-central-1.on.aws',
      '123456789012.dkr.ecr-fips.eu-central-1.amazonaws.com',
      '123456789012.dkr-ecr-fips.eu-central-1.on.aws',
    ].flatMap((host): [string, string, string][] => [
      [`a tag at ${host}, another endpoint of ours`, `${host}/team/web:live`, 'live'],
      [`a tag beside it at ${host}`, `${host}/datadog:7`, 'datadog:7'],
    ]),
    [
      'another account behind such an endpoint, nowhere',
      '210987654321.dkr-ecr.eu-central-1.on.aws/team/web',
      undefined,
    ],
    ['a host that begins like ours, nowhere', `${HOST}.example.org/team/web:live`, undefined],
    ['the same path elsewhere, nowhere', OURS.replace('eu-central-1', 'us-east-1'), undefined],
    ['another registry, nowhere', 'ghcr.io/team/web:live', undefined],
  ])('by %s', (_case, image, key) => {
    expect(imageKey(image, OURS)).toBe(key);
  });
});

it('reads the tag of an image of ours only where no digest decides', () => {
  expect(tagIn(`${OURS}:live`, OURS)).toBe('live');
  expect(tagIn(OURS, OURS)).toBe('latest');
  expect(tagIn(`${OURS}:live@${digest('a')}`, OURS)).toBeUndefined();
  expect(tagIn('ghcr.io/team/web:live', OURS)).toBeUndefined();
  expect(tagIn('123456789012.dkr-ecr.eu-central-1.on.aws/team/web:live', OURS)).toBe('live');
  expect(tagIn(`${OURS}-worker:live`, OURS)).toBeUndefined();
});
