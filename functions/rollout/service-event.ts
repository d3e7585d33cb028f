import type { Watch } from './watch.ts';

/** What ECS says that happened: to a deployment, or to a task. */
export type Happening = 'began' | 'rolls-back' | 'completed' | 'failed' | 'stopped';

/** What an ECS event says as far as a watch cares; times are milliseconds since the epoch. */
export interface ServiceEvent {
  readonly kind: 'deployment' | 'task';
  /** The deployment, or the one that started the task. */
  readonly deploymentId: string;
  /** When ECS says that it happened. */
  readonly at: number;
  /** Undefined for what this release does not know. */
  readonly says?: Happening | undefined;
  readonly taskArn?: string | undefined;
}

/** Reads an event of the service-events rule; undefined for anything else. Unknown members are expected and ignored. */
export function parseServiceEvent(event: unknown): ServiceEvent | undefined {
  const { 'detail-type': type, detail } = (event ?? {}) as {
    'detail-type'?: unknown;
    detail?: Record<string, unknown>;
  };
  const time = detail?.['stoppedAt'] ?? detail?.['updatedAt'];
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  const isDeployment = type === 'ECS Deployment State Change';
  if (!detail || (!isDeployment && type !== 'ECS Task State Change')) return undefined;
  const deploymentId = isDeployment ? detail['deploymentId'] : detail['startedBy'];
  if (typeof deploymentId !== 'string' || Number.isNaN(at)) return undefined;
  if (isDeployment) return { kind: 'deployment', deploymentId, at, says: deploymentHappening(detail) };
  const taskArn = typeof detail['taskArn'] === 'string' ? detail['taskArn'] : undefined;
  return { kind: 'task', deploymentId, at, says: detail['lastStatus'] === 'STOPPED' ? 'stopped' : undefined, taskArn };
}

function deploymentHappening({ eventName, reason }: Record<string, unknown>): Happening | undefined {
  if (eventName === 'SERVICE_DEPLOYMENT_COMPLETED') return 'completed';
  if (eventName === 'SERVICE_DEPLOYMENT_FAILED') return 'failed';
  if (eventName !== 'SERVICE_DEPLOYMENT_IN_PROGRESS') return undefined;
  // ECS calls it IN_PROGRESS, too, when its circuit breaker rolls a deployment back.
  return /rolling back/.test(String(reason)) ? 'rolls-back' : 'began';
}

/**
 * Whether a look at the service can change the verdict: the event concerns a task of our deployment, or any deployment of the
 * service. One whose id nobody knows is ECS's rollback, or somebody else who deploys; that ours begins is no news.
 */
export function isWorthALook(event: ServiceEvent, watch: Watch): boolean {
  if (event.deploymentId === watch.deploymentId) return event.says !== 'began';
  return event.kind === 'deployment';
}
