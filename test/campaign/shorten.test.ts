import { expect, it } from 'vitest';
import type { Plan } from '../../campaign/plan.ts';
import { shortenBy } from '../../campaign/shorten.ts';

const PLAN: Plan = {
  seed: 7,
  setting: { tag: 'exact', bakeTimeSeconds: 0, isProvisioned: false, policy: 'plain' },
  region: 'us-east-1',
  service: {},
  steps: [1, 2, 3, 4].map((desiredCount) => ({ kind: 'scale', desiredCount, afterSeconds: 10 })),
};

/** Every world breaks `end`, before it is open. */
const assemblyOf = (): Promise<never> => Promise.reject(new Error('it cannot be written'));

it('says which world it plays, and is content with what is shortest when nobody wants to wait', async () => {
  const lines: string[] = [];
  const isOver = (): boolean => lines.length === 1;
  const short = await shortenBy({ assemblyOf, isOver, onTry: (line) => void lines.push(line) })(PLAN, 'end');
  expect(lines).toEqual(['shortening what breaks end: world 1, 2 of 4 steps · Ctrl-C: short enough']);
  expect(short.steps).toHaveLength(2);
});

it('keeps what breaks that rule, and not what breaks another one', async () => {
  const played = { assemblyOf, isOver: (): boolean => false, onTry: () => undefined };
  expect((await shortenBy(played)(PLAN, 'end')).steps).toEqual([]);
  expect(await shortenBy(played)(PLAN, 'rest')).toEqual(PLAN);
});
