import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { partitionOf } from '../partition.ts';
import { NotModelled } from '../service.ts';
import { varied, type ContainerRecord, type TaskRecord, type World } from './model.ts';
import { LOG_LAG_MS } from './timing.ts';

/** Where a container writes by the driver `awslogs`. */
export interface LogDestination {
  readonly group: string;
  readonly stream: string;
  readonly region: string;
  /** Whether the driver creates the group where it is not there. */
  readonly createsGroup: boolean;
}

/**
 * Where a container of a task writes; undefined with another driver, or none. A stream is named
 * `prefix-name/container-name/ecs-task-id` (developer guide, "Send Amazon ECS logs to CloudWatch").
 */
export function logDestination(
  world: World,
  { id }: TaskRecord,
  { name = '', logConfiguration }: ContainerDefinition,
): LogDestination | undefined {
  if (logConfiguration?.logDriver !== 'awslogs') return undefined;
  const {
    'awslogs-group': group = '',
    'awslogs-region': region = world.region,
    'awslogs-stream-prefix': prefix = '',
  } = logConfiguration.options ?? {};
  const createsGroup = logConfiguration.options?.['awslogs-create-group'] === 'true';
  return { group, stream: `${prefix}/${name}/${id}`, region, createsGroup };
}

/** The ARN by which IAM knows a stream. */
export function logStreamArn({ account }: World, { group, stream, region }: LogDestination): string {
  return `arn:${partitionOf(region)}:logs:${region}:${account}:log-group:${group}:log-stream:${stream}`;
}

/** Creates the stream of a container; answers whether there is such a group, as far as the region has one. */
export function openLog(world: World, { group, stream, region, createsGroup }: LogDestination): boolean {
  if (region !== world.region || world.openLogStream(group, stream)) return true;
  if (createsGroup) throw new NotModelled(`The log option awslogs-create-group, of ${group}, which is not there,`);
  return false;
}

/** What a container says goes to its stream; it is lost where its group is gone, or its execution role may not write. */
export function writeLines(world: World, task: TaskRecord, { definition, says }: ContainerRecord): void {
  const destination = says.length > 0 ? logDestination(world, task, definition) : undefined;
  if (destination?.region !== world.region || !mayWrite(world, task, destination)) return;
  const { group, stream } = destination;
  if (!world.openLogStream(group, stream)) return;
  const lagMs = varied(world, LOG_LAG_MS);
  for (const line of says) world.writeLog(group, stream, line, lagMs);
}

function mayWrite(world: World, task: TaskRecord, destination: LogDestination): boolean {
  const { executionRoleArn } = task.deployment.taskDefinition.definition;
  if (executionRoleArn === undefined) return false;
  const resource = logStreamArn(world, destination);
  try {
    const role = world.assumeRole(executionRoleArn, task.id);
    return world.authorize(role, { action: 'logs:PutLogEvents', resource }).isAllowed;
  } catch {
    // Someone took the role away while the task ran.
    return false;
  }
}
