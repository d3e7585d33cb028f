import type { Watch } from './watch.ts';

/** What an ECS event says as far as a watch cares; times are milliseconds since the epoch. */
export interface ServiceEvent {
  readonly kind: 'deployment' | 'task';
  /** The deployment, or the one that started the task. */
  readonly deploymentId: string;
  /** When ECS says that it happened. */
  readonly at: number;
  /** A deployment only begins. */
  readonly isBeginning?: true;
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
  if (!isDeployment && type !== 'ECS Task State Change') return undefined;
  const deploymentId = isDeployment ? detail?.['deploymentId'] : detail?.['startedBy'];
  if (typeof deploymentId !== 'string' || Number.isNaN(at)) return undefined;
  const happened = { kind: isDeployment ? 'deployment' : 'task', deploymentId, at } as const;
  return isBeginning(detail) ? { ...happened, isBeginning: true } : happened;
}

/** ECS calls it IN_PROGRESS, too, when its circuit breaker rolls a deployment back. */
function isBeginning(detail: Record<string, unknown> | undefined): boolean {
  const isInProgress = detail?.['eventName'] === 'SERVICE_DEPLOYMENT_IN_PROGRESS';
  return isInProgress && !/rolling back/.test(String(detail['reason']));
}

/**
 * Whether a look at the service can change the verdict: the event concerns a task of our deployment, or any deployment of the
 * service. One whose id nobody knows is ECS's rollback, or somebody else who deploys; that ours begins is no news.
 */
export function isWorthALook(event: ServiceEvent, watch: Watch): boolean {
  if (event.deploymentId === watch.deploymentId) return !event.isBeginning;
  return event.kind === 'deployment';
}
