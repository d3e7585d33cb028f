import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { Happenings } from './happenings.ts';
import { OUTCOMES } from './reach.ts';

/** Executions that nobody stopped and that ended without an outcome, as one does whose history is full. */
export function endsWithoutOutcome(
  rollouts: readonly { readonly executionArn: string; readonly status: string; readonly outcome: string }[],
): string[] {
  return rollouts.flatMap(({ executionArn, status, outcome }) => {
    if (status !== 'FAILED' || OUTCOMES.includes(outcome)) return [];
    return [`end: Rollout ${nameOf(executionArn)} ended ${outcome}, and nothing was in its way.`];
  });
}

/** There and back take an hour each at most, and each of their looks, retries and margins some minutes. */
const LONGEST_SECONDS = 9_000;

/** Rollouts that changed the service and were not over long after their deadlines, by `now`. */
export function lingering({ entries, ends }: Pick<Happenings, 'entries' | 'ends'>, now: number): string[] {
  return [...new Set(entries.map(({ rollout }) => rollout))].flatMap((rollout) => {
    const began = entries.find((entry) => entry.rollout === rollout && entry.state === 'RollService');
    const endedAt = ends.find((end) => end.rollout === rollout)?.at ?? now;
    if (!began || endedAt - began.at <= LONGEST_SECONDS * 1000) return [];
    const seconds = Math.round((endedAt - began.at) / 1000);
    return [`end: Rollout ${nameOf(rollout)} took ${seconds} s from its change of the service on, more than any may.`];
  });
}

/** Outcomes that say that the service is as somebody wants it. */
const SETTLED = ['SUCCEEDED', 'ROLLED_BACK', 'ROLLED_BACK_BY_ECS'];
/** Somebody else's deployment may begin while the last look is judged. */
const UNSEEN_MS = 60_000;

type Ended = Pick<RecordView, 'rolloutId' | 'outcome' | 'endedAt'>;

/** Ends that call the service settled while ECS had not completed what it deployed last. */
export function unsettled(
  { deployments, foreign }: Pick<Happenings, 'deployments' | 'foreign'>,
  records: readonly Ended[],
): string[] {
  return records.flatMap(({ rolloutId, outcome, endedAt }) => {
    const last = deployments.findLast(({ at }) => at <= endedAt);
    const isForeign = foreign.some(({ at }) => at <= endedAt && at >= endedAt - UNSEEN_MS);
    if (!SETTLED.includes(outcome) || !last || isForeign || last.says === 'SERVICE_DEPLOYMENT_COMPLETED') return [];
    return [`end: Rollout ${rolloutId} ended ${outcome}, and the last that ECS had said was ${last.says}.`];
  });
}

/** Rollouts that made way for somebody else, where nobody else deployed anything. */
export function madeWayForNobody({ foreign }: Pick<Happenings, 'foreign'>, records: readonly Ended[]): string[] {
  return records.flatMap(({ rolloutId, outcome, endedAt }) => {
    if (outcome !== 'ABORTED_EXTERNAL' || foreign.some(({ at }) => at <= endedAt)) return [];
    return [`foreign: Rollout ${rolloutId} ended ABORTED_EXTERNAL, and nobody else had deployed anything.`];
  });
}

type Promising = Pick<
  RecordView,
  'rolloutId' | 'image' | 'outcome' | 'request' | 'startedAt' | 'endedAt' | 'triedAgainAt'
>;

/** A tick comes every few minutes. */
const TRIED_WITHIN_MS = 1_200_000;

/**
 * Records that promise another try, which nobody began by `now`. It is owed no longer where another image was pushed in its place
 * meanwhile, and who waited for the turn with that one took it; nor where the tag names no image any more. Who waited for the turn
 * with the same image, as after a retag, has tried it; who waited with a choice of somebody's holds the service from then on; and
 * where the tag was moved to what had succeeded before, there is nothing to roll.
 */
