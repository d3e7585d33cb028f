import {
  isEssential,
  nowIn,
  varied,
  type ContainerRecord,
  type OnTaskChange,
  type TaskRecord,
  type TaskStop,
  type World,
} from './model.ts';
import { writeLines } from './container-log.ts';
import { deregisterTargets } from './target-health.ts';
import { emitTaskChange } from './task-view.ts';
import {
  DEFAULT_STOP_TIMEOUT_MS,
  DEPROVISIONING_MS,
  SIGTERM_EXIT_MS,
  STOP_DELIVERY_MS,
  STOPPED_TASK_RETENTION_MS,
} from './timing.ts';

/** 128 + SIGTERM and 128 + SIGKILL. */
const EXIT_ON_SIGTERM = 143;
const EXIT_ON_SIGKILL = 137;

/** Stops a task from outside: its scheduler or a person. Containers get SIGTERM, and SIGKILL after their `stopTimeout`. */
export function stopTask(world: World, task: TaskRecord, stop: TaskStop, onChange: OnTaskChange): void {
  if (task.desiredStatus === 'STOPPED') return;
  beginStop(world, task, stop);
  task.stoppingAt = nowIn(world);
  const isRunning = task.lastStatus === 'RUNNING';
  // Only a running task announces that it is to stop; one that has not started says so when it is torn down.
  if (isRunning) emitTaskChange(world, task);
  later(world, task, STOP_DELIVERY_MS, 'STOPPING', () => {
    if (!isRunning) return terminate(world, task, onChange);
    if (stop.code === 'SpotInterruption') return terminateUndrained(world, task, onChange);
    drain(world, task, () => {
      task.lastStatus = 'STOPPING';
      terminate(world, task, onChange);
    });
  });
}

/** Spot's SIGTERM comes with its notice, and waits for no connection (developer guide, "Fargate Spot termination notices"). */
function terminateUndrained(world: World, task: TaskRecord, onChange: OnTaskChange): void {
  deregisterTargets(world, task);
  task.lastStatus = 'STOPPING';
  terminate(world, task, onChange);
}

/** A task behind a load balancer gets its SIGTERM only after the deregistration delay; for others DEACTIVATING passes in no time. */
function drain(world: World, task: TaskRecord, then: () => void): void {
  const delayMs = deregisterTargets(world, task);
  if (delayMs === undefined) return then();
  task.lastStatus = 'DEACTIVATING';
  emitTaskChange(world, task);
  later(world, task, delayMs, 'drained', then);
}

/** A task whose image could not be pulled. On platform version 1.4 the cause stands in the task's own reason. */
export function failToStart(world: World, task: TaskRecord, reason: string, onChange: OnTaskChange): void {
  beginStop(world, task, { code: 'TaskFailedToStart', reason });
  task.stoppingAt = nowIn(world);
  deprovision(world, task, onChange);
}

/**
 * Runs a step of a task's life. What it should never have thrown is no failure of the image: the platform gives the task up,
 * as it does one on hardware that fails, and says why.
 */
export function guarded(world: World, task: TaskRecord, label: string, onChange: OnTaskChange, step: () => void): void {
  try {
    step();
  } catch (error) {
    const reason = world.kernel.contain(error, label);
    if (task.desiredStatus === 'STOPPED') return end(world, task);
    beginStop(world, task, { code: 'InfrastructureHealth', reason });
    task.stoppingAt = nowIn(world);
    deprovision(world, task, onChange);
  }
}

/** A container ended by itself. If it is essential its task stops, and with it the other containers. */
export function containerExits(
  world: World,
  task: TaskRecord,
  container: ContainerRecord,
  onChange: OnTaskChange,
): void {
  const { behaviour } = container;
  writeLines(world, task, container);
  container.lastStatus = 'STOPPED';
  container.exitCode = behaviour.kind === 'crash' ? behaviour.exitCode : EXIT_ON_SIGKILL;
  if (behaviour.kind === 'out-of-memory') container.reason = 'OutOfMemoryError: Container killed due to memory usage';
  if (!isEssential(container)) return emitTaskChange(world, task);
  task.executionStoppedAt = nowIn(world);
  beginStop(world, task, { code: 'EssentialContainerExited', reason: 'Essential container in task exited' });
  onChange(task);
  later(world, task, STOP_DELIVERY_MS, 'STOPPING', () => {
    task.stoppingAt = nowIn(world);
    // Nobody waits for connections to a container that has ended.
    terminateUndrained(world, task, onChange);
  });
}

function beginStop(world: World, task: TaskRecord, stop: TaskStop): void {
  for (const timer of task.timers) world.kernel.cancel(timer);
  task.timers.clear();
  task.stop = stop;
  task.desiredStatus = 'STOPPED';
  task.service.isSteady = false;
  task.isHealthy = false;
  world.tell(task);
}

/** SIGTERM to every container that still runs; the last one to end decides when the task is torn down. */
function terminate(world: World, task: TaskRecord, onChange: OnTaskChange): void {
  world.tell(task);
  const running = task.containers.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  const delays = running.map((container) => (isDeaf(container) ? stopTimeoutMs(container) : SIGTERM_EXIT_MS));
  later(world, task, Math.max(0, ...delays), 'DEPROVISIONING', () => {
    for (const container of running) container.exitCode = isDeaf(container) ? EXIT_ON_SIGKILL : EXIT_ON_SIGTERM;
    if (running.length > 0) task.executionStoppedAt ??= nowIn(world);
    deprovision(world, task, onChange);
  });
}

const isDeaf = ({ behaviour }: ContainerRecord): boolean => behaviour.kind === 'ignores-sigterm';

function stopTimeoutMs({ definition }: ContainerRecord): number {
  return definition.stopTimeout === undefined ? DEFAULT_STOP_TIMEOUT_MS : definition.stopTimeout * 1000;
}

function deprovision(world: World, task: TaskRecord, onChange: OnTaskChange): void {
  for (const container of task.containers) container.lastStatus = 'STOPPED';
  task.lastStatus = 'DEPROVISIONING';
  emitTaskChange(world, task);
  onChange(task);
  later(world, task, varied(world, DEPROVISIONING_MS), 'STOPPED', () => {
    end(world, task);
    emitTaskChange(world, task);
    onChange(task);
  });
}

function end(world: World, task: TaskRecord): void {
  task.lastStatus = 'STOPPED';
  task.stoppedAt = nowIn(world);
  if (task.service.tasks.delete(task)) world.state.stoppedTasks.push(task);
}

/** A task that stops stops: what its last steps should never have thrown ends it there and then. */
function later(world: World, task: TaskRecord, delayMs: number, label: string, act: () => void): void {
  const name = `ecs task ${task.id.slice(0, 8)} ${label}`;
  world.kernel.after(delayMs, 'timer', name, () => {
    try {
      act();
    } catch (error) {
      world.kernel.contain(error, name);
      end(world, task);
    }
  });
}

/** Drops the tasks that stopped more than an hour ago. Called before reads instead of by a timer, so that a region can come to rest. */
export function forgetOldTasks(world: World): void {
  const oldest = world.kernel.now - STOPPED_TASK_RETENTION_MS;
  while (world.state.stoppedTasks.length > 0 && world.state.stoppedTasks[0]!.stoppedAt!.getTime() <= oldest) {
    const task = world.state.stoppedTasks.shift()!;
    task.service.cluster.tasks.delete(task.id);
  }
}
