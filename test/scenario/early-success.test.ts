import { expect, it } from 'vitest';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting({ bakeTimeSeconds: 0 });

/** Four tasks, of which ECS is content with three. */
function contentWithThree(sourceServiceRevisionCleanup: 'BLOCKING' | 'DEFERRED'): Promise<World> {
  const earlySuccessCriteria = { enable: true, healthyPercent: 75, sourceServiceRevisionCleanup };
  const deploymentConfiguration = { minimumHealthyPercent: 75, maximumPercent: 125, earlySuccessCriteria };
  return openWorld({ service: { desiredCount: 4, hasHealthCheck: true, members: { deploymentConfiguration } } });
}

it.each(['BLOCKING', 'DEFERRED'] as const)(
  'judges a deployment that ECS calls COMPLETED early at once, with %s clean-up',
  async (cleanup) => {
    const world = await contentWithThree(cleanup);
    await proveAnImage(world);
    const digest = await world.push();
    const rollout = await world.untilRolloutEnds();
    const records = await world.history();
    const { detectionLagSeconds, message = '' } = records.find(({ image }) => image?.digest === digest)!;
    const old = (await world.service()).deployments - 1;

    expect(rollout.outcome).toBe('SUCCEEDED');
    expect(detectionLagSeconds).toBeLessThan(2);
    expect(message).toMatch(/^[34] of 4 tasks run exactly the expected digest and are healthy\./);
    const isDeferred = cleanup === 'DEFERRED';
    expect(/ that is enough; \d of another revision still run until/.test(message)).toBe(isDeferred);
    expect(old).toBe(isDeferred ? 1 : 0);
    await world.untilIdle();
    expect(await world.service()).toMatchObject({ imageDigests: [digest], runningCount: 4, deployments: 1 });
  },
);

it('takes an image back that never gets as far as the criteria', async () => {
  const world = await contentWithThree('DEFERRED');
  const digest = await proveAnImage(world);
  await world.push({ behaviour: 'crash' });
  const { outcome } = await world.untilRolloutEnds();
  await world.untilIdle();

  expect(outcome).toBe('ROLLED_BACK');
  expect((await world.service()).imageDigests).toEqual([digest]);
});
