import type { HealthStatus } from '@aws-sdk/client-ecs';
import { earlySuccessOf, type EarlySuccess } from './early-success.ts';
import { isEssential, type ContainerRecord, type TaskRecord, type TaskStatus, type World } from './model.ts';

/** What one task is and runs, at one instant, whatever any API shows of it. Plain data that nobody changes afterwards. */
export interface TaskTruth {
  /** Virtual milliseconds since the epoch. */
  readonly at: number;
  /** Names, as are those of the service. */
  readonly cluster: string;
  readonly service: string;
  /** How many tasks the service wants then. */
  readonly desiredCount: number;
  /** What is enough of them then; undefined where nothing less is than all. */
  readonly earlySuccess?: EarlySuccess | undefined;
  readonly taskArn: string;
  /** The deployment that started it: `ecs-svc/…` */
  readonly deploymentId: string;
  readonly taskDefinition: string;
  readonly lastStatus: TaskStatus;
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  /** RUNNING, with every essential container up, and passing every check that it has: its containers' and its targets'. */
  readonly isSound: boolean;
  readonly containers: readonly ContainerTruth[];
}

/** One container of a task. */
export interface ContainerTruth {
  readonly name: string;
  /** Of the manifest that runs; undefined until its image has been pulled. */
  readonly imageDigest: string | undefined;
  readonly isRunning: boolean;
  /** As its health check has it; UNKNOWN without one, and before its first result. */
  readonly health: HealthStatus;
}

/** Hears of a task at every change of anything that it tells. */
export type OnTruth = (truth: TaskTruth) => void;

/** Who listens, and what they are told; nothing of it costs a call, or passes through what the API shows. */
export interface TruthTap {
  readonly tell: (task: TaskRecord) => void;
  /** The answer removes the listener. */
  readonly listen: (listener: OnTruth) => () => void;
}

/** A tap on tasks; without a listener a change costs nothing. */
export function truthTap(now: () => number): TruthTap {
  const listeners = new Set<OnTruth>();
  return {
    tell(task) {
      if (listeners.size === 0) return;
      const truth = truthOf(task, now());
      for (const listener of listeners) listener(truth);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The tasks of every service that have not stopped, as they are now. */
export function truthNow(world: World): TaskTruth[] {
  const services = [...world.state.clusters.values()].flatMap((cluster) => [...cluster.services.values()]);
  return services.flatMap(({ tasks }) => [...tasks].map((task) => truthOf(task, world.kernel.now)));
}

function truthOf(task: TaskRecord, at: number): TaskTruth {
  const { service, deployment } = task;
  return {
    at,
    cluster: service.cluster.name,
    service: service.name,
    desiredCount: service.desiredCount,
    earlySuccess: earlySuccessOf(service),
    taskArn: task.arn,
    deploymentId: deployment.id,
    taskDefinition: deployment.taskDefinition.arn,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    isSound: isSound(task),
    containers: task.containers.map(({ definition, imageDigest, lastStatus, healthStatus }) => ({
      name: definition.name ?? '',
      imageDigest,
      isRunning: lastStatus === 'RUNNING',
      health: healthStatus,
    })),
  };
}

function isSound({ lastStatus, containers, targets, service }: TaskRecord): boolean {
  if (lastStatus !== 'RUNNING' || !containers.filter(isEssential).every(isUp)) return false;
  // Between RUNNING and its registration a task has no targets yet.
  return targets.length === service.loadBalancers.length && targets.every(({ health }) => health === 'healthy');
}

function isUp({ lastStatus, definition, healthStatus }: ContainerRecord): boolean {
  return lastStatus === 'RUNNING' && (definition.healthCheck === undefined || healthStatus === 'HEALTHY');
}
