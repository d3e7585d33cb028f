import { expect, it } from 'vitest';
import { setting } from './setting.ts';

it.each([
  ['its own network', { internal: true }],
  ['an internal load balancer', { internal: true, loadBalancer: {}, allowFrom: ['10.0.0.0/8'] }],
])('launches a service that is reached from %s alone', async (_, reach) => {
  const world = await setting({ registry: {}, bakeTimeSeconds: 0, provision: { port: 8000, ...reach } })();
  const digest = await world.push({ listensOn: 8000 });
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  expect((await world.service()).imageDigests).toEqual([digest]);
});
