import { isRelaunch } from './launch.ts';
import { revisionName, type ImageDigest } from './identifiers.ts';
import { QUARANTINE_KEPT, type LedgerState, type Owner } from './ledger.ts';
import type { Ending } from './outcome-of.ts';
import type { RefusalReason } from './preflight.ts';
import { PASSING_STOPS, SIDECAR_NOT_PULLED } from './stopped-task.ts';

/** Reasons that say nothing about an image: any other would have failed as well. */
const BLAMELESS = [
  ...PASSING_STOPS,
  'DeadlineExceeded',
  'NobodyCouldLook',
  'NobodyMayLook',
  'TasksNotPlaced',
  'DigestUnknown',
  'SecretUnavailable',
  'RoleOrLogGroupDenied',
  'PullDenied',
  'ResourceInitialization',
  SIDECAR_NOT_PULLED,
];

/** What was judged of a rollout's image, by verdict or by the end of a step. */
interface Judged {
  readonly word: string;
  readonly reason: string;
}

/** An image is at fault when it was seen to fail; what it never came to, trouble of AWS and of permissions prove nothing. */
export function isAtFault(state: LedgerState, owner: Owner, { word, reason }: Judged): boolean {
  if (word !== 'failed' && word !== 'rolled-back-by-ecs') return false;
  if (BLAMELESS.includes(reason)) return false;
  // What a dead rollout left was never judged.
  if (owner.purpose === 'recover') return false;
  // Nor is one that was proven, and now fails where nothing runs: the tick tries it again, a bounded number of times.
  return !isRelaunch(state, owner);
}

/** Whether the owner would go back to an earlier revision of its own image: forced though it ran already. */
export function isItsOwnTarget({ rollbackTarget, image: { digest } }: Owner): boolean {
  if (rollbackTarget?.kind !== 'revision') return false;
  return rollbackTarget.digest === digest || rollbackTarget.imageDigests.includes(digest);
}

/** What the record says where a rollback puts the very image back, which nobody would guess of a proven revision. */
export function sameImageBack(
  { verified, quarantine }: LedgerState,
  owner: Owner,
  isBack: boolean,
): string | undefined {
  const { rollbackTarget, image } = owner;
  if (!rollbackTarget || !isItsOwnTarget(owner)) return undefined;
  const others = verified.filter(({ digest }) => digest !== undefined && digest !== image.digest);
  const isAlone = others.every((other) => quarantine.some(({ digest }) => digest === other.digest));
  const what = `What was${isBack ? '' : ' to be'} put back, ${revisionName(rollbackTarget.taskDefinition)}, is an earlier revision of the same image`;
  return isAlone ? `${what}; no other image is proven.` : `${what}. To run another proven one: rollouts rollback.`;
}

/** Adds the owner's image to what failed here, from `now` on; what this rollout has added before stays as it is. */
export function quarantine(state: LedgerState, { image, rolloutId }: Owner, reason: string, now: number): LedgerState {
  const { digest } = image;
  if (state.quarantine.some((entry) => entry.digest === digest && entry.rolloutId === rolloutId)) return state;
  const others = state.quarantine.filter((entry) => entry.digest !== digest);
  return { ...state, quarantine: [{ digest, since: now, rolloutId, reason }, ...others].slice(0, QUARANTINE_KEPT) };
}

/** The word of Preflight for what only its manifest tells from an image. */
const NOT_AN_IMAGE = 'NotAnImage' satisfies RefusalReason;

/** Newest of these that are kept: whatever was pushed before an image is never selected beside it. */
const ARTIFACTS_KEPT = 5;

/** What the tag policy selected and Preflight found to be no image: it must not stand in the way of those that are. */
export function artifactsIn({ quarantine: entries }: Pick<LedgerState, 'quarantine'>): readonly ImageDigest[] {
  return entries.filter(({ reason }) => reason === NOT_AN_IMAGE).map(({ digest }) => digest);
}

/** Remembers that the owner's image is none, as Preflight says; undefined where it says nothing of the kind. */
export function withoutArtifact(
  state: LedgerState,
  owner: Owner,
  { step, reason }: Ending,
  now: number,
): LedgerState | undefined {
  if (step !== 'Preflight' || reason !== NOT_AN_IMAGE) return undefined;
  const forgotten = artifactsIn(state).slice(ARTIFACTS_KEPT - 1);
  const kept = { ...state, quarantine: state.quarantine.filter(({ digest }) => !forgotten.includes(digest)) };
  const seen = state.seen?.digest === owner.image.digest ? owner.seenBefore : state.seen;
  return { ...quarantine(kept, owner, NOT_AN_IMAGE, now), seen };
}
