import type { ContainerFacts, TaskFacts } from './service-facts.ts';
import type { Watch } from './watch.ts';

/**
 * What one task proves. `sound` speaks for the expected digest, `wrong-digest` and `failed` (a configured container ended with
 * an error, and its task goes on without it) against it; `ended` is a task whose configured containers all ended with 0;
 * `unproven` is anything in between.
 */
export type TaskEvidence = 'sound' | 'wrong-digest' | 'failed' | 'ended' | 'unproven';

/** What evidence is measured by. */
export type Yardstick = Pick<Watch, 'containers' | 'imageDigests' | 'mayEnd' | 'checked'>;

/** Health that does not speak against a task or a container: it has no health check (`UNKNOWN`) or passes it. Words of the future do. */
const HEALTHY_ENOUGH: readonly (string | undefined)[] = [undefined, 'UNKNOWN', 'HEALTHY'];

/**
 * Looks at the configured containers of one task, for a task runs on without a container that is not essential, and its health
 * is that of the essential ones: each must be RUNNING, not unhealthy, and show an expected digest. One that has ended with 0
 * counts beside another that runs, or where it may end.
 */
export function evidenceOf(task: TaskFacts, yardstick: Yardstick): TaskEvidence {
  const containers = yardstick.containers.map((name) => task.containers.find((container) => container.name === name));
  if (strangeContainer(task, yardstick)) return 'wrong-digest';
  if (!isUp(task) || containers.length === 0 || !containers.every(showsDigest)) return 'unproven';
  if (containers.some(hasFailed)) return 'failed';
  const isSoundHere = (container: ContainerFacts): boolean => isSound(container, yardstick);
  if (!containers.every((container) => isSoundHere(container) || hasEnded(container))) return 'unproven';
  return yardstick.mayEnd || containers.some(isSoundHere) ? 'sound' : 'ended';
}

/** Whether a task runs, and no health check of its speaks against it. */
export function isUp({ lastStatus, healthStatus }: Pick<TaskFacts, 'lastStatus' | 'healthStatus'>): boolean {
  return lastStatus === 'RUNNING' && HEALTHY_ENOUGH.includes(healthStatus);
}

/** The configured container that shows another digest than is expected. */
export function strangeContainer(task: TaskFacts, yardstick: Yardstick): ContainerFacts | undefined {
  const { containers, imageDigests } = yardstick;
  return task.containers.find(
    ({ name, imageDigest }) =>
      containers.includes(name) && imageDigest !== undefined && !imageDigests.includes(imageDigest),
  );
}

/** The configured container that ended in a running task, first of all with an error. */
export function endedContainer(task: TaskFacts, { containers }: Yardstick): ContainerFacts | undefined {
  const ended = task.containers.filter(({ name, exitCode }) => containers.includes(name) && exitCode !== undefined);
  return ended.find(hasFailed) ?? ended[0];
}

/** A configured container that fails its health check. */
export function unhealthyContainer(task: TaskFacts, { containers }: Yardstick): ContainerFacts | undefined {
  return task.containers.find(({ name, healthStatus }) => containers.includes(name) && healthStatus === 'UNHEALTHY');
}

/** Whether no configured container of a task has a health check: `UNKNOWN` is what ECS says of one that has none. */
export function isUnchecked(task: TaskFacts, { containers }: Yardstick): boolean {
  const ours = task.containers.filter(({ name }) => containers.includes(name));
  return ours.every(({ healthStatus = 'UNKNOWN' }) => healthStatus === 'UNKNOWN');
}

/** The name of a configured container of which ECS does not show what it runs. */
export function silentContainer(task: TaskFacts, { containers }: Yardstick): string | undefined {
  return containers.find((name) => !showsDigest(task.containers.find((container) => container.name === name)));
}

function showsDigest(container: ContainerFacts | undefined): container is ContainerFacts {
  return container?.imageDigest !== undefined;
}

/** Of a container that has a health check, `UNKNOWN` says that it has passed none yet. */
function isSound({ name, lastStatus, healthStatus }: ContainerFacts, { checked = [] }: Yardstick): boolean {
  const isHealthy = checked.includes(name) ? healthStatus === 'HEALTHY' : HEALTHY_ENOUGH.includes(healthStatus);
  return lastStatus === 'RUNNING' && isHealthy;
}

function hasEnded({ lastStatus, exitCode }: ContainerFacts): boolean {
  return lastStatus === 'STOPPED' && exitCode === 0;
}

function hasFailed({ lastStatus, exitCode }: ContainerFacts): boolean {
  return lastStatus === 'STOPPED' && exitCode !== undefined && exitCode !== 0;
}
