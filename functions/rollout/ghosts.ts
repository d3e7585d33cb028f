import { LEDGER_SCHEMA, type LedgerState, type PendingRollout, type RolloutRecord } from './ledger.ts';
import { withoutLettingFinish } from './let-finish.ts';
import { pinBeside } from './pin.ts';
import type { PersonsStop } from './take-over.ts';

/** What was seen of the execution of a rollout that waits and owns nothing. */
export interface WaiterStanding {
  readonly rolloutId: string;
  readonly isRunning: boolean;
  /** Present when a person stopped it. */
  readonly stop?: PersonsStop | undefined;
  /** Whether it ended with an outcome of its own. */
  readonly hasConcluded?: boolean | undefined;
}

/** A rollout that waits, and for what, as its record says. */
interface Ghost extends Omit<PendingRollout, 'isPersons'> {
  readonly isWaiting: string;
}

/**
 * Closes a rollout whose execution ended while it waited, for its turn or for somebody else's deployment: nobody would call it any
 * more, and nobody would learn that its image was not rolled.
 */
export function closeGhost(
  state: LedgerState,
  seen: WaiterStanding | undefined,
  service: string,
  now: number,
): LedgerState {
  const ghost = seen && !seen.isRunning ? ghostOf(state, seen) : undefined;
  if (!seen || !ghost) return state;
  const { rolloutId, startedAt, request } = ghost;
  const pending = state.pending?.rolloutId === rolloutId ? undefined : state.pending;
  const pin = pinBeside(state, request, startedAt);
  const free = { ...withoutLettingFinish(state, rolloutId), pending, pin };
  // It concluded, and died before it gave its place away; or it came to own the service, and is closed as that.
  const isTold = seen.hasConcluded || state.outbox.some((record) => record.rolloutId === rolloutId);
  if (isTold || state.owner?.rolloutId === rolloutId) return free;
  return { ...free, outbox: [...state.outbox, recordOf(ghost, seen, service, now)] };
}

function ghostOf({ pending, lettingFinish }: LedgerState, { rolloutId }: WaiterStanding): Ghost | undefined {
  if (pending?.rolloutId === rolloutId) return { ...pending, isWaiting: 'waited for its turn' };
  const letting = lettingFinish.find((each) => each.rolloutId === rolloutId);
  return letting && { ...letting, isWaiting: "let somebody else's deployment finish" };
}

function recordOf(ghost: Ghost, { stop }: WaiterStanding, service: string, now: number): RolloutRecord {
  const { rolloutId, executionArn, startedAt, image, request, trigger, isWaiting } = ghost;
  const words = stop?.cause === undefined ? '' : ` (${stop.cause})`;
  const end = stop ? `A person stopped it${words}` : 'Its execution ended without a conclusion';
  return {
    schema: LEDGER_SCHEMA,
    rolloutId,
    executionArn,
    service,
    outcome: 'ABORTED',
    reason: stop ? 'StoppedByPerson' : 'ExecutionEnded',
    message: `${end} while it ${isWaiting}; it changed nothing.`,
    image,
    request,
    isTick: trigger === 'tick',
    trigger,
    taskDefinition: undefined,
    deploymentId: undefined,
    startedAt,
    endedAt: now,
    detectionLagSeconds: undefined,
    runs: { kind: 'unchanged' },
  };
}
