import { expect, it } from 'vitest';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { registerLike } from './revisions.ts';
import { once, setting } from './setting.ts';

const REFUSED = [
  'Configure',
  'AcceptIntent',
  'Accepted?',
  'Preflight',
  'Cleared?',
  'Conclude',
  'Ended well?',
  'Failed',
];

/** A service that somebody deployed with an agent beside its container, from a repository of the same account. */
async function besideAgent(image = 'agent:1'): Promise<World> {
  const world = await setting()();
  const { region, config } = world;
  region.ecr.createRepository({ repositoryName: 'agent' });
  region.ecr.pushImage({ repositoryName: 'agent', image: imageManifest({ seedText: 'agent' }), tag: '1' });
  const host = `${region.account}.dkr.ecr.${region.region}.amazonaws.com`;
  region.events.setDelivery(() => 'never');
  const taskDefinition = await registerLike(world, (await world.service()).taskDefinition, (containers) => {
    const [api] = JSON.parse(containers) as object[];
    const agent = { name: 'agent', image: image.includes('.') ? image : `${host}/${image}`, essential: true };
    return JSON.stringify([api, agent]);
  });
  const { cluster, serviceName: service } = config;
  await operate(region, 'ecs', 'UpdateService', { cluster, service, taskDefinition });
  await world.advance(600);
  region.events.setDelivery(() => 'once');
  return world;
}

const deleteAgent = ({ region }: World): Promise<unknown> =>
  operate(region, 'ecr', 'BatchDeleteImage', { repositoryName: 'agent', imageIds: [{ imageTag: '1' }] });

it('refuses a roll, before anything changes, whose sidecar nobody can pull any more', async () => {
  const world = await besideAgent();
  await deleteAgent(world);
  const before = await world.service();
  await world.push();
  const { outcome, message, path } = await world.untilRolloutEnds();
  expect({ outcome, path: once(path) }).toEqual({ outcome: 'REJECTED', path: REFUSED });
  expect(message).toMatch(/ECR has no image agent:1 any more, which the container agent needs: push it again/);
  expect(await world.service()).toEqual(before);
});

it('lets a roll go whose sidecar is there, and one whose sidecar is in another registry', async () => {
  for (const world of [await besideAgent(), await besideAgent('public.ecr.aws/datadog/agent:7')]) {
    await world.push();
    expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  }
});
