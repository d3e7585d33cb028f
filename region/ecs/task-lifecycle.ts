import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { PullResult } from '../service.ts';
import { readBehaviour, readLines, readListeningPort } from './behaviour.ts';
import { watchHealth } from './container-health.ts';
import { writeLines } from './container-log.ts';
import { actingDisturbance, countPull, otherImage } from './disturbances.ts';
import { pullRefusal, retrievalFailure } from './execution-role.ts';
import {
  isEssential,
  nowIn,
  varied,
  type ContainerRecord,
  type DeploymentRecord,
  type OnTaskChange,
  type ServiceRecord,
  type TaskRecord,
  type TaskStatus,
  type World,
} from './model.ts';
import { registerTargets } from './target-health.ts';
import { containerExits, failToStart, guarded } from './task-stop.ts';
import { emitTaskChange } from './task-view.ts';
import { placeOf } from './zones.ts';
import {
  CONTAINER_START_MS,
  HEALTHY_WITHOUT_CHECK_MS,
  PENDING_MS,
  PROVISIONING_MS,
  PULL_FAILURE_MS,
  PULL_MS,
  RETRIEVAL_FAILURE_MS,
} from './timing.ts';

/** A task with what its steps need. */
interface Life {
  readonly world: World;
  readonly task: TaskRecord;
  readonly onChange: OnTaskChange;
}

/** Creates a service's task and sends it on its way: PROVISIONING → PENDING → ACTIVATING → RUNNING. */
export function startTask(
  world: World,
  service: ServiceRecord,
  deployment: DeploymentRecord,
  onChange: OnTaskChange,
): TaskRecord {
  const task = newTask(world, service, deployment);
  service.tasks.add(task);
  service.cluster.tasks.set(task.id, task);
  emitTaskChange(world, task);
  const life: Life = { world, task, onChange };
  after(life, PROVISIONING_MS, 'PENDING', () => {
    task.connectivityAt = nowIn(world);
    enter(world, task, 'PENDING');
    after(life, PENDING_MS, 'ACTIVATING', () => prepare(life));
  });
  return task;
}

function newTask(world: World, service: ServiceRecord, deployment: DeploymentRecord): TaskRecord {
  const { random } = world.kernel;
  const id = random.hex(32);
  const place = Math.floor(random.next() * 1_000_000);
  const definitions = deployment.taskDefinition.definition.containerDefinitions ?? [];
  return {
    id,
    arn: world.arns.task(service.cluster.name, id),
    service,
    deployment,
    createdAt: nowIn(world),
    ...placeOf(world, service, deployment, place),
    networkInterface: newNetworkInterface(world, place),
    containers: definitions.map((definition) => newContainer(world, service, id, definition)),
    targets: [],
    timers: new Set(),
    desiredStatus: 'RUNNING',
    lastStatus: 'PROVISIONING',
    healthStatus: 'UNKNOWN',
    isHealthy: false,
    wasHealthy: false,
    version: 0,
    updatedAt: nowIn(world),
  };
}

function newNetworkInterface({ kernel }: World, place: number): TaskRecord['networkInterface'] {
  const serial = kernel.random.hex(17);
  return {
    attachmentId: kernel.random.uuid(),
    id: `eni-${serial}`,
    mac: `0e:${serial.slice(0, 10).match(/../g)!.join(':')}`,
    ip: `10.0.${place % 250}.${4 + (Math.floor(place / 250) % 250)}`,
  };
}

function newContainer(
  world: World,
  { cluster }: ServiceRecord,
  taskId: string,
  definition: ContainerDefinition,
): ContainerRecord {
  return {
    arn: world.arns.container(cluster.name, taskId, world.kernel.random.uuid()),
    definition,
    runtimeId: `${taskId}-${world.kernel.random.digits(10)}`,
    lastStatus: 'PENDING',
    healthStatus: 'UNKNOWN',
    behaviour: { kind: 'healthy' },
    says: [],
  };
}

/** ACTIVATING begins with what the execution role has to get; ECS sends no event for it, so the task's `version` stays. */
function prepare(life: Life): void {
  const { world, task, onChange } = life;
  task.lastStatus = 'ACTIVATING';
  world.tell(task);
  const reason = retrievalFailure(world, task);
  if (reason === undefined) return activate(life);
  after(life, RETRIEVAL_FAILURE_MS, 'cannot get what it needs', () => failToStart(world, task, reason, onChange));
}

function activate(life: Life): void {
  const { world, task, onChange } = life;
  task.pullStartedAt = nowIn(world);
  const failure = task.containers
    .map((container) => pull(world, task, container))
    .find((result) => result.kind === 'failed');
  countPull(world, task);
  world.tell(task);
  if (failure?.kind === 'failed') {
    after(life, PULL_FAILURE_MS, 'pull failed', () => {
      task.pullStoppedAt = nowIn(world);
      failToStart(world, task, failure.reason, onChange);
    });
    return;
  }
  after(life, PULL_MS, 'pulled', () => {
    task.pullStoppedAt = nowIn(world);
    after(life, CONTAINER_START_MS, 'RUNNING', () => run(life));
  });
}

