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

/** All services of the herd, or only the first so many. */
async function openHerd(services: number): Promise<readonly World[]> {
  const first = { ...others[0], repository: 'herd/service-0', service: names[0]! };
  const assembly = await assemblyOf(first, others.slice(0, services - 1));
  return openAuditedTogether({ assembly, quotas: { requestRates: { ecs: REQUEST_RATES } } });
}

it('rolls every service that is pushed to within one second, as soon as ECS registers revisions', async () => {
  const worlds = await openHerd(SERVICES);
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

/** How a rollout of `service-0` and its like ends, whatever service it is and whatever its revisions are called. */
async function endOf(world: World): Promise<unknown> {
  await world.advance(1);
  const { imageDigests, deployments } = await world.service();
  const rollouts = world.rollouts().map(({ outcome, message = '' }) => ({
    outcome,
    message: message.replaceAll(world.config.serviceName, 'service').replaceAll(/:\d+/g, ':n'),
  }));
  return { rollouts, runs: imageDigests.length, deployments };
}

const CRASHES = { behaviour: 'crash', afterSeconds: 5, exitCode: 3 } as const;

it('ends each rollout as it would alone, where every third image crashes', async () => {
  const alone = async (image: object): Promise<unknown> => {
    const [world] = (await openHerd(1)) as [World];
    await world.push(image);
    await world.untilRolloutEnds();
    await world.untilIdle();
    return endOf(world);
  };
  const [good, bad] = [await alone({}), await alone(CRASHES)];
  const worlds = await openHerd(SERVICES);
  const before = await Promise.all(worlds.map(async (world) => (await world.service()).imageDigests));
  const isBad = (index: number): boolean => index % 3 === 2;
  const digests: string[] = [];
  for (const [index, world] of worlds.entries()) {
    digests.push(await world.push(isBad(index) ? CRASHES : {}));
    await world.region.kernel.runFor(Math.floor(1000 / SERVICES));
  }
  for (const world of worlds) await world.untilRolloutEnds();
  await worlds[0]!.untilIdle();
  for (const [index, world] of worlds.entries()) {
    expect(await endOf(world)).toEqual(isBad(index) ? bad : good);
    const { imageDigests } = await world.service();
    expect(imageDigests).toEqual(isBad(index) ? before[index] : [digests[index]]);
  }
  expect(good).toMatchObject({ rollouts: [{ outcome: 'SUCCEEDED' }] });
  expect(bad).toMatchObject({ rollouts: [{ outcome: 'ROLLED_BACK' }] });
}, 300_000);
