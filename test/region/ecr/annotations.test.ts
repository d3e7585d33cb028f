import { describe, expect, it } from 'vitest';
import { imageIndex, imageManifest } from '../../../region/ecr/image-manifests.ts';
import { createRegion } from '../../../region/region.ts';
import { served } from '../wire/over-loopback.ts';

/** A PutImage over loopback, and what comes back. */
async function put(annotations: Record<string, string>) {
  const region = createRegion();
  region.ecr.createRepository({ repositoryName: 'api' });
  const door = await served(region);
  const imageManifestText = imageManifest({ seedText: 'x', annotations }).text;
  const request = { repositoryName: 'api', imageTag: 'v1', imageManifest: imageManifestText };
  const { status, body } = await door.json('AmazonEC2ContainerRegistry_V20150921.PutImage', request);
  await door.stop();
  return { status, ...body };
}

const NAMES =
  'rehearsal.behaviour, rehearsal.after-seconds, rehearsal.exit-code, rehearsal.listens-on, rehearsal.says, rehearsal.platform';

describe('an image that says how it behaves', () => {
  it.each([
    [{ 'rehearsal.behaviour': 'crsh' }, 'rehearsal.behaviour "crsh" (known: healthy, crash, never-healthy, '],
    [{ 'rehearsal.behavior': 'crash' }, `there is no annotation rehearsal.behavior (known: ${NAMES})`],
    [
      { 'rehearsal.after-seconds': '5s' },
      'rehearsal.after-seconds "5s" (must be a whole number of at most six digits)',
    ],
    [{ 'rehearsal.exit-code': '-1' }, 'rehearsal.exit-code "-1" (must be a whole number of at most six digits)'],
    [{ 'rehearsal.exit-code': '256' }, 'rehearsal.exit-code "256" (must be an exit code, 0 to 255)'],
    [{ 'rehearsal.listens-on': '70000' }, 'rehearsal.listens-on "70000" (must be a port, 1 to 65535)'],
    [{ 'rehearsal.listens-on': 'http' }, 'rehearsal.listens-on "http" (must be a whole number of at most six digits)'],
    [{ 'rehearsal.platform': 'arm64' }, 'rehearsal.platform "arm64" (must be a platform such as linux/arm64)'],
  ])('is refused when it is pushed with %j', async (annotations, message) => {
    expect(await put(annotations)).toMatchObject({
      status: 400,
      __type: 'InvalidParameterException',
      message: expect.stringContaining(
        `Invalid parameter at 'imageManifest' failed to satisfy constraint: '${message}`,
      ) as unknown,
    });
  });

  it('is taken with every word that it may say, and with annotations of others', async () => {
    const words = { 'rehearsal.behaviour': 'unpullable', 'rehearsal.after-seconds': '30', 'rehearsal.exit-code': '3' };
    const rest = { 'rehearsal.listens-on': '8080', 'rehearsal.platform': 'linux/arm64', 'org.opencontainers.x': 'y' };
    expect(await put({ ...words, ...rest })).toMatchObject({ status: 200 });
  });

  it('is refused by the words of its index too', () => {
    const { ecr } = createRegion();
    ecr.createRepository({ repositoryName: 'api' });
    const children = [{ manifest: imageManifest({ seedText: 'x' }), platform: 'linux/amd64' }];
    const image = imageIndex(children, { annotations: { 'rehearsal.behaviour': 'crsh' } });
    expect(() => ecr.pushImage({ repositoryName: 'api', image })).toThrow('rehearsal.behaviour "crsh"');
  });
});
