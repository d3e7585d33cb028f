import type { StepDecision } from './course.ts';
import { plainText, revisionName, type DeploymentId } from './identifiers.ts';
import type { ServiceFacts, TaskFacts } from './service-facts.ts';
import { classifyStop } from './stopped-task.ts';
import type { ContainerDefinitionFacts } from './task-definition-facts.ts';

/** A task with all times that ECS gives it, milliseconds since the epoch. */
export interface SeenTask extends TaskFacts {
  readonly createdAt?: number | undefined;
  readonly pullStartedAt?: number | undefined;
  readonly pullStoppedAt?: number | undefined;
  readonly stoppingAt?: number | undefined;
  readonly executionStoppedAt?: number | undefined;
}

/** A service and its tasks: those that run and those that stopped within the last hour, before ECS forgets them. */
export interface SeenTasks {
  readonly service: ServiceFacts;
  readonly tasks: readonly SeenTask[];
  /** The configured containers of what the service is to run; undefined where that was not looked at. */
  readonly containers?: readonly ContainerDefinitionFacts[] | undefined;
}

/** What a task was to a rollout: it ran before, is new, was put back, or is of a deployment that somebody else made. */
export type TaskRole = 'before' | 'new' | 'back' | 'other';

/** One task as the history keeps it. Times are ECS's own, milliseconds since the epoch, but {@link healthyAt}. */
export interface TaskLife {
  readonly taskId: string;
  readonly role: TaskRole;
  /** `api:42` */
  readonly revision: string;
  readonly deploymentId: string | undefined;
  readonly createdAt?: number | undefined;
  readonly pullStartedAt?: number | undefined;
  readonly pullStoppedAt?: number | undefined;
  readonly startedAt?: number | undefined;
  /** When it was healthy at the latest: ECS does not date health. Undefined where nothing shows that it ever was. */
  readonly healthyAt?: number | undefined;
  /** How much earlier it may have been, seconds. */
  readonly healthyWithinSeconds?: number | undefined;
  readonly stoppingAt?: number | undefined;
  readonly executionStoppedAt?: number | undefined;
  readonly stoppedAt?: number | undefined;
  readonly stopCode?: string | undefined;
  readonly containers: readonly ContainerEnd[];
}

/** How a container of a task ended, if it did. */
export interface ContainerEnd {
  readonly name: string;
  readonly exitCode?: number | undefined;
  readonly reason?: string | undefined;
}

/** Settings of the service that decide how long a rollout takes. */
export interface PaceSettings {
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** Whether a load balancer or VPC Lattice checks and drains its tasks. */
  readonly hasTargets: boolean;
  /** The longest interval of a container's health check; undefined where none has one. */
  readonly checkSeconds?: number | undefined;
  /** The longest that a container may take to stop. */
  readonly stopSeconds?: number | undefined;
}

/** The tasks that a rollout had to do with. */
export interface TasksKept {
  /** Tasks that the service wanted in the end. */
  readonly desiredCount: number;
  /** In the order in which they were created. */
  readonly tasks: readonly TaskLife[];
  /** How many more there were: each that failed is kept as far as there is room, and 40 of the others. */
  readonly tasksLeftOut: Readonly<Record<TaskRole, number>>;
  /** What decides how long it takes. */
  readonly settings: PaceSettings;
}

/** What tells the tasks of a rollout apart. */
export interface Roles {
  /** When it started, milliseconds since the epoch: what stopped before is not its concern. */
  readonly startedAt: number;
  readonly isRecovery: boolean;
  readonly rolled: RolledAs | null;
  /** What was put back, once it was; definitions of older releases do not say. */
  readonly back?: RolledAs | null | undefined;
  /** The deployment that ran before: ECS's own rollback goes on with it. */
  readonly baselineId: DeploymentId | undefined;
  readonly judged: readonly StepDecision[];
}

/** What RollService answers when it has put something on the service. */
export interface RolledAs {
  readonly deploymentId?: DeploymentId | undefined;
  readonly since?: number | undefined;
}

/** Others than failed ones that are kept in full. */
const OTHERS_KEPT = 40;

/** Bytes of JSON that all kept tasks may take: an item of DynamoDB holds 400 KB, and whoever lists a history reads many. */
const BYTES_MAX = 60_000;

const CONTAINERS_MAX = 10;

