import { join } from 'node:path';
import { checkConfiguration } from '../configuration/check-configuration.ts';
import { RULES_PER_SERVICE } from '../configuration/quotas.ts';
import { synthesize } from '../infra/synthesize.ts';
import { countCalls, type CallCounts } from '../rehearsal/cell/count-calls.ts';
import { openWorlds, type World } from '../rehearsal/world.ts';
import type { Region } from '../region/region.ts';
import type { Measurement } from './measurement.ts';

/** So many services share an account and a Region; each is pushed to, all within one second. */
const HERDS = [10, 30, 100, 200] as const;

/** ECS's bucket of RegisterTaskDefinition, which everything else waits for. */
const REGISTRATIONS = { burst: 20, perSecond: 1 } as const;
/** How much longer than that the last service may take, and what it takes alone. */
const SLACK = 1.2;
const ALONE_SECONDS = 5;
const ROLLOUT_LIMIT_MS = 6 * 3_600_000;
/** A region of so many services is to fit into so much. */
const MANY = { services: 500, mbMax: 2_000 } as const;
/** What grows with the number of services: each that is turned away reads the ledger and registers again. */
const APIS_THAT_GROW = ['dynamodb GetItem', 'ecs RegisterTaskDefinition'] as const;

/** What became of a herd. */
interface Herd {
  /** Rollouts that ended otherwise than well. */
  readonly lost: number;
  /** Seconds from the first push to the last UpdateService. */
  readonly lastUpdateSeconds: number;
  readonly registrations: number;
  readonly calls: CallCounts;
  readonly throttledPerRollout: number;
  /** What the region holds once all have rolled. */
  readonly heldMb: number;
}

/** Pushes to many services at once, under the rates of requests that AWS publishes, and counts what that costs. */
export async function measureHerds(scratch: string, sizes: readonly number[] = HERDS): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  const [largest, ...others] = [...sizes].sort((one, other) => other - one);
  // The largest first, while the process holds nothing of others.
  const herd = await rollHerd(largest!, join(scratch, `herd-${largest}`));
  for (const size of others)
    measured.unshift(...measurementsOf(size, await rollHerd(size, join(scratch, `herd-${size}`))));
  return [...measured, ...measurementsOf(largest!, herd), ...memoryOf(largest!, herd)];
}

/** Measured where there are as many, and estimated where there are fewer: what the region holds does not grow faster than they do. */
function memoryOf(size: number, { heldMb: value }: Herd): Measurement[] {
  const name = `${size} services, all rolled: memory of the region`;
  if (size >= MANY.services) return [{ name, value, unit: 'MB', bound: MANY.mbMax }];
  const many = (value * MANY.services) / size;
  return [
    { name, value, unit: 'MB' },
    { name: `as much for each of ${MANY.services} services`, value: many, unit: 'MB', bound: MANY.mbMax },
  ];
}

function measurementsOf(size: number, herd: Herd): Measurement[] {
  const name = `${size} services pushed within a second`;
  const room = Math.max(0, herd.registrations - REGISTRATIONS.burst) / REGISTRATIONS.perSecond;
  const bound = Math.ceil(room * SLACK + ALONE_SECONDS);
  const perRollout = (what: string, count: number): Measurement => ({
    name: `${name}: ${what} per rollout`,
    value: count / size,
    unit: '',
  });
  const growing = APIS_THAT_GROW.map((api) => perRollout(api.split(' ')[1]!, herd.calls.of(api)));
  const others = herd.calls.all() - APIS_THAT_GROW.reduce((sum, api) => sum + herd.calls.of(api), 0);
  return [
    { name: `${name}: rollouts lost`, value: herd.lost, unit: '', bound: 0 },
    { name: `${name}: the last UpdateService`, value: herd.lastUpdateSeconds, unit: 's', bound },
    perRollout('calls', herd.calls.all()),
    ...growing,
    perRollout('other calls', others),
    { name: `${name}: throttled per rollout`, value: herd.throttledPerRollout, unit: '' },
  ];
}

async function rollHerd(size: number, outdir: string): Promise<Herd> {
  const services = Array.from({ length: size }, (_, index) => {
    const name = `service-${index}`;
    return { repository: `herd/${name}`, container: 'api', cluster: 'herd', service: name, bakeTimeSeconds: 0 };
  });
  const rules = size * RULES_PER_SERVICE;
  const quotas = { eventBridgeRules: Math.max(300, rules), iamRoles: 10_000 };
  const assembly = await synthesize(checkConfiguration({ services, quotas }, 'bench'), { outdir });
  const empty = heldMb();
  const worlds = await openWorlds({ assembly, service: { isPinned: true }, quotas: { rulesPerBus: rules } });
  const { region } = worlds[0]!;
  const since = region.kernel.now;
  const calls = countCalls(region);
  const applied = followApplied(region);
  await pushAll(worlds);
  calls.stop();
  const { lastUpdateAt, registrations, all } = applied();
  const held = heldMb() - empty;
  const lost = worlds.filter(
    (world) => world.rollouts().some(({ outcome }) => outcome !== 'SUCCEEDED') || world.rollouts().length === 0,
  ).length;
  await worlds[0]!.close();
  return {
    lost,
    lastUpdateSeconds: (lastUpdateAt - since) / 1000,
    registrations,
    calls,
    throttledPerRollout: (calls.all() - all) / size,
    heldMb: held,
  };
}

async function pushAll(worlds: readonly World[]): Promise<void> {
  const { kernel } = worlds[0]!.region;
  for (const world of worlds) {
    await world.push();
    await kernel.runFor(Math.floor(1000 / worlds.length));
  }
  const isOver = (): boolean => worlds.every((world) => !world.isRolling());
  await kernel.runUntil(isOver, 'the end of all rollouts', ROLLOUT_LIMIT_MS);
}

/** What was applied since then of what functions have asked of AWS. */
interface Applied {
  readonly all: number;
  readonly registrations: number;
  readonly lastUpdateAt: number;
}

function followApplied(region: Region): () => Applied {
  let all = 0;
  let registrations = 0;
  let lastUpdateAt = Number.NaN;
  const stop = region.onApplied(({ caller, operation, at }) => {
    if (caller?.kind !== 'role') return;
    all++;
    if (operation === 'RegisterTaskDefinition') registrations++;
    if (operation === 'UpdateService') lastUpdateAt = at;
  });
  return () => {
    stop();
    return { all, registrations, lastUpdateAt };
  };
}

/** After a collection: what is really held, buffers outside V8's heap included. */
function heldMb(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}
