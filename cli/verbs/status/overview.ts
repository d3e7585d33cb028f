import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { isExecutionRunning } from '../../../functions/aws/executions.ts';
import { stateAndNewest } from '../../../functions/aws/history.ts';
import { describeClusterTasks, readServices } from '../../../functions/aws/service.ts';
import { isNeeded } from '../../../functions/rollout/acknowledge.ts';
import { checkedContainers } from '../../../functions/rollout/bake.ts';
import { isUp } from '../../../functions/rollout/evidence.ts';
import { isDeliberate } from '../../../functions/rollout/lead-sentence.ts';
import type { LedgerState, RolloutRecord, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { OUTCOMES } from '../../../functions/rollout/outcomes.ts';
import { primaryOf, type TaskFacts } from '../../../functions/rollout/service-facts.ts';
import { LEFT } from '../../../functions/rollout/take-over.ts';
import { taskDefinitionFacts } from '../../../functions/rollout/task-definition-facts.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { explainFailure, type Place } from '../../account/failures.ts';
import { stackName } from '../../../configuration/names.ts';
import { describeTaskDefinition } from '../../account/running-service.ts';
import { lastTold } from '../history/records.ts';

/** How a service stands, the worst first. */
export const CONDITIONS = ['unknown', 'down', 'broken', 'degraded', 'failed', 'rolling', 'pinned', 'well'] as const;

/** One of {@link CONDITIONS}. */
export type Condition = (typeof CONDITIONS)[number];

/** What one service runs, as far as few calls tell it. */
export interface RunningBriefly {
  readonly taskDefinition: string;
  /** Of the revision, where the ledger knows it. */
  readonly image: Pick<SelectedImage, 'digest' | 'tag'> | undefined;
  readonly isProven: boolean;
  readonly desiredCount: number;
  readonly runningCount: number;
  /** Tasks of that revision that serve: each container that is rolled has passed its health check, if it has one. Undefined where nobody could look. */
  readonly healthyCount: number | undefined;
  /** Tasks of other deployments that run, and no health check speaks against them. */
  readonly otherHealthyCount: number | undefined;
}

/** One service of several. */
export interface Brief {
  readonly cell: DeployedCell;
  readonly condition: Condition;
  /** Why nothing is known of it; the rest is absent then. */
  readonly refused?: string | undefined;
  readonly ledger?: LedgerState | undefined;
  /** Undefined when ECS has no such service. */
  readonly running?: RunningBriefly | undefined;
  /** Whether the rollout that holds the service goes on; undefined where none holds it. */
  readonly isOwnerRunning?: boolean | undefined;
  /** The rollout that ended last, one that people are told of before the others. */
  readonly last?: RolloutRecord | undefined;
}

/** Records among which the one is looked for that people were told of: the others say that there was nothing to roll. */
const RECORDS_READ = 5;

/** Looks at services, the worst first: a call for each, two while ECS deploys, and one for ten services or a hundred tasks of a cluster. */
export async function readOverview(cells: readonly DeployedCell[]): Promise<readonly Brief[]> {
  const clusters = await readClusters(cells);
  const briefs = await Promise.all(cells.map((cell) => readBrief(cell, clusters)));
  const rank = ({ condition }: Brief): number => CONDITIONS.indexOf(condition);
  return briefs.sort((a, b) => rank(a) - rank(b) || (a.cell.config.service < b.cell.config.service ? -1 : 1));
}

/** What ECS says of a cluster's services, by name, and of its tasks. */
interface SeenCluster {
  readonly services: ReadonlyMap<string, Service>;
  readonly tasks: readonly TaskFacts[] | undefined;
}

type Clusters = ReadonlyMap<string, SeenCluster | Refusal>;

interface Refusal {
  readonly refused: string;
}

async function readClusters(cells: readonly DeployedCell[]): Promise<Clusters> {
  const names = new Set(cells.map(({ config }) => config.cluster));
  const looks = [...names].map(async (cluster) => {
    const inIt = cells.filter(({ config }) => config.cluster === cluster);
    const { region } = inIt[0]!;
    return [cluster, await unlessRefused({ region }, () => readCluster(cluster, inIt))] as const;
  });
  return new Map(await Promise.all(looks));
}

async function readCluster(cluster: string, cells: readonly DeployedCell[]): Promise<SeenCluster> {
  const { ecs } = cells[0]!.clients;
  const services = await readServices(
    ecs,
    cluster,
    cells.map(({ config }) => config.serviceName),
  );
  const runs = services.some(({ runningCount = 0 }) => runningCount > 0);
  const tasks = runs ? await unlessRefused({}, () => describeClusterTasks(ecs, cluster)) : [];
  const active = services.filter(({ status }) => status !== 'INACTIVE');
  return {
    services: new Map(active.map((service) => [service.serviceName ?? '', service])),
    tasks: 'refused' in tasks ? undefined : tasks,
  };
}

async function readBrief(cell: DeployedCell, clusters: Clusters): Promise<Brief> {
  const place = { stackName: stackName(cell.service.name), region: cell.region };
  const read = await unlessRefused(place, async () => {
    const cluster = clusters.get(cell.config.cluster)!;
    if ('refused' in cluster) return cluster;
    const { state: ledger, records } = await stateAndNewest(cell.ledger, RECORDS_READ);
    const { owner } = ledger;
    const isOwnerRunning = owner && (await isExecutionRunning(cell.clients.sfn, owner));
    return { ledger, running: await runningIn(cell, cluster, ledger, records), isOwnerRunning, records };
  });
  if ('refused' in read) return { cell, condition: 'unknown', refused: read.refused };
  const { records, ...brief } = read;
  return { cell, condition: conditionOf(read), ...brief, last: lastTold(records) };
}

async function runningIn(
  cell: DeployedCell,
  { services, tasks }: SeenCluster,
  ledger: LedgerState,
  records: readonly RolloutRecord[],
): Promise<RunningBriefly | undefined> {
  const service = services.get(cell.config.serviceName);
  const primary = primaryOf(service);
  if (!service || !primary) return undefined;
  const { taskDefinition = '', runningCount = 0 } = primary;
  const others = (service.deployments ?? []).map(({ id }) => id).filter((id) => id !== primary.id);
  const up = tasks?.filter(isUp);
  const desired = up?.filter(({ startedBy }) => startedBy === primary.id);
  const checked = desired && (await checkedIn(cell, primary, desired));
  return {
    taskDefinition,
    image: imageOf(taskDefinition, ledger, records),
    isProven: ledger.verified.some((revision) => revision.taskDefinition === taskDefinition),
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? runningCount,
    healthyCount: checked && desired.filter((task) => hasPassed(task, checked)).length,
    otherHealthyCount: up?.filter(({ startedBy = '' }) => others.includes(startedBy)).length,
  };
}

/**
 * Containers that have a health check, among those that are rolled. `UNKNOWN` is said of one that has none, and of one that has
 * passed none yet: what other tasks show tells them apart, and that ECS calls a deployment COMPLETED; else a call does.
 */
async function checkedIn(
  cell: DeployedCell,
  { taskDefinition = '', rolloutState }: Pick<Deployment, 'taskDefinition' | 'rolloutState'>,
  tasks: readonly TaskFacts[],
): Promise<readonly string[]> {
  const shown = cell.config.containers.filter((name) => tasks.some((task) => isChecked(task, name)));
  if (rolloutState === 'COMPLETED' || tasks.length === 0 || shown.length === cell.config.containers.length)
    return shown;
  const described = await unlessRefused({}, async () => ({
    found: await describeTaskDefinition(cell, taskDefinition),
  }));
  if ('refused' in described || !described.found) return shown;
  return checkedContainers({ base: taskDefinitionFacts(described.found.taskDefinition) }, cell.config);
}

function isChecked({ containers }: TaskFacts, name: string): boolean {
  const healthStatus = containers.find((container) => container.name === name)?.healthStatus ?? 'UNKNOWN';
  return healthStatus !== 'UNKNOWN';
}

function hasPassed({ containers }: TaskFacts, names: readonly string[]): boolean {
  const hasOne = (name: string): boolean =>
    containers.some((container) => container.name === name && container.healthStatus === 'HEALTHY');
  return names.every(hasOne);
}

/** The image of a revision, with the tag by which a rollout knew it: no call is made for it. */
function imageOf(
  taskDefinition: string,
  { verified, owner, seen }: LedgerState,
  records: readonly RolloutRecord[],
): RunningBriefly['image'] {
  const isIts = (revision: string | undefined): boolean => revision === taskDefinition;
  const digest =
    verified.find((revision) => isIts(revision.taskDefinition))?.digest ??
    (owner?.targets.some(isIts) ? owner.image.digest : undefined) ??
    records.find((record) => isIts(record.taskDefinition))?.image?.digest;
  if (digest === undefined) return undefined;
  const known = [seen, owner?.image, ...records.map(({ image }) => image)];
  return { digest, tag: known.find((image) => image?.digest === digest && image.tag !== undefined)?.tag };
}

/** Outcomes after which the service runs what nobody proved; ledgers of older releases do not say that someone is needed. */
const LEFT_BROKEN: readonly string[] = ['FAILED_ROLLBACK', 'FAILED_NO_ROLLBACK_TARGET'];

/**
 * Whether a rollout's end tells how the service does: not one that someone stopped, nor one that someone asked for and was
 * refused, and nothing that people are not told of. A refused push tells: what was pushed does not go out.
 */
function isTelling(record: RolloutRecord): boolean {
  const { outcome, reason, request } = record;
  const isUndone = outcome !== 'FAILED_ROLLBACK' && reason === LEFT.stopped.reason;
  if (isDeliberate(record) || isUndone || (outcome === 'REJECTED' && request !== undefined)) return false;
  return OUTCOMES[outcome].isAnnounced;
}

interface Read extends Required<Pick<Brief, 'running' | 'isOwnerRunning'>> {
  readonly ledger: LedgerState;
  /** The newest first. */
  readonly records: readonly RolloutRecord[];
}

/** Who needs someone comes before what else is wrong, even while something rolls that may fix it. */
function conditionOf({ ledger, running, isOwnerRunning, records }: Read): Condition {
  if (!running) return 'down';
  const serving = servingCount(running);
  if (running.desiredCount > 0 && serving === 0) return 'down';
  if (isOwnerRunning === false || isNeeded(ledger)) return 'broken';
  if (ledger.owner) return 'rolling';
  const told = records.find(isTelling);
  if (ledger.needsSomeone || (told && LEFT_BROKEN.includes(told.outcome))) return 'broken';
  if (serving < running.desiredCount) return 'degraded';
  if (told && !OUTCOMES[told.outcome].endsWell) return 'failed';
  return ledger.pin ? 'pinned' : 'well';
}

/** Tasks of every revision that serve, as far as anybody could look. */
function servingCount({ runningCount, healthyCount = runningCount, otherHealthyCount = 0 }: RunningBriefly): number {
  return healthyCount + otherHealthyCount;
}

/** What one of many may not show, or fails to, does not keep the others from being shown. */
async function unlessRefused<T extends object>(place: Place, look: () => Promise<T>): Promise<T | Refusal> {
  try {
    return await look();
  } catch (error) {
    const failure = explainFailure(error, place);
    if (failure) return { refused: failure.message };
    throw error;
  }
}
