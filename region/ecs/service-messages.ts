import type { ServiceEvent } from '@aws-sdk/client-ecs';
import { shownWord } from './disturbances.ts';
import { nowIn, type DeploymentRecord, type ServiceRecord, type TaskRecord, type World } from './model.ts';

const MAX_EVENTS = 100;

/** Adds a service event; AWS keeps the newest hundred, newest first. What is said of one deployment alone names it. */
export function say(world: World, service: ServiceRecord, message: string, of?: DeploymentRecord): void {
  const subject = of ? `(service ${service.name}, taskSet ${of.id})` : `(service ${service.name})`;
  const event: ServiceEvent = {
    id: world.kernel.random.uuid(),
    createdAt: nowIn(world),
    message: `${subject} ${message}`,
  };
  service.events.unshift(event);
  service.events.length = Math.min(service.events.length, MAX_EVENTS);
}

/** `(task 1f…) (task 2e…)`, as service events list tasks. */
export function listed(tasks: readonly TaskRecord[]): string {
  return tasks.map(({ id }) => `(task ${id})`).join(' ');
}

/** The names of "ECS Deployment State Change" events; FAILED comes with eventType ERROR. */
type DeploymentEventName =
  'SERVICE_DEPLOYMENT_IN_PROGRESS' | 'SERVICE_DEPLOYMENT_COMPLETED' | 'SERVICE_DEPLOYMENT_FAILED';

export function emitDeploymentChange(
  world: World,
  service: ServiceRecord,
  deployment: DeploymentRecord,
  eventName: DeploymentEventName,
  reason: string,
): void {
  world.emit({
    source: 'aws.ecs',
    'detail-type': 'ECS Deployment State Change',
    resources: [service.arn],
    detail: {
      eventType: eventName === 'SERVICE_DEPLOYMENT_FAILED' ? 'ERROR' : 'INFO',
      eventName: shownWord(world, service, 'eventName', eventName),
      // Absent in 2022, present in captures of 2025 and later.
      clusterArn: service.cluster.arn,
      deploymentId: deployment.id,
      updatedAt: nowIn(world).toISOString(),
      reason,
    },
  });
}

/** The "ECS Service Action" events that are modelled, with their severity. */
const ACTIONS = {
  SERVICE_STEADY_STATE: 'INFO',
  SERVICE_REBALANCING_STARTED: 'INFO',
  SERVICE_REBALANCING_COMPLETED: 'INFO',
  SERVICE_TASK_START_IMPAIRED: 'WARN',
  SERVICE_TASK_PLACEMENT_FAILURE: 'ERROR',
} as const;

export function emitServiceAction(
  world: World,
  service: ServiceRecord,
  eventName: keyof typeof ACTIONS,
  reason?: string,
): void {
  world.emit({
    source: 'aws.ecs',
    'detail-type': 'ECS Service Action',
    resources: [service.arn],
    detail: {
      eventType: ACTIONS[eventName],
      eventName,
      clusterArn: service.cluster.arn,
      ...(reason === undefined ? {} : { reason }),
      createdAt: nowIn(world).toISOString(),
    },
  });
}
