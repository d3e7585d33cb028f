import type { LedgerState, Owner, Retry, SelectedImage } from './ledger.ts';
import type { End, Ending } from './outcome-of.ts';
import { PASSING_STOPS } from './stopped-task.ts';

const MINUTE_MS = 60_000;

/** How long after each blameless end the tick tries again, milliseconds; after the last of them an image's is announced. */
export const WAITS_MS: readonly number[] = [5 * MINUTE_MS, 15 * MINUTE_MS, 45 * MINUTE_MS];

/** Trouble of AWS and of our own calls, by error and by reason, that is gone some time later: no permission and no image is at fault. */
const PASSING =
  /^(?:Lambda\.\w+|Sandbox\.Timedout|Runtime\.ExitError|AwsUnavailable|AwsThrottled|ImagesNotListed|LedgerContended|StillMutating|NobodyCouldLook)$/;

/** That an execution ended by itself, without a conclusion: no look judged its image. What someone stopped has another reason. */
export const DIED = 'RolloutDied';

/** That what was proven could not be put back at first. */
export const NOT_TAKEN_BACK = 'RollbackFailed';

/** Trouble under the tasks that lasted until the deadline, or until ECS gave the deployment up: some time later it is gone, too. */
const PASSING_UNDER_TASKS = [...PASSING_STOPS, 'TasksNotPlaced'];

/** Whether what ended a step is gone some time later, and nobody's fault. */
export function isPassing({ reason }: Pick<Ending, 'reason'>): boolean {
  return PASSING.test(reason) || PASSING_UNDER_TASKS.includes(reason);
}

type Remembered = Pick<LedgerState, 'retry' | 'quarantine' | 'seen' | 'unsettled'>;

/**
 * What is to be tried again after an end that says nothing about the image; undefined for any other, after the last try, and for
 * what a person chose: they know, and choose again. The image of a dead rollout was remembered as seen when it began, so no tick
 * would come back to it by itself; where it was seen to fail before its rollout died, it is quarantined by then.
 */
export function retryAfter(state: Remembered, owner: Owner, { ending, cause }: End, now: number): Retry | undefined {
  const { retry } = state;
  const { image, purpose, request } = owner;
  if (request || !hasSettled(ending)) return undefined;
  const why = cause ?? ending;
  const isWorthIt = purpose === 'recover' ? isRecoveredFor(state, image, why) : isPassing(why);
  if (!isWorthIt) return undefined;
  const failures = retry?.image.digest === image.digest ? retry.failures + 1 : 1;
  const wait = WAITS_MS[failures - 1];
  return wait === undefined ? undefined : { image, failures, dueAt: now + wait };
}

/** Whether a service was recovered from something that says nothing about the image. */
function isRecoveredFor(state: Remembered, image: SelectedImage, { reason }: Ending): boolean {
  const isNobodysFault = reason === DIED || (reason === NOT_TAKEN_BACK && state.unsettled?.isTriedAgain === true);
  return isNobodysFault && wasSelected(state, image);
}

/**
 * What was promised before and still holds: a person's own try that left the service as it was takes nobody's turn. An image that it
 * saw fail is quarantined, and then not tried again whatever was promised.
 */
export function stillPromised(
  { retry }: Pick<LedgerState, 'retry'>,
  { request }: Pick<Owner, 'request'>,
  { ending }: End,
): Retry | undefined {
  return request && hasSettled(ending) ? retry : undefined;
}

/** Whether a dead rollout rolled what the tag policy selected, and not what someone chose beside it, and nobody saw it fail. */
function wasSelected(
  { seen, quarantine }: Pick<LedgerState, 'quarantine' | 'seen'>,
  { digest }: SelectedImage,
): boolean {
  return seen?.digest === digest && !quarantine.some((entry) => entry.digest === digest);
}

/** Whether the service is as it was before; anything else needs somebody to look at it. */
function hasSettled({ step, word }: Ending): boolean {
  if (step === 'AwaitRollback') return word === 'steady';
  return word === 'untouched' || ((step === 'Preflight' || step === 'RegisterRevision') && word === 'error');
}

/** Whether the tick is to try the image again that it finds selected. */
export function isRetryDue({ retry }: Pick<LedgerState, 'retry'>, selected: SelectedImage, now: number): boolean {
  return retry?.image.digest === selected.digest && now >= retry.dueAt;
}

/** What the record says of it. */
export function promiseOf({ dueAt }: Retry, now: number): string {
  return `It is tried again in ${minutesUntil(dueAt, now)} minutes.`;
}

/** Whole minutes until then. */
export function minutesUntil(dueAt: number, now: number): number {
  return Math.round((dueAt - now) / MINUTE_MS);
}
