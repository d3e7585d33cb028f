import type { UpdateServiceResponse } from '@aws-sdk/client-ecs';
import { expect, it } from 'vitest';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { imageManifest } from '../../region/ecr/image-manifests.ts';
import { registerLike } from './revisions.ts';
import { setting } from './setting.ts';

const HEALTH_CHECK = { command: ['CMD-SHELL', 'true'], interval: 10, retries: 3 };

/** A service whose configured container is not essential, beside a sidecar that is. */
async function behindProxy(open: (options?: object) => Promise<World>, members: object = {}): Promise<World> {
  const world = await open();
  const { region, config } = world;
  region.ecr.createRepository({ repositoryName: 'proxy' });
  region.ecr.pushImage({ repositoryName: 'proxy', image: imageManifest({ seedText: 'proxy' }), tag: '1' });
  const proxy = `${region.account}.dkr.ecr.${region.region}.amazonaws.com/proxy:1`;
  region.events.setDelivery(() => 'never');
  const taskDefinition = await registerLike(world, (await world.service()).taskDefinition, (containers) => {
    const [api] = JSON.parse(containers) as object[];
    return JSON.stringify([
      { ...api, essential: false, ...members },
      { name: 'proxy', image: proxy, essential: true },
    ]);
  });
  await operate<UpdateServiceResponse>(region, 'ecs', 'UpdateService', {
    cluster: config.cluster,
    service: config.serviceName,
    taskDefinition,
  });
  await world.advance(600);
  region.events.setDelivery(() => 'once');
  return world;
}

it('never believes an image whose container exited while its task goes on', async () => {
  const world = await behindProxy(setting());
  const before = await world.service();
  await world.push({ behaviour: 'crash', afterSeconds: 5, exitCode: 3 });
  const { outcome, message } = await world.untilRolloutEnds();
  expect(outcome).toBe('ROLLED_BACK');
  expect(message).toContain('container api exited with code 3');
  expect((await world.service()).imageDigests).toEqual(before.imageDigests);
});

it('never believes an image whose container fails a health check that its task does not count', async () => {
  const world = await behindProxy(setting(), { healthCheck: HEALTH_CHECK });
  await world.push({ behaviour: 'never-healthy' });
  const { outcome, message } = await world.untilRolloutEnds();
  expect(outcome).toBe('ROLLED_BACK');
  expect(message).toContain('container api, which is not essential, fails its health check');
});

it('believes an image whose container ends with 0 only where it may end', async () => {
  const image = { behaviour: 'crash', afterSeconds: 5, exitCode: 0 } as const;
  const strict = await behindProxy(setting({ deadlineSeconds: 900 }));
  await strict.push(image);
  expect(await strict.untilRolloutEnds()).toMatchObject({
    outcome: 'ROLLED_BACK',
    message: expect.stringContaining('mayEnd') as string,
  });
  const lenient = await behindProxy(setting({ mayEnd: true }));
  lenient.excuse('truth', /at most 0 truly ran/, 'the configuration lets this container end with 0');
  await lenient.push(image);
  expect((await lenient.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
});
