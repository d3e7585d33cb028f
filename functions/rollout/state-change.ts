import { plainText } from './identifiers.ts';
import type { RolloutRecord } from './ledger.ts';
import { kindOf, type MessageKind } from './message-kind.ts';

/** Who puts the events on the account's default bus. */
export const EVENT_SOURCE = 'fargate-rollouts';
/** What they are called there. */
export const EVENT_TYPE = 'Rollout State Change';

/** An event about a rollout, as EventBridge takes it. */
export interface StateChangeEvent {
  readonly source: typeof EVENT_SOURCE;
  readonly detailType: typeof EVENT_TYPE;
  /** When it happened, milliseconds since the epoch. */
  readonly time: number;
  /** ARNs of the execution and of the service. */
  readonly resources: readonly string[];
  readonly detail: StateChange;
}

/** What an event tells. Members are never taken away, and none changes its meaning; what is not known is null. */
export interface StateChange {
  readonly version: 1;
  readonly cluster: string;
  readonly serviceName: string;
  /** The name of the execution, and with `state` the key by which a receiver finds repetitions. */
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly state: 'ENDED';
  readonly kind: MessageKind;
  readonly outcome: string;
  readonly reason: string;
  readonly message: string;
  readonly trigger: string;
  readonly image: { readonly digest: string; readonly tag: string | null } | null;
  readonly runs: {
    readonly kind: string;
    readonly taskDefinition: string | null;
    readonly digest: string | null;
  } | null;
  /** ISO 8601, as all times here. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly triedAgainAt: string | null;
  readonly failedTasks: readonly object[];
}

/** An entry may have 256 KB; no message of ours comes near. */
const MESSAGE_MAX = 10_000;

/** The event about a rollout that has ended. */
export function stateChangeOf(record: RolloutRecord): StateChangeEvent {
  const { executionArn, service, rolloutId, outcome, reason, message, image, triedAgainAt, failedTasks = [] } = record;
  const [cluster = '', serviceName = ''] = service.split('/');
  const [, partition = '', , region = '', account = ''] = executionArn.split(':');
  return {
    source: EVENT_SOURCE,
    detailType: EVENT_TYPE,
    time: record.endedAt,
    resources: [executionArn, `arn:${partition}:ecs:${region}:${account}:service/${service}`],
    detail: {
      version: 1,
      cluster,
      serviceName,
      rolloutId,
      executionArn,
      state: 'ENDED',
      kind: kindOf(record),
      outcome,
      reason,
      message: plainText(message, MESSAGE_MAX),
      trigger: triggerOf(record),
      image: image ? { digest: image.digest, tag: image.tag ?? null } : null,
      runs: runsOf(record),
      startedAt: utc(record.startedAt),
      endedAt: utc(record.endedAt),
      triedAgainAt: triedAgainAt === undefined ? null : utc(triedAgainAt),
      failedTasks,
    },
  };
}

function runsOf({ runs }: RolloutRecord): StateChange['runs'] {
  if (!runs) return null;
  const { taskDefinition = null, digest = null } = runs.kind === 'revision' ? runs : {};
  return { kind: runs.kind, taskDefinition, digest };
}

/** Records of earlier releases do not say who started the rollout. */
function triggerOf({ trigger, request, isTick }: RolloutRecord): string {
  return trigger ?? (request ? 'person' : isTick ? 'tick' : 'push');
}

function utc(at: number): string {
  return new Date(at).toISOString();
}
