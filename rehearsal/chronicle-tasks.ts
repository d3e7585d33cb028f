import type { ChronicledContainer, ChronicledDeployment, ChronicledTask } from '../picture/chronicle.ts';
import type { TaskTruth } from '../region/ecs/ecs.ts';
import { readable } from '../timeline/timeline.ts';
import type { World } from './world.ts';

/** A deployment as its first task told of it; of those that came later nobody knows here who made them. */
export type SeenDeployment = Omit<ChronicledDeployment, 'image'> & { readonly digest: string | undefined };

/** A service's tasks, as they come and go. */
export interface TasksChronicle {
  tasks(): readonly ChronicledTask[];
  deployments(): readonly SeenDeployment[];
  desiredCounts(): { readonly at: number; readonly count: number }[];
}

type Writable<Of> = { -readonly [Member in keyof Of]: Of[Member] };
type Life = Writable<ChronicledTask>;

/** What ECS tells with each change of a task, as a time. */
const TOLD = [
  'createdAt',
  'pullStartedAt',
  'pullStoppedAt',
  'startedAt',
  'stoppingAt',
  'executionStoppedAt',
  'stoppedAt',
] as const;

/** Follows the tasks of a world's service: ECS's events tell times and reasons, the region's own truth tells what is sound. */
export function chronicleTasks(world: World, secondsAt: (milliseconds: number) => number): TasksChronicle {
  const { region, config } = world;
  const lives = new Map<string, Life>();
  const deployments = new Map<string, SeenDeployment>();
  const desiredCounts: { at: number; count: number }[] = [];
  const lifeOf = (taskArn: string, deploymentId: string): Life => {
    const life = lives.get(taskArn) ?? {
      taskId: taskArn.slice(taskArn.lastIndexOf('/') + 1),
      deploymentId,
      containers: [],
    };
    lives.set(taskArn, life);
    return life;
  };
  const hear = (truth: TaskTruth, by: SeenDeployment['by']): void => {
    if (truth.cluster !== config.cluster || truth.service !== config.serviceName) return;
    hearTruth(lifeOf(truth.taskArn, truth.deploymentId), truth, secondsAt(truth.at));
    noteDeployment(deployments, truth, secondsAt(truth.at), by, config.containers);
    if (desiredCounts.at(-1)?.count !== truth.desiredCount)
      desiredCounts.push({ at: secondsAt(truth.at), count: truth.desiredCount });
  };
  const { desiredCount } = region.ecs.serviceView(config.cluster, config.serviceName);
  desiredCounts.push({ at: 0, count: desiredCount });
  region.ecs.truth().forEach((truth) => hear(truth, 'before'));
  region.ecs.onTruth((truth) => hear(truth, 'ecs'));
  region.events.onEvent((event) => {
    if (event['detail-type'] !== 'ECS Task State Change') return;
    const detail: TaskDetail = event.detail;
    const { taskArn = '', group, clusterArn = '', startedBy = '' } = detail;
    if (group === `service:${config.serviceName}` && clusterArn.endsWith(`:cluster/${config.cluster}`))
      hearEvent(lifeOf(taskArn, startedBy), detail, secondsAt);
  });
  return {
    tasks: () => [...lives.values()],
    deployments: () => [...deployments.values()],
    desiredCounts: () => desiredCounts,
  };
}

function hearTruth(life: Life, { lastStatus, desiredStatus, isSound }: TaskTruth, at: number): void {
  if (isSound && desiredStatus === 'RUNNING') life.healthyAt ??= at;
  if (lastStatus === 'DEACTIVATING') life.drainingAt ??= at;
  if (lastStatus === 'STOPPING' && life.drainingAt !== undefined) life.drainedAt ??= at;
}

/** The first task of a deployment pulls its image a little after it was created. */
function noteDeployment(
  deployments: Map<string, SeenDeployment>,
  { deploymentId: id, taskDefinition, containers }: TaskTruth,
  at: number,
  by: SeenDeployment['by'],
  configured: readonly string[],
): void {
  const known = deployments.get(id);
  if (known?.digest !== undefined) return;
  const digest = containers.find(({ name }) => configured.includes(name))?.imageDigest;
  deployments.set(
    id,
    known ? { ...known, digest } : { id, revision: readable(taskDefinition), by, beganAt: at, digest },
  );
}

type TaskDetail = Readonly<Partial<Record<(typeof TOLD)[number], string>>> & {
  readonly taskArn?: string;
  readonly clusterArn?: string;
  readonly group?: string;
  readonly startedBy?: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers?: readonly ChronicledContainer[];
};

function hearEvent(life: Life, detail: TaskDetail, secondsAt: (milliseconds: number) => number): void {
  for (const member of TOLD) {
    const told = detail[member];
    if (told !== undefined) life[member] = secondsAt(Date.parse(told));
  }
  if (detail.stopCode !== undefined) life.stopCode = detail.stopCode;
  if (detail.stoppedReason !== undefined) life.stoppedReason = readable(detail.stoppedReason);
  life.containers = (detail.containers ?? []).map(({ name, exitCode, reason }) => ({
    name,
    ...(exitCode !== undefined && { exitCode }),
    ...(reason !== undefined && { reason: readable(reason) }),
  }));
}
