import { asTaskDefinitionArn } from './identifiers.ts';
import type { ContainerFacts } from './service-facts.ts';
import { isTrouble } from './stop-causes.ts';
import { classifyStop } from './stopped-task.ts';
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

/**
 * Reads an event of the service-events rule; undefined for anything else, and for a task that never ran because of trouble that
 * passes: it blames nobody and is missed by nobody, and a thousand of them, each of which would have a thousand tasks listed,
 * would use up what ECS lets the whole account ask for. Unknown members are expected and ignored.
 */
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
  if (isPassingTrouble(detail)) return undefined;
  const says = detail['lastStatus'] === 'STOPPED' ? 'stopped' : undefined;
  return { kind: 'task', deploymentId, at, says, taskArn };
}

/** An event says why a task stopped in the words in which DescribeTasks does. */
function isPassingTrouble(detail: Record<string, unknown>): boolean {
  const { lastStatus, stopCode, stoppedReason, containers } = detail;
  if (lastStatus !== 'STOPPED' || !Array.isArray(containers)) return false;
  // Only what failed to start is ever classified as trouble, so that no stop code is asked for here.
  const cause = classifyStop({
    taskArn: '',
    taskDefinition: asTaskDefinitionArn(''),
    lastStatus,
    desiredStatus: lastStatus,
    stopCode: typeof stopCode === 'string' ? stopCode : undefined,
    stoppedReason: typeof stoppedReason === 'string' ? stoppedReason : undefined,
    containers: containers.map(containerIn),
  });
  return isTrouble(cause);
}

/** As far as it says why its task stopped. */
function containerIn(told: unknown): ContainerFacts {
  const { name, reason, exitCode } = (told ?? {}) as Readonly<Record<string, unknown>>;
  return {
    name: typeof name === 'string' ? name : '',
    reason: typeof reason === 'string' ? reason : undefined,
    exitCode: typeof exitCode === 'number' ? exitCode : undefined,
  };
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

/** What a look at the ledger came to: when it was begun, and the watch that it found, unless that was decided. */
export interface Reading {
  readonly at: number;
  readonly watch?: Watch | undefined;
}

/**
 * Whether a task had stopped before a ledger was read that had nothing to decide by it: told at once, the event would have been
 * answered by that reading. Whatever began to watch since has looked by itself, after the task stopped.
 */
export function isOldNews(event: ServiceEvent, { at, watch }: Reading): boolean {
  return event.kind === 'task' && event.at < at && (watch === undefined || !isWorthALook(event, watch));
}
