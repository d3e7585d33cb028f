import { describe, expect, it } from 'vitest';
import { BAKE_SECONDS_UNCHECKED, bakeSeconds, isChecked, type Checked } from '../../../functions/rollout/bake.ts';

const container = (name: string, hasHealthCheck: boolean) => ({ name, hasHealthCheck });
const looked = (hasTargets: boolean, ...containers: ReturnType<typeof container>[]): Checked =>
  ({ service: { hasTargets }, base: { containers } }) as unknown as Checked;
const ours = { containers: ['app', 'worker'] };

describe('a service is checked', () => {
  it.each([
    ['by a load balancer', looked(true), true],
    [
      'by the health check of one of several configured containers',
      looked(false, container('app', true), container('worker', false)),
      true,
    ],
    ['not by that of a sidecar', looked(false, container('app', false), container('proxy', true)), false],
    ['not where nothing is known of it', {}, false],
  ])('%s', (_case, seen, expected) => {
    expect(isChecked(seen, ours)).toBe(expected);
  });
});

it('bakes as long as is configured, and a minute at least where nothing checks it', () => {
  expect(BAKE_SECONDS_UNCHECKED).toBe(60);
  const bake = (seen: Checked): number[] =>
    [0, 30, 600].map((bakeTimeSeconds) => bakeSeconds(seen, { ...ours, bakeTimeSeconds }));
  expect(bake(looked(true))).toEqual([0, 30, 600]);
  expect(bake(looked(false, container('app', false)))).toEqual([60, 60, 600]);
});
