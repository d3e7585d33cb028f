import { DELIVERY_LATENCY_MS } from '../region/events/timing.ts';
import { openWorld, type World } from '../rehearsal/world.ts';
import { median, type Measurement } from './measurement.ts';
import { installWatchers, startWatcher, WATCHER_NAMES, type WatcherName } from './watchers.ts';

const ROLLS = 12;
const BEYOND_THE_EVENT_MAX_SECONDS = 1;

/** Seconds from the moment at which ECS knew that a deployment was complete. */
type Lags = Readonly<Record<WatcherName | 'ours', number>>;

/** How late we notice, and how late two usual watchers notice that began to watch the same service at the same instant. */
export async function measureDetection(assembly: string, scratch: string): Promise<Measurement[]> {
  const world = await openWorld({
    assembly,
    service: { hasHealthCheck: true, members: { healthCheckGracePeriodSeconds: 900 } },
  });
  const watchers = await installWatchers(world.region, scratch);
  await world.push();
  await world.untilRolloutEnds();
  const lags: Lags[] = [];
  for (let roll = 0; roll < ROLLS; roll++) {
    await world.untilIdle();
    // Slightly longer every time, so that nobody is lucky with the rhythm of its questions.
    lags.push(await rollWatched(world, watchers, 20 + roll * 7));
  }
  await world.close();
  const bound = BEYOND_THE_EVENT_MAX_SECONDS + DELIVERY_LATENCY_MS / 1000;
  const of = (name: keyof Lags): number[] => lags.map((lag) => lag[name]);
  return [
    { name: 'detection lag, ours, worst', value: Math.max(...of('ours')), unit: 's', bound },
    { name: 'detection lag, ours, median', value: median(of('ours')), unit: 's' },
    { name: 'detection lag, waitUntilServicesStable, median', value: median(of('waitUntilServicesStable')), unit: 's' },
    { name: 'detection lag, a poll every 15 s, median', value: median(of('poll15Seconds')), unit: 's' },
  ];
}

async function rollWatched(
  world: World,
  watchers: Readonly<Record<WatcherName, string>>,
  afterSeconds: number,
): Promise<Lags> {
  const { region, config } = world;
  const { cluster, serviceName: service } = config;
  const formerTaskDefinition = (await world.service()).taskDefinition;
  const completion = nextCompletion(world);
  await world.push({ behaviour: 'slow-start', afterSeconds });
  const hasRolled = (): boolean => region.ecs.serviceView(cluster, service).deployments.length > 1;
  await region.kernel.runUntil(hasRolled, 'the update of the service', 60_000);
  const noticed = new Map<WatcherName, number>();
  for (const name of WATCHER_NAMES) {
    startWatcher(region, watchers[name], { cluster, service, formerTaskDefinition }, (at) => noticed.set(name, at));
  }
  const { outcome } = await world.untilRolloutEnds();
  if (outcome !== 'SUCCEEDED') throw new Error(`a good push ended ${outcome}`);
  const judgedAt = region.calls.findLast(({ operation }) => operation === 'SendTaskSuccess')!.at;
  await region.kernel.runUntil(() => noticed.size === WATCHER_NAMES.length, 'the end of the watchers', 900_000);
  const lag = (at: number): number => (at - completion.at()) / 1000;
  return {
    ours: lag(judgedAt),
    waitUntilServicesStable: lag(noticed.get('waitUntilServicesStable')!),
    poll15Seconds: lag(noticed.get('poll15Seconds')!),
  };
}

/** Waits for ECS's event that the next deployment is complete; `at` is when ECS sent it. */
function nextCompletion({ region }: World): { readonly at: () => number } {
  let at = Number.NaN;
  const stop = region.events.onEvent(({ detail }) => {
    if (detail['eventName'] !== 'SERVICE_DEPLOYMENT_COMPLETED') return;
    at = region.kernel.now;
    stop();
  });
  return { at: () => at };
}