/** What the history keeps of the tasks that were seen when a rollout ended. */
export function tasksOf({ service, tasks, containers }: SeenTasks, roles: Roles): TasksKept {
  const own = tasks
    .filter((task) => endOf(task) >= roles.startedAt)
    .map((task) => ({ task, role: roleOf(task, roles) }))
    .toSorted((one, other) => createdAtOf(one.task) - createdAtOf(other.task));
  const healthy = healthyTimes(own, service, roles);
  const lives = own.map(({ task, role }) => ({
    life: lifeOf(task, role, healthy.get(task)),
    isFailed: hasFailed(task),
  }));
  const kept = new Set(withinBytes(chosen(lives)));
  const leftOut = { before: 0, new: 0, back: 0, other: 0 };
  for (const { life } of lives) if (!kept.has(life)) leftOut[life.role]++;
  return {
    desiredCount: service.desiredCount,
    tasks: lives.map(({ life }) => life).filter((life) => kept.has(life)),
    tasksLeftOut: leftOut,
    settings: settingsOf(service, containers),
  };
}

function settingsOf(service: ServiceFacts, containers: readonly ContainerDefinitionFacts[] = []): PaceSettings {
  const { minimumHealthyPercent, maximumPercent, hasTargets } = service;
  const most = (seconds: readonly (number | undefined)[]): number | undefined => {
    const known = seconds.filter((each) => each !== undefined);
    return known.length > 0 ? Math.max(...known) : undefined;
  };
  return {
    minimumHealthyPercent,
    maximumPercent,
    hasTargets,
    checkSeconds: most(
      containers.map(({ hasHealthCheck, checkSeconds }) => (hasHealthCheck ? checkSeconds : undefined)),
    ),
    stopSeconds: most(containers.map(({ stopSeconds }) => stopSeconds)),
  };
}

function roleOf({ startedBy, createdAt = 0 }: SeenTask, roles: Roles): TaskRole {
  const { isRecovery, rolled, back, baselineId } = roles;
  const isSince = (since: number | undefined): boolean => createdAt >= (since ?? Infinity);
  if (rolled && startedBy === rolled.deploymentId) return isRecovery ? 'back' : 'new';
  // ECS's own rollback goes on with the deployment that ran before.
  if (back && startedBy === back.deploymentId && (startedBy !== baselineId || isSince(back.since))) return 'back';
  return startedBy === baselineId || !isSince(rolled?.since) ? 'before' : 'other';
}

/** Whether its end speaks against what it ran, or against the platform; one that made room for others did not fail. */
function hasFailed(task: SeenTask): boolean {
  if (task.stopCode === undefined && task.stoppedReason === undefined) return false;
  return classifyStop(task).blame !== 'ordinary' || !MADE_ROOM.includes(task.stopCode);
}

const MADE_ROOM: readonly (string | undefined)[] = [undefined, 'ServiceSchedulerInitiated', 'UserInitiated'];

interface Own {
  readonly task: SeenTask;
  readonly role: TaskRole;
}

interface Healthy {
  readonly at: number;
  readonly withinSeconds: number;
}

/**
 * When tasks were healthy at the latest. ECS tells of no moment at which a task became it; but it tells an old task to stop only
 * once enough others are healthy, and what was judged steady was healthy then.
 */
function healthyTimes(own: readonly Own[], service: ServiceFacts, roles: Roles): ReadonlyMap<SeenTask, Healthy> {
  const found = new Map<SeenTask, Healthy>();
  for (const role of ['new', 'back'] as const) {
    const started = own.filter((one) => one.role === role && one.task.startedAt !== undefined).map(({ task }) => task);
    const gone = stopsAfter(
      own.filter((one) => one.role !== role),
      started,
    );
    const needed = Math.ceil((service.desiredCount * service.minimumHealthyPercent) / 100) - gone.others;
    const steadyAt = steadyTimes(role, roles);
    const inOrder = started.toSorted((one, other) => one.startedAt! - other.startedAt!);
    inOrder.forEach((task, index) => {
      // The stop at which at least `index + 1` of these tasks had to be healthy.
      const shown = hasFailed(task) ? undefined : gone.times[Math.max(0, index - needed)];
      const at = latestOf(task, service, [...steadyAt, shown]);
      if (at !== undefined) found.set(task, { at, withinSeconds: (at - task.startedAt!) / 1000 });
    });
  }
  return found;
}

