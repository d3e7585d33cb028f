import { expect, it } from 'vitest';
import type { Plan, Step } from '../../campaign/plan.ts';
import { shrink } from '../../campaign/shrink.ts';

const scale = (desiredCount: number): Step => ({ kind: 'scale', desiredCount, afterSeconds: 10 });

const PLAN: Plan = {
  seed: 7,
  setting: { tag: 'glob', bakeTimeSeconds: 180, isProvisioned: false },
  region: 'eu-central-1',
  service: { desiredCount: 3, circuitBreaker: 'rollback', hasHealthCheck: true },
  steps: [1, 2, 3, 4, 5, 6, 7, 8, 9].map(scale),
};

const counts = ({ steps }: Plan): number[] =>
  steps.flatMap((step) => (step.kind === 'scale' ? [step.desiredCount] : []));

it('leaves the steps that it takes, at the time at which they were, in the plainest world', async () => {
  const shrunk = await shrink(PLAN, (plan) =>
    Promise.resolve(
      [3, 7].every((count) => counts(plan).includes(count)) && plan.service.circuitBreaker === 'rollback',
    ),
  );
  expect(shrunk).toEqual({
    seed: 7,
    setting: { tag: 'exact', bakeTimeSeconds: 0, isProvisioned: false, policy: 'plain' },
    region: 'us-east-1',
    service: { circuitBreaker: 'rollback' },
    steps: [
      { ...scale(3), afterSeconds: 30 },
      { ...scale(7), afterSeconds: 40 },
    ],
  });
});

it('leaves no step where none is needed, and all where each is', async () => {
  expect((await shrink(PLAN, () => Promise.resolve(true))).steps).toEqual([]);
  expect(await shrink(PLAN, () => Promise.resolve(false))).toEqual(PLAN);
});

it('plays as few plans as delta debugging does', async () => {
  let played = 0;
  await shrink(PLAN, (plan) => Promise.resolve(++played > 0 && counts(plan).includes(8)));
  expect(played).toBeLessThan(25);
});
