import { plainText } from './identifiers.ts';
import type { RolloutRecord, StartedRollout } from './ledger.ts';
import { kindOf, STARTED_KIND, type ToldKind } from './message-kind.ts';

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

/** How far a rollout is: it has put its revision on the service, or has ended in one of three ways, as {@link ToldKind} says. */
export type ChangedState = Uppercase<ToldKind>;

/** What an event tells. Members are never taken away, and none changes its meaning; what is not known is null. */
export interface StateChange {
  readonly version: 1;
  readonly cluster: string;
  readonly serviceName: string;
  /** The name of the execution, and with `state` the key by which a receiver finds repetitions. */
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly state: ChangedState;
  /** The same as the messages' attribute says it. */
  readonly kind: ToldKind;
  readonly outcome: string | null;
  readonly reason: string;
  readonly message: string;
  readonly trigger: string;
  readonly image: { readonly digest: string; readonly tag: string | null } | null;
  /** The revision that was put on the service, and ECS's deployment of it. */
  readonly taskDefinition: string | null;
  readonly deploymentId: string | null;
  readonly runs: {
    readonly kind: string;
    readonly taskDefinition: string | null;
    readonly digest: string | null;
  } | null;
  /** ISO 8601, as all times here. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly triedAgainAt: string | null;
  readonly failedTasks: readonly object[];
}

/** An entry may have 256 KB; no message of ours comes near. */
const MESSAGE_MAX = 10_000;

/** The event about a rollout whose revision ECS has taken. */
export function startChangeOf(started: StartedRollout): StateChangeEvent {
  return eventOf(started, started.rolledAt, {
    kind: STARTED_KIND,
    outcome: null,
    runs: null,
    endedAt: null,
    triedAgainAt: null,
    failedTasks: [],
  });
}

/** The event about a rollout that has ended. */
export function stateChangeOf(record: RolloutRecord): StateChangeEvent {
  const { outcome, endedAt, triedAgainAt, failedTasks = [] } = record;
  return eventOf(record, endedAt, {
    kind: kindOf(record),
    outcome,
    runs: runsOf(record),
    endedAt: utc(endedAt),
    triedAgainAt: triedAgainAt === undefined ? null : utc(triedAgainAt),
    failedTasks,
  });
}

type OfEnd = Pick<StateChange, 'kind' | 'outcome' | 'runs' | 'endedAt' | 'triedAgainAt' | 'failedTasks'>;

function eventOf(told: RolloutRecord | StartedRollout, time: number, ofEnd: OfEnd): StateChangeEvent {
  const { executionArn, service, rolloutId, reason, message, image, taskDefinition, deploymentId } = told;
  const [cluster = '', serviceName = ''] = service.split('/');
  const [, partition = '', , region = '', account = ''] = executionArn.split(':');
  return {
    source: EVENT_SOURCE,
    detailType: EVENT_TYPE,
    time,
    resources: [executionArn, `arn:${partition}:ecs:${region}:${account}:service/${service}`],
    detail: {
      version: 1,
      cluster,
      serviceName,
      rolloutId,
      executionArn,
      state: ofEnd.kind.toUpperCase() as ChangedState,
      reason,
      message: plainText(message, MESSAGE_MAX),
      trigger: triggerOf(told),
      image: image ? { digest: image.digest, tag: image.tag ?? null } : null,
      taskDefinition: taskDefinition ?? null,
      deploymentId: deploymentId ?? null,
      startedAt: utc(told.startedAt),
      ...ofEnd,
    },
  };
}

function runsOf({ runs }: RolloutRecord): StateChange['runs'] {
  if (!runs) return null;
  const { taskDefinition = null, digest = null } = runs.kind === 'revision' ? runs : {};
  return { kind: runs.kind, taskDefinition, digest };
}

/** Records of earlier releases do not say who started the rollout. */
function triggerOf({ trigger, request, isTick }: Pick<RolloutRecord, 'trigger' | 'request' | 'isTick'>): string {
  return trigger ?? (request ? 'person' : isTick ? 'tick' : 'push');
}

function utc(at: number): string {
  return new Date(at).toISOString();
}
