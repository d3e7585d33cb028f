import { expect, it } from 'vitest';
import { once, setting } from './setting.ts';
import { proveAnImage } from './proven-image.ts';
import { describeRevision } from './revisions.ts';

const BAD = { behaviour: 'crash', afterSeconds: 5, exitCode: 3 } as const;

it('leaves what was proven as the newest of its family, once the revision that failed is deregistered', async () => {
  const world = await setting({ failedRevisions: 'deregister' })({ hasTicks: true });
  const good = await proveAnImage(world);
  await world.push({ ...BAD });
  const { outcome, message, path } = await world.untilRolloutEnds();
  expect(outcome).toBe('ROLLED_BACK');
  expect(message).toMatch(/ api:\d+ is deregistered once nothing names it\.$/);
  expect(once(path).at(-1)).toBe('Failed');
  await world.advance(1200);

  expect((await describeRevision(world, 'api')).containerDefinitions![0]!.image).toContain(good);
  const [failed] = /api:\d+/.exec(message!)!;
  expect((await describeRevision(world, failed)).status).toBe('INACTIVE');
  expect(await world.ledgerState()).toMatchObject({ failedRevisions: [] });
  expect((await world.service()).imageDigests).toEqual([good]);
  // It is not asked for again.
  const rollouts = world.rollouts().length;
  await world.advance(1200);
  expect(world.rollouts()).toHaveLength(rollouts);
});

it('leaves the revision that failed, and says so, where nobody wishes anything else', async () => {
  const world = await setting()();
  const good = await proveAnImage(world);
  await world.push({ ...BAD });
  const { message } = await world.untilRolloutEnds();
  expect(message).toMatch(/ api:\d+ stays registered: whoever runs its family without a revision may run it\.$/);
  await world.untilIdle();
  expect((await describeRevision(world, 'api')).containerDefinitions![0]!.image).not.toContain(good);
  const asked = world.region.iam.asked.filter(({ action }) => action === 'ecs:DeregisterTaskDefinition');
  expect(asked).toEqual([]);
});
