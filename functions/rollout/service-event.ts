import type { Owner } from './ledger.ts';
import type { Watch } from './watch.ts';

/** What an ECS event says as far as a watch cares; times are milliseconds since the epoch. */
export interface ServiceEvent {
  readonly kind: 'deployment' | 'task';
  /** The deployment, or the one that started the task. */
  readonly deploymentId: string;
  /** When ECS says that it happened. */
  readonly at: number;
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
  return { kind: isDeployment ? 'deployment' : 'task', deploymentId, at };
}

/** Whether a look at the service can change the verdict: the event concerns our deployment, or the one ECS would go back to. */
export function isWorthALook(event: ServiceEvent, watch: Watch, owner: Owner): boolean {
  if (event.deploymentId === watch.deploymentId) return true;
  return event.kind === 'deployment' && event.deploymentId === owner.baseline?.deploymentId;
}
