import { expect, it } from 'vitest';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

const openWorld = setting();

it.each([
  ['RollService', 'ecs:UpdateService', 'arrive'],
  ['RollService', 'ecs:UpdateService', 'answer'],
  ['RegisterRevision', 'ecs:RegisterTaskDefinition', 'answer'],
  ['Conclude', 'dynamodb:PutItem', 'answer'],
  ['WakeRollout', 'states:SendTaskSuccess', 'arrive'],
] as const)(
  '%s killed at %s (%s) still ends with the pushed image live and nobody holding the service',
  async (handler, operation, phase) => {
    const world = await openWorld();
    await proveAnImage(world);
    const kill = world.killHandler({ function: handler, operation, phase });
    const digest = await world.push();
    const rollout = await world.untilRolloutEnds();

    expect(kill.hasHappened()).toBe(true);
    expect(rollout.outcome).toBe('SUCCEEDED');
    expect(await world.service()).toMatchObject({
      imageDigests: [digest],
      runningCount: 2,
      rolloutState: 'COMPLETED',
      deployments: 1,
    });
    expect(await world.ledgerState()).not.toHaveProperty('owner');
    expect((await world.history()).map(({ outcome }) => outcome)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  },
);
