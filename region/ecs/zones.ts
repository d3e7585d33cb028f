import { countAvoided, disturbanceOf, impairedZones } from './disturbances.ts';
import type { DeploymentRecord, ServiceRecord, World } from './model.ts';
import { emitServiceAction, say } from './service-messages.ts';
import { REBALANCING_MS } from './timing.ts';

/** Where a task goes. */
interface Place {
  readonly availabilityZone: string;
  readonly subnetId: string | undefined;
}

/**
 * The zone with the fewest tasks of the service, then any subnet in it: the scheduler spreads tasks (developer guide, "Updating a
 * service"). `draw`, a whole number, decides among equals.
 */
export function placeOf(world: World, service: ServiceRecord, deployment: DeploymentRecord, draw: number): Place {
  const place = emptiestOf(service, openPlaces(world, deployment), draw);
  const usual = emptiestOf(service, placesOf(world, deployment), draw);
  if (usual.availabilityZone !== place.availabilityZone) countAvoided(world, usual.availabilityZone);
  return place;
}

function emptiestOf(service: ServiceRecord, places: readonly Place[], draw: number): Place {
  const counts = countsByZone(service, places);
  const fewest = Math.min(...counts.values());
  const best = places.filter(({ availabilityZone }) => counts.get(availabilityZone) === fewest);
  return best[draw % best.length]!;
}

/** Those of the deployment's subnets whose zone takes tasks, or all of them when none does. */
function openPlaces(world: World, deployment: DeploymentRecord): readonly Place[] {
  const places = placesOf(world, deployment);
  const impaired = impairedZones(world);
  const open = places.filter(({ availabilityZone }) => !impaired.includes(availabilityZone));
  return open.length > 0 ? open : places;
}

function placesOf(world: World, { networkConfiguration }: DeploymentRecord): readonly Place[] {
  const subnets = networkConfiguration.awsvpcConfiguration?.subnets ?? [];
  return (subnets.length > 0 ? subnets : [undefined]).map((subnetId, index) => ({
    subnetId,
    availabilityZone: (subnetId && world.zoneOfSubnet(subnetId)) ?? `${world.region}${'abc'[index % 3]}`,
  }));
}

/** Tasks by zone; those that are on their way count, those on their way out do not. */
function countsByZone(service: ServiceRecord, places: readonly Place[]): Map<string, number> {
  const counts = new Map(places.map(({ availabilityZone }) => [availabilityZone, 0]));
  for (const { availabilityZone, desiredStatus } of service.tasks) {
    const count = counts.get(availabilityZone);
    if (count !== undefined && desiredStatus === 'RUNNING') counts.set(availabilityZone, count + 1);
  }
  return counts;
}

/**
 * Looks after a steady service's balance: a task in the fullest zone is to leave once another one, in the emptiest, is healthy.
 * Balanced is an equal share for every zone, give or take the remainder (developer guide, "Balancing an Amazon ECS service across
 * Availability Zones"). One task at a time; a deployment ends it without a word. True when a task is to leave from now on.
 */
export function rebalance(world: World, service: ServiceRecord, primary: DeploymentRecord): boolean {
  if (!isBalancing(world, service, primary)) return false;
  if ([...service.tasks].some(({ leaving }) => leaving !== undefined)) return false;
  if (openPlaces(world, primary).length < placesOf(world, primary).length) return false;
  const counts = countsByZone(service, placesOf(world, primary));
  const spread = [...counts].sort(([, one], [, other]) => other - one);
  if (isBalanced(service, spread)) return conclude(world, service, spread);
  service.unbalancedSince ??= world.kernel.now;
  if (!service.isRebalancing && world.kernel.now < service.unbalancedSince + REBALANCING_MS) return false;
  if (!service.isRebalancing) announce(world, service, 'is not AZ balanced', spread);
  service.isRebalancing = true;
  const [fullest] = spread[0]!;
  const task = [...service.tasks].find(({ availabilityZone }) => availabilityZone === fullest)!;
  task.leaving = { why: 'rebalancing', successor: undefined };
  return true;
}

/** When the balance is to be looked at again; undefined for when something happens. */
export function rebalancesAt({ unbalancedSince, isRebalancing }: ServiceRecord): number | undefined {
  return unbalancedSince === undefined || isRebalancing ? undefined : unbalancedSince + REBALANCING_MS;
}

function isBalancing(world: World, service: ServiceRecord, primary: DeploymentRecord): boolean {
  const isAlone = service.deployments.length === 1 && primary.rolloutState === 'COMPLETED';
  const isOn = service.availabilityZoneRebalancing === 'ENABLED' && isAlone;
  if (!isOn) service.isRebalancing = false;
  if (!isOn || !service.isSteady) service.unbalancedSince = undefined;
  return isOn && service.isSteady && !disturbanceOf(world, 'no-capacity', service);
}

function isBalanced({ desiredCount }: ServiceRecord, spread: readonly (readonly [string, number])[]): boolean {
  const share = desiredCount / spread.length;
  return spread.every(([, count]) => count >= Math.floor(share) && count <= Math.ceil(share));
}

function conclude(world: World, service: ServiceRecord, spread: readonly (readonly [string, number])[]): false {
  service.unbalancedSince = undefined;
  if (service.isRebalancing) announce(world, service, 'is AZ balanced', spread);
  service.isRebalancing = false;
  return false;
}

/** The texts as recorded: `is not AZ balanced with 3 tasks in …a, 1 tasks in …c. AZ Rebalancing in progress.` */
function announce(
  world: World,
  service: ServiceRecord,
  what: 'is AZ balanced' | 'is not AZ balanced',
  spread: readonly (readonly [string, number])[],
): void {
  const isStart = what === 'is not AZ balanced';
  const counts = spread.map(([zone, count]) => `${count} tasks in ${zone}`).join(', ');
  say(world, service, `${what} with ${counts}.${isStart ? ' AZ Rebalancing in progress.' : ''}`);
  emitServiceAction(world, service, isStart ? 'SERVICE_REBALANCING_STARTED' : 'SERVICE_REBALANCING_COMPLETED');
}

/** Rebalancing needs room for one task more (ECS's own words). */
export const NO_ROOM_TO_REBALANCE = 'AvailabilityZoneRebalancing does not support maximumPercent <= 100';
