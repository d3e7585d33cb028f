import type { Service } from '@aws-sdk/client-ecs';
import { isExecutionRunning } from '../../../functions/aws/executions.ts';
import { stateAndNewest } from '../../../functions/aws/history.ts';
import { describeClusterTasks, readServices } from '../../../functions/aws/service.ts';
import { isUp } from '../../../functions/rollout/evidence.ts';
import type { LedgerState, RolloutRecord, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { OUTCOMES } from '../../../functions/rollout/outcomes.ts';
import { primaryOf, type TaskFacts } from '../../../functions/rollout/service-facts.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { explainFailure, type Place } from '../../account/failures.ts';
import { stackName } from '../../../configuration/names.ts';
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
  /** Tasks that run and of which no health check says otherwise; undefined where the tasks could not be looked at. */
  readonly healthyCount: number | undefined;
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

/** Looks at services, the worst first: a call for each, and one for ten services or a hundred tasks of a cluster. */
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
    const last = lastTold(records);
    const running = runningIn(cluster, cell.config.serviceName, ledger, records);
    return { ledger, running, isOwnerRunning, last };
  });
  if ('refused' in read) return { cell, condition: 'unknown', refused: read.refused };
  return { cell, condition: conditionOf(read), ...read };
}

function runningIn(
  { services, tasks }: SeenCluster,
  serviceName: string,
  ledger: LedgerState,
  records: readonly RolloutRecord[],
): RunningBriefly | undefined {
  const service = services.get(serviceName);
  const primary = primaryOf(service);
  if (!service || !primary) return undefined;
  const { taskDefinition = '', runningCount = 0 } = primary;
  const deployments = (service.deployments ?? []).map(({ id }) => id);
  const ours = tasks?.filter(({ startedBy }) => startedBy !== undefined && deployments.includes(startedBy));
  return {
    taskDefinition,
    image: imageOf(taskDefinition, ledger, records),
    isProven: ledger.verified.some((revision) => revision.taskDefinition === taskDefinition),
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? runningCount,
    healthyCount: ours?.filter(isUp).length,
  };
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

type Read = Required<Pick<Brief, 'ledger' | 'running' | 'isOwnerRunning' | 'last'>>;

function conditionOf({ ledger, running, isOwnerRunning, last }: Read): Condition {
  if (!running) return 'down';
  const { desiredCount, runningCount, healthyCount = runningCount } = running;
  if (desiredCount > 0 && healthyCount === 0) return 'down';
  if (isOwnerRunning === false) return 'broken';
  if (ledger?.owner) return 'rolling';
  if (ledger?.needsSomeone || (last && LEFT_BROKEN.includes(last.outcome))) return 'broken';
  if (healthyCount < desiredCount) return 'degraded';
  if (last && !OUTCOMES[last.outcome].endsWell) return 'failed';
  return ledger?.pin ? 'pinned' : 'well';
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
