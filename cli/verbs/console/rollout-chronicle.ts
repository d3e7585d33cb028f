import type {
  Chronicle,
  ChronicledDeployment,
  ChronicledEvent,
  ChronicledTask,
  Deployer,
} from '../../../picture/chronicle.ts';
import type { Decision, RolloutRecord } from '../../../console/documents.ts';
import { digestIn, revisionName } from '../../../functions/rollout/identifiers.ts';
import { readable } from '../../../timeline/timeline.ts';
import type { ChronicledState } from '../../../picture/chronicle.ts';
import type { WatchedTask } from './watched-tasks.ts';

/** A deployment that ECS tells of at the service. */
export interface ToldDeployment {
  readonly id: string;
  /** ARN. */
  readonly taskDefinition: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** All that was read of one rollout. */
export interface RolloutSeen {
  readonly service: string;
  readonly rolloutId: string;
  /** Milliseconds since the epoch, as are `now` and the tasks' times. */
  readonly startedAt: number;
  readonly now: number;
  /** Its end; absent while it runs. */
  readonly record?: RolloutRecord | undefined;
  /** A tag, or twelve digits. */
  readonly image: string | undefined;
  readonly states: readonly ChronicledState[];
  readonly decisions: readonly Decision[];
  readonly tasks: readonly WatchedTask[];
  readonly deployments: readonly ToldDeployment[];
  readonly desiredCount: number;
  /** What an image is called. */
  readonly nameOf: (digest: string) => string;
  /** Revisions that the rollout put on the service; its own. */
  readonly targets: readonly string[];
}

/** What a picture of one rollout is drawn from. */
export function chronicleOfRollout(seen: RolloutSeen): Chronicle {
  const { service, rolloutId, startedAt, now, record, image, states, desiredCount } = seen;
  const second = (at: number): number => (at - startedAt) / 1000;
  const endedAt = record ? Date.parse(record.endedAt) : now;
  const tasks = seen.tasks.filter(({ task }) => isMeanwhile(task, startedAt, endedAt));
  const deployments = deploymentsOf(seen, tasks, second);
  return {
    service,
    beganAt: startedAt,
    endedAt: second(endedAt),
    rollouts: [
      {
        id: rolloutId,
        startedAt: 0,
        ...(record && { endedAt: second(endedAt) }),
        outcome: record?.outcome ?? 'RUNNING',
        ...(record && { message: readable(record.message) }),
        ...(image !== undefined && { image }),
        states,
      },
    ],
    deployments,
    tasks: tasks.map((one) => chronicled(one, second)),
    desiredCounts: [{ at: 0, count: desiredCount }],
    // Its last step is told a moment after its end was committed.
    events: eventsOf(seen, deployments, second).map((event) => ({ ...event, at: Math.min(event.at, second(endedAt)) })),
  };
}

function isMeanwhile(
  { createdAt, stoppedAt, executionStoppedAt }: WatchedTask['task'],
  from: number,
  to: number,
): boolean {
  const end = (stoppedAt ?? executionStoppedAt)?.getTime() ?? Infinity;
  return (createdAt?.getTime() ?? 0) <= to && end >= from;
}

function chronicled(
  { task, healthyAt, drainingAt, drainedAt }: WatchedTask,
  second: (at: number) => number,
): ChronicledTask {
  const at = (moment: Date | undefined): number | undefined => moment && second(moment.getTime());
  const times = {
    createdAt: at(task.createdAt),
    pullStartedAt: at(task.pullStartedAt),
    pullStoppedAt: at(task.pullStoppedAt),
    startedAt: at(task.startedAt),
    healthyAt: healthyAt === undefined ? undefined : second(healthyAt),
    stoppingAt: at(task.stoppingAt),
    drainingAt: drainingAt === undefined ? undefined : second(drainingAt),
    drainedAt: drainedAt === undefined ? undefined : second(drainedAt),
    executionStoppedAt: at(task.executionStoppedAt),
    stoppedAt: at(task.stoppedAt),
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason && readable(task.stoppedReason),
  };
  const known = Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined));
  return {
    taskId: (task.taskArn ?? '').slice((task.taskArn ?? '').lastIndexOf('/') + 1),
    deploymentId: task.startedBy ?? 'unknown',
    ...known,
    containers: (task.containers ?? []).map(({ name = '', exitCode, reason }) => ({
      name,
      ...(exitCode !== undefined && { exitCode }),
      ...(reason !== undefined && { reason: readable(reason) }),
    })),
  };
}

function deploymentsOf(
  seen: RolloutSeen,
  tasks: readonly WatchedTask[],
  second: (at: number) => number,
): ChronicledDeployment[] {
  const ids = [...new Set(tasks.map(({ task }) => task.startedBy ?? 'unknown'))];
  return ids.map((id) => deploymentOf(id, seen, tasks, second)).sort((one, other) => one.beganAt - other.beganAt);
}

function deploymentOf(
  id: string,
  seen: RolloutSeen,
  tasks: readonly WatchedTask[],
  second: (at: number) => number,
): ChronicledDeployment {
  const own = tasks.filter(({ task }) => (task.startedBy ?? 'unknown') === id).map(({ task }) => task);
  const told = seen.deployments.find((one) => one.id === id);
  const taskDefinition = told?.taskDefinition ?? own[0]?.taskDefinitionArn ?? '';
  const beganAt = second(
    Math.min(told?.createdAt ?? Infinity, ...own.map(({ createdAt }) => createdAt?.getTime() ?? Infinity)),
  );
  const digest = own
    .flatMap(({ containers = [] }) => containers)
    .flatMap((one) => digestIn(one.image) ?? one.imageDigest ?? [])[0];
  return {
    id,
    revision: revisionName(taskDefinition),
    ...(digest !== undefined && { image: seen.nameOf(digest) }),
    by: deployerOf(taskDefinition, beganAt, seen),
    beganAt,
  };
}

/** Whoever made a deployment: ECS does not say, but when it began and what it runs does. */
function deployerOf(taskDefinition: string, beganAt: number, { states, targets, record }: RolloutSeen): Deployer {
  if (beganAt < 0) return 'before';
  const backAt = states.find(({ name }) => name === 'RollBack')?.enteredAt ?? Infinity;
  if (beganAt >= backAt) return 'rollback';
  if (targets.includes(taskDefinition)) return 'rollout';
  return record?.outcome === 'ROLLED_BACK_BY_ECS' ? 'ecs' : 'someone else';
}

/** What has its number in the picture: what was decided, and what others did meanwhile. */
function eventsOf(
  { decisions }: RolloutSeen,
  deployments: readonly ChronicledDeployment[],
  second: (at: number) => number,
): ChronicledEvent[] {
  const decided = decisions.map(({ at, state, word, reason, message }): ChronicledEvent => ({
    at: second(Date.parse(at)),
    kind: 'decided',
    text: `${state}: ${word}${reason === undefined ? '' : ` (${reason})`}${message === undefined ? '' : `: ${readable(message)}`}`,
  }));
  const foreign = deployments
    .filter(({ by }) => by === 'someone else')
    .map(({ beganAt, revision }): ChronicledEvent => ({ at: beganAt, kind: 'foreign', text: `deploys ${revision}` }));
  return [...decided, ...foreign].sort((one, other) => one.at - other.at);
}