/** When tasks of other deployments were told to make room, oldest first, and how many of those there were. */
function stopsAfter(others: readonly Own[], started: readonly SeenTask[]): { times: number[]; others: number } {
  const since = Math.min(...started.map(createdAtOf));
  const there = others.filter(({ task }) => createdAtOf(task) < since && (task.stoppingAt ?? Infinity) >= since);
  const times = there.flatMap(({ task }) => (task.stoppingAt === undefined || hasFailed(task) ? [] : task.stoppingAt));
  return { times: times.toSorted((one, other) => one - other), others: there.length };
}

function steadyTimes(role: 'new' | 'back', { judged }: Roles): number[] {
  const state = role === 'new' ? 'AwaitSteadyState' : 'AwaitRollback';
  return judged.filter((one) => one.state === state && one.word === 'steady').map(({ at }) => at);
}

/** The earliest of these times at which it ran; its start where nothing checks it. */
function latestOf(task: SeenTask, service: ServiceFacts, times: readonly (number | undefined)[]): number | undefined {
  const { startedAt = Infinity, stoppingAt = Infinity, healthStatus = 'UNKNOWN' } = task;
  const isChecked = service.hasTargets || healthStatus !== 'UNKNOWN';
  if (!isChecked) return hasFailed(task) ? undefined : startedAt;
  const ran = times.flatMap((at) => (at !== undefined && at >= startedAt && at <= stoppingAt ? at : []));
  return ran.length > 0 ? Math.min(...ran) : undefined;
}

function lifeOf(task: SeenTask, role: TaskRole, healthy: Healthy | undefined): TaskLife {
  const { taskArn, taskDefinition, startedBy, createdAt, pullStartedAt, pullStoppedAt, startedAt } = task;
  const { stoppingAt, executionStoppedAt, stopCode, lastStatus } = task;
  return {
    taskId: taskArn.slice(taskArn.lastIndexOf('/') + 1),
    role,
    revision: revisionName(taskDefinition),
    deploymentId: startedBy,
    createdAt,
    pullStartedAt,
    pullStoppedAt,
    startedAt,
    healthyAt: healthy?.at,
    healthyWithinSeconds: healthy?.withinSeconds,
    stoppingAt,
    executionStoppedAt,
    stoppedAt: lastStatus === 'STOPPED' ? task.stoppedAt : undefined,
    stopCode,
    containers: task.containers.slice(0, CONTAINERS_MAX).map(({ name, exitCode, reason }) => ({
      name,
      exitCode,
      reason: reason === undefined ? undefined : plainText(reason, 200),
    })),
  };
}

interface Judged {
  readonly life: TaskLife;
  readonly isFailed: boolean;
}

/** Those that failed, and of the others as many as are kept: of each role alike, evenly from the first to the last. */
function chosen(lives: readonly Judged[]): TaskLife[] {
  const failed = lives.filter(({ isFailed }) => isFailed).map(({ life }) => life);
  const others = lives.filter(({ isFailed }) => !isFailed).map(({ life }) => life);
  const roles = [...new Set(others.map(({ role }) => role))];
  const groups = roles
    .map((role) => others.filter((life) => life.role === role))
    .toSorted((one, other) => one.length - other.length);
  let room = OTHERS_KEPT;
  const picked = groups.flatMap((group, index) => {
    const some = evenly(group, Math.floor(room / (groups.length - index)));
    room -= some.length;
    return some;
  });
  return [...failed, ...picked];
}

function evenly<Item>(items: readonly Item[], count: number): Item[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, index) => items[Math.round((index * (items.length - 1)) / (count - 1))]!);
}

function withinBytes(lives: readonly TaskLife[]): TaskLife[] {
  let bytes = 0;
  return lives.filter((life) => {
    bytes += new TextEncoder().encode(JSON.stringify(life)).length;
    return bytes <= BYTES_MAX;
  });
}

function createdAtOf({ createdAt, startedAt }: SeenTask): number {
  return createdAt ?? startedAt ?? 0;
}

function endOf({ stoppingAt, executionStoppedAt, stoppedAt, lastStatus }: SeenTask): number {
  return executionStoppedAt ?? (lastStatus === 'STOPPED' ? (stoppedAt ?? stoppingAt) : undefined) ?? Infinity;
}
