import { NotModelled } from '../service.ts';
import { maintenanceReason } from './leaving-tasks.ts';
import type { OnTaskChange, ServiceRecord, TaskRecord, World } from './model.ts';
import { stopTask } from './task-stop.ts';

/** What AWS takes back from running tasks, none of it their fault. */
export interface Interruption {
  /**
   * `spot`: a notice, and SIGTERM with it. `retirement`: Fargate retires what the tasks run on; the scheduler replaces them
   * first, where `maximumPercent` has room for it. `host-failure`: the tasks stop, and are replaced afterwards.
   */
  readonly cause: 'spot' | 'retirement' | 'host-failure';
  /** How many of the RUNNING tasks, chosen at random. @default all */
  readonly tasks?: number;
}

/** ECS's words (developer guide, "Fargate Spot termination notices"). */
const SPOT_REASON = 'Your Spot Task was interrupted.';

/** Takes tasks of a service back; answers their ARNs. */
export function interruptTasks(
  world: World,
  service: ServiceRecord,
  { cause, tasks: count }: Interruption,
  onChange: OnTaskChange,
): string[] {
  if (cause === 'spot' && !runsOnSpot(service))
    throw new NotModelled(`A Spot interruption of service ${service.name}, which does not run on FARGATE_SPOT,`);
  const running = [...service.tasks].filter(
    ({ lastStatus, desiredStatus }) => lastStatus === 'RUNNING' && desiredStatus === 'RUNNING',
  );
  const chosen = drawn(world, running, count ?? running.length);
  for (const task of chosen) interrupt(world, task, cause, onChange);
  return chosen.map(({ arn }) => arn);
}

/** Whether the service's tasks run on capacity that AWS may take back. */
export function runsOnSpot({ capacityProviderStrategy }: ServiceRecord): boolean {
  return capacityProviderStrategy?.[0]?.capacityProvider === 'FARGATE_SPOT';
}

function drawn(world: World, from: TaskRecord[], count: number): TaskRecord[] {
  const left = [...from];
  return Array.from(
    { length: Math.min(count, left.length) },
    () => left.splice(Math.floor(world.kernel.random.next() * left.length), 1)[0]!,
  );
}

function interrupt(world: World, task: TaskRecord, cause: Interruption['cause'], onChange: OnTaskChange): void {
  if (cause === 'retirement') {
    task.leaving ??= { why: 'retirement', successor: undefined };
    return;
  }
  const stop =
    cause === 'spot'
      ? ({ code: 'SpotInterruption', reason: SPOT_REASON } as const)
      : ({ code: 'ServiceSchedulerInitiated', reason: maintenanceReason(task.service) } as const);
  stopTask(world, task, stop, onChange);
}
