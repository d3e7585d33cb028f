import type { LedgerView, RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { RunningService } from '../rehearsal/cell/running-service.ts';
import type { Happenings, Reported } from './happenings.ts';
import type { Step } from './plan.ts';

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
  const { digest } = last;
  const isTold = now.imageDigests.includes(digest) || now.records.some(({ image }) => image?.digest === digest);
  if (isTold || wasThere(last, { pushes }, now.firstLookAt)) return [];
  return [`liveness: The last push, ${digest}, is neither live nor in any record.`];
}

/** Whether it was pushed before somebody first looked. */
export function wasThere(
  { digest, tag }: Reported,
  { pushes }: Pick<Happenings, 'pushes'>,
  firstLookAt: number,
): boolean {
  const pushedAt = pushes.findLast((push) => push.digest === digest && push.tag === tag)?.at ?? Infinity;
  return pushedAt <= firstLookAt;
}

/** Deeds between which the newest image decides what runs: people who push, and trouble that passes. */
const PASSING: readonly Step['kind'][] = ['push', 'artifact', 'wait', 'trouble', 'fault'];

/**
 * The image that was pushed last, where it has to run once everything is well: it is good, and nothing was in its way but trouble that
 * passes. What ECS shows wrongly may have made it look bad.
 */
export function owedToRun(steps: readonly Step[]): boolean {
  const isPassing = (step: Step): boolean =>
    PASSING.includes(step.kind) && !(step.kind === 'fault' && step.fault.startsWith('ecs-'));
  const last = steps.findLast((step) => step.kind === 'push');
  const { behaviour = 'healthy', tag } = last?.image ?? { behaviour: 'none' };
  return behaviour === 'healthy' && tag === undefined && steps.every(isPassing);
}

/** That image, where it does not run; a service that wants no tasks runs none, and one that was refused is refused again. */
export function unrolled(
  { digest }: Pick<Reported, 'digest'>,
  { images, desiredCount }: Pick<RunningService, 'images' | 'desiredCount'>,
  records: readonly Pick<RecordView, 'image' | 'outcome'>[],
): string[] {
  const outcomes = records.filter(({ image }) => image?.digest === digest).map(({ outcome }) => outcome);
  const isLive = images.some((image) => image.endsWith(`@${digest}`));
  if (isLive || desiredCount === 0 || outcomes.includes('REJECTED')) return [];
  const how = outcomes.length === 0 ? 'no record tells of it' : `it ended ${outcomes.at(-1)}`;
  return [
    `liveness: The good image ${digest} was pushed last and does not run, an hour after everything was well; ${how}.`,
  ];
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
