import { expect, it } from 'vitest';
import { timeLines, timeSpentIn } from '../../cli/verbs/rehearse/time-lines.ts';
import type { HistoryEntry } from '../../functions/rollout/ledger.ts';
import { timeSpentOf } from '../../functions/rollout/time-spent.ts';
import { playStory, STORIES } from '../../rehearsal/stories.ts';
import { doorHere } from './doors.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, setting } from './setting.ts';

const good = STORIES.find(({ name }) => name === 'good-push')!;

it('a rehearsal tells where the time of a good push went, and all of it', async () => {
  const report = await playStory(good, { assembly: await assemblyOf({}), door: doorHere() });
  const { totalSeconds, parts } = timeSpentIn(report)!;
  expect(Object.values(parts).reduce((one, other) => one + other)).toBeCloseTo(totalSeconds, 0);
  expect(totalSeconds).toBeCloseTo(report.virtualSeconds, -1);
  expect(parts).toMatchObject({ bake: expect.closeTo(60, -1) as number, turn: 0 });
  for (const part of ['capacity', 'pull', 'start', 'ours'] as const) expect(parts[part]).toBeGreaterThan(0);
  expect(timeLines([report]).join(' ')).toMatch(/^good-push: where the time went, .* bake 1 min/);
});

it('tells nothing of a rollout that did not end well', () => {
  const failed = { outcome: 'ROLLED_BACK', expected: 'SUCCEEDED', differences: [], refusals: [] };
  expect(timeLines([failed as never])).toEqual([]);
});

it('a health check that is seldom made is what makes a rollout slow, and by how much', async () => {
  const world = await setting({ bakeTimeSeconds: 0 })({ service: { hasHealthCheck: true } });
  await proveAnImage(world);
  await world.push();
  await world.untilRolloutEnds();
  const entry = (await world.history()).at(-1) as unknown as HistoryEntry;
  const { parts, shortening } = timeSpentOf(entry)!;
  expect(entry.course!.settings).toMatchObject({ minimumHealthyPercent: 100, maximumPercent: 200, hasTargets: false });
  expect(parts.health).toBeGreaterThan(10);
  expect(shortening).toMatchObject({ part: 'health', setting: 'healthCheck.interval', savesSeconds: 5 });
});
