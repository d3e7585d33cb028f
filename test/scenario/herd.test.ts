import { expect, it } from 'vitest';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import type { World } from '../../rehearsal/world.ts';
import { assemblyOf, openAuditedTogether } from './setting.ts';

/** A fifth of what ECS publishes, for a fifth of thirty services. */
const REQUEST_RATES = 0.2;
const SERVICES = 6;
/** ECS's bucket of RegisterTaskDefinition. */
const REGISTRATIONS = { burst: 20 * REQUEST_RATES, perSecond: REQUEST_RATES };
const ALONE_SECONDS = 5;

const names = Array.from({ length: SERVICES }, (_, index) => `service-${index}`);
const others = names.slice(1).map((service): ServiceConfiguration => {
  return { repository: `herd/${service}`, container: 'app', cluster: 'prod', service, bakeTimeSeconds: 0 };
});

/** When those calls of functions were applied, virtual milliseconds. */
function followCalls({ region }: World, wanted: string): number[] {
  const at: number[] = [];
  region.onApplied((call) => void (call.caller?.kind === 'role' && call.operation === wanted && at.push(call.at)));
  return at;
}

it('rolls every service that is pushed to within one second, as soon as ECS registers revisions', async () => {
  const assembly = await assemblyOf({ ...others[0], repository: 'herd/service-0', service: names[0]! }, others);
  const worlds = await openAuditedTogether({ assembly, quotas: { requestRates: { ecs: REQUEST_RATES } } });
  const [{ region }] = worlds as [World];
  const registered = followCalls(worlds[0]!, 'RegisterTaskDefinition');
  const updated = followCalls(worlds[0]!, 'UpdateService');
  const since = region.kernel.now;
  const digests: string[] = [];
  for (const world of worlds) {
    digests.push(await world.push());
    await region.kernel.runFor(Math.floor(1000 / SERVICES));
  }
  for (const world of worlds) await world.untilRolloutEnds();
  await worlds[0]!.untilIdle();

  // A service that was only adopted needs a copy, too, of what ran before.
  expect(registered).toHaveLength(2 * SERVICES);
  expect(updated).toHaveLength(SERVICES);
  const bucketSeconds = (registered.length - REGISTRATIONS.burst) / REGISTRATIONS.perSecond;
  expect((updated.at(-1)! - since) / 1000).toBeLessThan(bucketSeconds * 1.2 + ALONE_SECONDS);
  expect(worlds.flatMap((world) => world.rollouts().map(({ outcome }) => outcome))).toEqual(
    names.map(() => 'SUCCEEDED'),
  );
  for (const [index, world] of worlds.entries()) {
    // Who looks keeps to the rates, too.
    await world.advance(1);
    expect((await world.service()).imageDigests).toEqual([digests[index]]);
  }
  // Whoever is turned away comes again, and looks at nothing again.
  const calls = region.calls.filter(({ at, caller }) => at >= since && caller?.kind === 'role');
  const count = (operation: string): number => calls.filter((call) => call.operation === operation).length;
  expect(count('RegisterTaskDefinition')).toBeGreaterThan(4 * SERVICES);
  expect(count('ListTaskDefinitions')).toBeLessThan(count('RegisterTaskDefinition'));
}, 180_000);
