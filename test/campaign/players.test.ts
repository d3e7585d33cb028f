import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { planOf } from '../../campaign/generate-plan.ts';
import { jobsFor, startPlayers, type Players } from '../../campaign/players.ts';

const WORKER = join(import.meta.dirname, '../fixtures/campaign-worker.ts');

let players: Players;
afterEach(() => players.close());

it('plays in each process one plan at a time, and in all of them', async () => {
  players = startPlayers(2, WORKER);
  const played = await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => players.play(planOf(seed))));
  expect(played.map(({ plan }) => plan)).toEqual([1, 2, 3, 4, 5, 6].map(planOf));
  expect(new Set(played.flatMap(({ met }) => [...met.keys()])).size).toBe(2);
});

it('says of a plan that it broke the process that played it, and goes on with another', async () => {
  players = startPlayers(1, WORKER);
  const [, lost, next] = await Promise.all([12, 13, 14].map((seed) => players.play(planOf(seed))));
  expect(lost).toMatchObject({ rollouts: 0, violations: ['end: The process that played it ended with 7.'] });
  expect(next).toMatchObject({ rollouts: 1, violations: [] });
});

it('says so of each plan where no process can play any', async () => {
  players = startPlayers(2, join(import.meta.dirname, 'no-such-worker.ts'));
  const lost = await Promise.all([1, 2, 3].map((seed) => players.play(planOf(seed))));
  expect(lost.flatMap(({ violations }) => violations)).toEqual(
    [1, 2, 3].map(() => 'end: The process that played it ended with 1.'),
  );
});

it.each([
  [200, 8, 1],
  [1_001, 8, 2],
  [100_000, 8, 8],
])('takes for %i rollouts and %i processors as many processes as are worth it: %i', (rollouts, processors, jobs) => {
  expect(jobsFor(rollouts, processors)).toBe(jobs);
});