export function brokenPromises(
  { starts, pushes, entries }: Pick<Happenings, 'starts' | 'pushes' | 'entries'>,
  records: readonly Promising[],
  isSelected: (tag: string) => boolean,
  now: number,
): string[] {
  return records.flatMap(({ rolloutId, image, endedAt, triedAgainAt = Infinity }) => {
    const latest = triedAgainAt + TRIED_WITHIN_MS;
    const isInTime = ({ at }: { readonly at: number }): boolean => at > endedAt && at <= latest;
    const lastPush = pushes.findLast(({ at, tag }) => at <= endedAt && isSelected(tag));
    const isReplaced = lastPush !== undefined && lastPush.digest !== image?.digest;
    const isTaken = isReplaced && entries.some((entry) => entry.state === 'AcceptIntent' && isInTime(entry));
    const isGone = pushes.findLast(({ at, tag }) => at <= latest && isSelected(tag))?.isArtifact === true;
    const isBack =
      isReplaced &&
      records.some(
        (one) => one.image?.digest === lastPush.digest && one.outcome === 'SUCCEEDED' && one.endedAt < endedAt,
      );
    const isTried = records.some((one) => {
      const isChosen = one.request !== undefined && one.outcome === 'SUCCEEDED';
      return (one.image?.digest === image?.digest || isChosen) && one.endedAt > endedAt && one.startedAt <= latest;
    });
    if (now < latest || starts.some(isInTime) || isTaken || isGone || isTried || isBack) return [];
    return [`end: Rollout ${rolloutId} promised another try, and nothing was begun in time.`];
  });
}

/** After five minutes, a quarter of an hour and three: what lasts longer passes so slowly that somebody has to know. */
const TRIES_MAX = 3;
/** Of a rollback that failed somebody was told at once; it is tried as often, and then every hour for a day. */
const WAYS_BACK_MAX = TRIES_MAX + 24;

/** Tries that ticks make one after the other, each of which promises the next one: at last somebody is told instead. */
export function endlessTries(
  records: readonly Pick<RecordView, 'rolloutId' | 'image' | 'trigger' | 'outcome' | 'triedAgainAt'>[],
): string[] {
  let tries = 0;
  let last: { readonly digest?: string | undefined; readonly isWayBack?: boolean } = {};
  return records.flatMap(({ rolloutId, image, trigger, outcome, triedAgainAt }) => {
    const { digest, isWayBack } = { digest: image?.digest, isWayBack: outcome === 'FAILED_ROLLBACK' };
    const isNext = trigger === 'tick' && digest === last.digest && isWayBack === last.isWayBack;
    tries = triedAgainAt === undefined ? 0 : isNext ? tries + 1 : 1;
    last = { digest, isWayBack };
    if (tries <= (isWayBack ? WAYS_BACK_MAX : TRIES_MAX)) return [];
    return [`bounds: Rollout ${rolloutId} promised try ${tries} in a row of ${digest}, and nobody was told of any.`];
  });
}

/** The first look, and what somebody moved: more often nothing is repaired by looking again. */
const IDLE_STARTS_MAX = 6;

/**
 * Executions that ticks started, again and again, although there was nothing to repair. While ECS deploys what somebody else wants
 * there is, and no tick can.
 */
export function restless(
  { starts, deployments }: Pick<Happenings, 'starts' | 'deployments'>,
  rollouts: readonly { readonly executionArn: string; readonly outcome: string }[],
): string[] {
  const isDeploying = (now: number): boolean =>
    deployments.findLast(({ at }) => at <= now)?.says === 'SERVICE_DEPLOYMENT_IN_PROGRESS';
  const ticks = new Set(starts.filter(({ isTick, at }) => isTick && !isDeploying(at)).map(({ rollout }) => rollout));
  const idle = rollouts.filter(({ executionArn, outcome }) => outcome === 'NO_CHANGE' && ticks.has(executionArn));
  return idle.length <= IDLE_STARTS_MAX ? [] : [`rest: Ticks started ${idle.length} rollouts that changed nothing.`];
}

function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
