import { expect, it } from 'vitest';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { rollAnImage, setting } from './setting.ts';
import { traces } from './traces.ts';

const provision = { port: 8000, desiredCount: 2 };

it.each<[string, Partial<ServiceConfiguration>]>([
  ['a service that was deployed by hand', {}],
  ['a service without a bake time', { bakeTimeSeconds: 0, tag: { glob: 'v*' } }],
  ['a repository that keeps images', { registry: {} }],
  ['a service that was provisioned', { registry: {}, provision }],
  ['a service behind a load balancer', { registry: {}, provision: { ...provision, loadBalancer: {} } }],
])('an image proven by hand and one proven by a rollout leave the same world: %s', async (_what, changes) => {
  const [truly, byHand] = [await setting(changes)(), await setting(changes)()];
  for (const nth of ['first', 'second']) {
    expect(await rollAnImage(truly)).toBe(await proveAnImage(byHand));
    expect({ nth, ...(await lasting(byHand)) }).toEqual({ nth, ...(await lasting(truly)) });
  }
});

/** What stays of a world, without how each rollout went: nothing depends on that, and what was proven by hand did not go through states. */
async function lasting(world: World) {
  const { history, ...others } = (await traces(world)) as { readonly history: readonly { readonly course?: object }[] };
  return { ...others, history: history.map(({ course: _course, ...record }) => record) };
}
