import type { LedgerView, RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { RunningService } from '../rehearsal/cell/running-service.ts';
import type { Happenings, Reported } from './happenings.ts';

/**
 * What could not be told while something was in the way is told by the tick, not only by the next rollout; nor does what died
 * while it waited for its turn wait for that one.
 */
export function unsent(ledger: Pick<LedgerView, 'outbox' | 'pending'> | undefined): string[] {
  const { outbox = [], pending } = ledger ?? {};
  const late = 'an hour after everything was well';
  return [
    ...outbox.map(({ rolloutId }) => `rest: Rollout ${rolloutId} is not told of, ${late}.`),
    ...(pending ? [`rest: Rollout ${pending.rolloutId} waits for its turn, and none runs, ${late}.`] : []),
  ];
}

/** What was launched goes on with its tasks whatever is deployed, unless somebody wants none. */
export function emptied({ desiredCount, images, taskDefinition }: Wanted, isScaled: boolean): string[] {
  if (isScaled || desiredCount > 0 || !isLaunchedWith(images)) return [];
  return [`rest: The launched service wants no tasks of ${taskDefinition}, and nobody has scaled it.`];
}

type Wanted = Pick<RunningService, 'desiredCount' | 'images' | 'taskDefinition'>;

/** An image of the repository is pinned; until the first push there is a stand-in. */
export function isLaunchedWith(images: readonly string[]): boolean {
  return images.some((image) => image.includes('@'));
}

/**
 * The last push, neither live nor in any record. What was pushed before anybody looked at the service, and of which nobody heard,
 * is no news: the first look finds it, and leaves a service alone that may run something older on purpose.
 */
export function untold(
  last: Reported,
  { pushes }: Pick<Happenings, 'pushes'>,
  now: {
    readonly imageDigests: readonly string[];
    readonly records: readonly Pick<RecordView, 'image'>[];
    /** When somebody first looked; 0 where that finds nothing to leave alone. */
    readonly firstLookAt: number;
  },
): string[] {
  const { digest, tag } = last;
  const isTold = now.imageDigests.includes(digest) || now.records.some(({ image }) => image?.digest === digest);
  const pushedAt = pushes.findLast((push) => push.digest === digest && push.tag === tag)?.at ?? Infinity;
  if (isTold || pushedAt <= now.firstLookAt) return [];
  return [`liveness: The last push, ${digest}, is neither live nor in any record.`];
}

/** Ends of what looked at the service and left it alone. */
const LEFT_ALONE = ['NO_CHANGE', 'HELD', 'SUPERSEDED'];

/**
 * When the first execution began that decided something about the service: it went on from there to roll, or ended and left it
 * alone. One that failed before, waited, or was refused has not looked.
 */
export function firstLookAt(
  { entries, starts }: Pick<Happenings, 'entries' | 'starts'>,
  rollouts: readonly { readonly executionArn: string; readonly outcome: string }[],
): number {
  const hasLeftAlone = (rollout: string): boolean =>
    rollouts.some(({ executionArn, outcome }) => executionArn === rollout && LEFT_ALONE.includes(outcome));
  const before = new Map<string, string>();
  const first = entries.find(({ rollout, state }) => {
    const isDecided = before.get(rollout) === 'Accepted?';
    before.set(rollout, state);
    return isDecided && (state === 'Preflight' || (state === 'Conclude' && hasLeftAlone(rollout)));
  });
  return starts.find(({ rollout }) => rollout === first?.rollout)?.at ?? Infinity;
}

/** Ends by which what somebody named is what runs. */
const CHOSEN = ['SUCCEEDED', 'NO_CHANGE'];

/**
 * Whether somebody's choice keeps that image from the service: it is told of as HELD, what runs was named or gone back to by hand,
 * and nobody has asked since that pushes are followed again.
 */
export function isHeld(
  digest: string,
  records: readonly Pick<RecordView, 'executionArn' | 'outcome' | 'image' | 'startedAt' | 'endedAt'>[],
  inputOf: (executionArn: string) => unknown,
): boolean {
  const isTold = records.some(({ outcome, image }) => outcome === 'HELD' && image?.digest === digest);
  const chosen = records.findLast(
    ({ executionArn, outcome }) => CHOSEN.includes(outcome) && asksFor(inputOf(executionArn)) === 'its own',
  );
  const isOver = records.some(
    ({ executionArn, startedAt }) =>
      startedAt > (chosen?.endedAt ?? 0) && asksFor(inputOf(executionArn)) === 'the selection',
  );
  return isTold && chosen !== undefined && !isOver;
}

/** What an input asks for, where it is somebody's. */
function asksFor(input: unknown): 'its own' | 'the selection' | 'nothing' {
  const { image, rollback, tick, source } = (input ?? {}) as Readonly<Record<string, unknown>>;
  if (image !== undefined || rollback !== undefined) return 'its own';
  return tick === undefined && source === undefined ? 'the selection' : 'nothing';
}