/**
 * Pulls a container's image. Tags are resolved once per service deployment: the first task establishes the digest and
 * later ones pull that (developer guide, "Container image resolution"), unless `versionConsistency` is disabled.
 */
function pull(world: World, task: TaskRecord, container: ContainerRecord): PullResult {
  const { name = '', versionConsistency } = container.definition;
  const trouble = actingDisturbance(world, 'failed-pulls', task.service);
  if (trouble) return { kind: 'failed', reason: `CannotPullContainerError: ${trouble.cause}` };
  const strange = otherImage(world, task, name);
  if (strange !== undefined) return pullOther(world, task, container, strange);
  const { image = '' } = container.definition;
  const { resolvedImages, revision } = task.deployment;
  const resolved = versionConsistency === 'disabled' ? undefined : resolvedImages.get(name);
  const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
  const isPinned = image.includes('@');
  const refused = pullRefusal(world, task, image);
  if (refused !== undefined) return { kind: 'failed', reason: refused };
  const result = world.pullImage(
    resolved && !isPinned ? `${repository}@${resolved.imageDigest}` : image,
    platformOf(task),
  );
  if (result.kind === 'failed') return result;
  const { imageDigest, annotations } = resolved && !isPinned ? resolved : result;
  resolvedImages.set(name, { imageDigest, annotations });
  revision.digests.set(name, imageDigest);
  become(container, imageDigest, annotations);
  return result;
}

/** Another image than the task definition names; the deployment resolves nothing by it. */
function pullOther(world: World, task: TaskRecord, container: ContainerRecord, image: string): PullResult {
  const result = world.pullImage(image, platformOf(task));
  if (result.kind === 'pulled') become(container, result.imageDigest, result.annotations);
  return result;
}

function become(container: ContainerRecord, imageDigest: string, annotations: Readonly<Record<string, string>>): void {
  container.imageDigest = imageDigest;
  container.behaviour = readBehaviour(annotations);
  container.says = readLines(annotations);
  const listensOn = readListeningPort(annotations);
  if (listensOn !== undefined) container.listensOn = listensOn;
}

function platformOf(task: TaskRecord): string {
  const architecture = task.deployment.taskDefinition.definition.runtimePlatform?.cpuArchitecture;
  return architecture === 'ARM64' ? 'linux/arm64' : 'linux/amd64';
}

function run(life: Life): void {
  const { world, task, onChange } = life;
  for (const container of task.containers) {
    container.lastStatus = 'RUNNING';
    if (exitAfterSeconds(container) === undefined) writeLines(world, task, container);
  }
  const early = task.containers.find((container) => exitAfterSeconds(container) === 0 && isEssential(container));
  if (early) return containerExits(world, task, early, onChange);
  task.startedAt = nowIn(world);
  task.deployment.hasRun = true;
  task.deployment.startFailures = 0;
  enter(world, task, 'RUNNING');
  for (const container of task.containers) scheduleExit(life, container);
  const isBalanced = registerTargets(world, task, onChange);
  const isWatched = watchHealth(world, task, onChange);
  if (!isBalanced && !isWatched) {
    after(
      life,
      HEALTHY_WITHOUT_CHECK_MS,
      'counts as healthy',
      () => {
        task.isHealthy = task.wasHealthy = true;
        onChange(task);
      },
      false,
    );
  }
  onChange(task);
}

function scheduleExit(life: Life, container: ContainerRecord): void {
  const { world, task, onChange } = life;
  const seconds = exitAfterSeconds(container);
  if (seconds === undefined) return;
  const exit = (): void => containerExits(world, task, container, onChange);
  after(life, seconds * 1000, `${container.definition.name} exits`, exit, false);
}

function exitAfterSeconds({ behaviour }: ContainerRecord): number | undefined {
  return behaviour.kind === 'crash' || behaviour.kind === 'out-of-memory' ? behaviour.afterSeconds : undefined;
}

/** Moves a task to a status that ECS announces. */
function enter(world: World, task: TaskRecord, status: TaskStatus): void {
  task.lastStatus = status;
  emitTaskChange(world, task);
}

/**
 * Schedules a step of a task's life that is dropped when the task stops for another reason. What the step should never have
 * thrown stops the task.
 */
function after(life: Life, delayMs: number, label: string, act: () => void, isVaried = true): void {
  const { world, task, onChange } = life;
  const name = `ecs task ${task.id.slice(0, 8)} ${label}`;
  const timer = world.kernel.after(isVaried ? varied(world, delayMs) : delayMs, 'timer', name, () => {
    task.timers.delete(timer);
    guarded(world, task, name, onChange, act);
  });
  task.timers.add(timer);
}
