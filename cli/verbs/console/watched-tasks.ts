import { DescribeTasksCommand, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import { containersIn } from '../../../functions/rollout/task-definition-facts.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { describeTaskDefinition } from '../../account/running-service.ts';

/** A task as ECS told it last, with the moments at which we first saw what ECS does not date; milliseconds since the epoch. */
export interface WatchedTask {
  readonly task: Task;
  /** Whether {@link healthyAt} is only its start: nobody saw when it became healthy. */
  readonly isGuessed: boolean;
  readonly healthyAt?: number;
  readonly drainingAt?: number;
  readonly drainedAt?: number;
}

/** Tasks of one service, as they were seen from look to look. */
export interface WatchedTasks {
  /** One look: what runs, and what stopped within the last hour. */
  look(now: number): Promise<readonly WatchedTask[]>;
}

const TASKS_PER_CALL = 100;
const PAGES_MAX = 20;
/** Stopped tasks that are kept in mind; ECS itself forgets them within the hour. */
const KEPT_MAX = 2000;

/** Begins to watch; nothing is read before the first look. */
export function watchTasks(cell: DeployedCell): WatchedTasks {
  const seen = new Map<string, WatchedTask>();
  const checks = new Map<string, Promise<boolean>>();
  const hasCheck = (taskDefinition: string): Promise<boolean> => {
    const known = checks.get(taskDefinition) ?? hasHealthCheck(cell, taskDefinition);
    checks.set(taskDefinition, known);
    return known;
  };
  return {
    async look(now) {
      const [running, stopped] = await Promise.all([listTasks(cell, 'RUNNING'), listTasks(cell, 'STOPPED')]);
      const open = [...running, ...stopped].filter((arn) => seen.get(arn)?.task.lastStatus !== 'STOPPED');
      for (const task of await describeTasks(cell, open)) {
        const arn = task.taskArn!;
        seen.set(arn, observed(task, seen.get(arn), await hasCheck(task.taskDefinitionArn ?? ''), now));
      }
      for (const [arn, { task }] of seen) if (seen.size > KEPT_MAX && task.lastStatus === 'STOPPED') seen.delete(arn);
      return [...seen.values()];
    },
  };
}

/** What a look adds: ECS tells no task's first healthy moment, and none at which it was drained. */
function observed(task: Task, before: WatchedTask | undefined, hasCheck: boolean, now: number): WatchedTask {
  const { lastStatus, desiredStatus, healthStatus } = task;
  const isUp = lastStatus === 'RUNNING' && desiredStatus === 'RUNNING';
  // Without a health check, healthy only means that the process runs.
  const isHealthy = hasCheck ? isUp && healthStatus === 'HEALTHY' : task.startedAt !== undefined;
  const healthyAt = before?.healthyAt ?? (isHealthy ? healthySince(task, before, hasCheck, now) : undefined);
  const guessed = healthyAt === undefined ? guessedHealthy(task) : undefined;
  const isGuessed = before?.isGuessed ?? (guessed !== undefined || (isHealthy && hasCheck && before === undefined));
  const drainingAt =
    before?.drainingAt ?? (lastStatus === 'DEACTIVATING' ? (task.stoppingAt?.getTime() ?? now) : undefined);
  const isDrained = drainingAt !== undefined && /^(STOPPING|DEPROVISIONING|STOPPED)$/.test(lastStatus ?? '');
  const drainedAt =
    before?.drainedAt ?? (isDrained ? Math.min(now, task.executionStoppedAt?.getTime() ?? now) : undefined);
  const healthy = healthyAt ?? guessed;
  return {
    task,
    isGuessed,
    ...(healthy !== undefined && { healthyAt: healthy }),
    ...(drainingAt !== undefined && { drainingAt }),
    ...(drainedAt !== undefined && { drainedAt }),
  };
}

/** A task that only made room for others was sound. */
const MADE_ROOM = /^(ServiceSchedulerInitiated|UserInitiated)$/;

/** Whoever looks first when it is healthy long since knows no better than its start. */
function healthySince(
  { startedAt }: Task,
  before: WatchedTask | undefined,
  hasCheck: boolean,
  now: number,
): number | undefined {
  return hasCheck && before !== undefined ? now : startedAt?.getTime();
}

/** Nobody saw a task that stopped before the first look: that it made room says that it served, but not since when. */
function guessedHealthy({ startedAt, lastStatus, stopCode }: Task): number | undefined {
  const isOver = lastStatus === 'STOPPED' || lastStatus === 'DEPROVISIONING' || lastStatus === 'STOPPING';
  return isOver && MADE_ROOM.test(stopCode ?? '') ? startedAt?.getTime() : undefined;
}

async function hasHealthCheck(cell: DeployedCell, taskDefinition: string): Promise<boolean> {
  const described = await describeTaskDefinition(cell, taskDefinition);
  return (
    described !== undefined &&
    containersIn(described.taskDefinition).some((one) => 'healthCheck' in one && one.healthCheck)
  );
}

async function listTasks({ clients, config }: DeployedCell, desiredStatus: 'RUNNING' | 'STOPPED'): Promise<string[]> {
  const { cluster, serviceName } = config;
  const arns: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await clients.ecs.send(new ListTasksCommand({ cluster, serviceName, desiredStatus, nextToken }));
    arns.push(...(answer.taskArns ?? []));
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return arns;
}

async function describeTasks({ clients, config }: DeployedCell, arns: readonly string[]): Promise<Task[]> {
  const chunks = Array.from({ length: Math.ceil(arns.length / TASKS_PER_CALL) }, (_, index) =>
    arns.slice(index * TASKS_PER_CALL, (index + 1) * TASKS_PER_CALL),
  );
  const told = await Promise.all(
    chunks.map((tasks) => clients.ecs.send(new DescribeTasksCommand({ cluster: config.cluster, tasks }))),
  );
  return told.flatMap(({ tasks }) => tasks ?? []);
}
