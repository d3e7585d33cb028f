import type { Decision } from './accept.ts';
import { acknowledged, isAcknowledgement } from './acknowledge.ts';
import { isAtFault, isItsOwnTarget, quarantine, withoutArtifact } from './blame.ts';
import type { ImageDigest } from './identifiers.ts';
import { launchAfter, type LaunchEnd } from './launch.ts';
import { waitingOf } from './lease.ts';
import {
  KEEP_SLOTS,
  VERIFIED_KEPT,
  type FirstLook,
  type LedgerState,
  type Owner,
  type PersonsChoice,
  type ProvenRevision,
  type RolloutRecord,
  type SelectedImage,
} from './ledger.ts';
import { isBackAtNothing, isUntouched, type End } from './outcome-of.ts';
import { OUTCOMES } from './outcomes.ts';
import { pinAfter, pinBeside } from './pin.ts';

/** What the ledger remembers, beside the record, of a rollout that owned the service. */
export function remember(state: LedgerState, mine: Owner, record: RolloutRecord, end: End, now: number): LedgerState {
  const owner = isUntouched(end.ending) ? { ...mine, targets: [] } : mine;
  const next: LedgerState = {
    ...state,
    pin: pinAfter(state, owner),
    launch: launchAfter(state, owner, launchEndOf(owner, record, end)),
    // One that put nothing on the service leaves it as it was.
    lastTargets: owner.targets.length > 0 ? owner.targets : state.lastTargets,
    rolledBackAt: OUTCOMES[record.outcome].isBack ? now : state.rolledBackAt,
  };
  if (record.outcome === 'SUCCEEDED') return verify(next, owner, now);
  const withoutIt = withoutArtifact(next, owner, end.ending, now);
  if (withoutIt) return withoutIt;
  return isToBlame(state, owner, record, end) ? quarantine(next, owner, record.reason, now) : next;
}

/** A selection that needed no roll was seen all the same; a person's choice that runs already still pins or releases. */
export function rememberDecision(
  state: LedgerState,
  decision: Decision,
  record: RolloutRecord,
  now: number,
): LedgerState {
  const { word, image, choice, request } = decision;
  if (isAcknowledgement(request)) return acknowledged(state, request, record);
  const { startedAt } = record;
  const looked: LedgerState = {
    ...state,
    firstLook: lookedAt(state, decision, startedAt),
    pin: pinBeside(state, request, startedAt),
  };
  if (word !== 'nothing' && word !== 'held') return looked;
  const isTriedNoMore = image !== undefined && state.retry?.image.digest === image.digest;
  if (isTriedNoMore) return rememberDecision({ ...state, retry: undefined }, decision, record, now);
  if (choice) return pinned(looked, choice, record.rolloutId, image, now);
  const isNewer = image && image.selectedAt >= (state.seen?.selectedAt ?? 0);
  return isNewer ? { ...looked, seen: image } : looked;
}

/** The first look, when this was one; whoever only waited, or was not understood, has looked at nothing. */
function lookedAt({ firstLook }: LedgerState, decision: Decision, startedAt: number): FirstLook | undefined {
  const { word, reason, image } = decision;
  if (word !== 'nothing' && word !== 'held' && word !== 'stale') return firstLook;
  const first = firstLook ?? { at: startedAt };
  return reason === 'FirstLook' ? { ...first, digest: image?.digest } : first;
}

function launchEndOf({ rollbackTarget }: Owner, { outcome }: RolloutRecord, { ending }: End): LaunchEnd {
  if (outcome === 'SUCCEEDED') return 'succeeded';
  return isBackAtNothing(ending, rollbackTarget) ? 'emptied' : 'failed';
}

/**
 * The verdict has written it down already; here stands what only the end tells: an image that was forced though it ran already is
 * at fault when its proven revision was seen to fail, too. Otherwise what is proven would be lost with it.
 */
function isToBlame(state: LedgerState, owner: Owner, { outcome }: RolloutRecord, { ending, cause }: End): boolean {
  const hasFailed = OUTCOMES[outcome].blamesImage && isAtFault(state, owner, cause ?? ending);
  return hasFailed && (!isItsOwnTarget(owner) || isAtFault(state, owner, ending));
}

/** What was watched until it was seen healthy is proven. */
function verify(state: LedgerState, owner: Owner, now: number): LedgerState {
  const watch = waitingOf(owner)?.watch;
  if (!watch) return state;
  const { image, choice, rolloutId } = owner;
  const older = state.verified
    .filter(({ taskDefinition }) => taskDefinition !== watch.taskDefinition)
    .map((revision) =>
      choice?.leaves && revision.digest === choice.leaves ? { ...revision, rolledBackBy: rolloutId } : revision,
    )
    .slice(0, VERIFIED_KEPT - 1);
  const proven: ProvenRevision = {
    taskDefinition: watch.taskDefinition,
    deploymentId: watch.deploymentId,
    digest: image.digest,
    imageDigests: watch.imageDigests,
    at: now,
    keepSlot: keepSlotFor(image.digest, older),
    rolledBackBy: undefined,
  };
  const released = state.quarantine.filter(({ digest }) => digest !== image.digest);
  const next = { ...state, verified: [proven, ...older], quarantine: released };
  return choice ? pinned(next, choice, rolloutId, image, now) : next;
}

/** The slot of the image's keep tag: the one that it has, else the first that no verified revision uses. */
function keepSlotFor(digest: ImageDigest, verified: readonly ProvenRevision[]): number {
  const own = verified.find((revision) => revision.digest === digest)?.keepSlot;
  const used = new Set(verified.map((revision) => revision.keepSlot));
  return own ?? KEEP_SLOTS.find((slot) => !used.has(slot))!;
}

/** A person's choice beside the selection pins the service; the choice of the selection lets pushes be followed again. */
function pinned(
  state: LedgerState,
  { pins }: PersonsChoice,
  rolloutId: string,
  image: SelectedImage | undefined,
  now: number,
): LedgerState {
  return { ...state, pin: pins ? { since: now, rolloutId, digest: image?.digest } : undefined };
}
