import { revisionName, type ImageDigest } from './identifiers.ts';
import { isRollingForward } from './lease.ts';
import type { LedgerState, Owner, RolloutRecord, SelectedImage } from './ledger.ts';

// Two lines of our own log are a contract: the dashboard's queries name their members. Each member is always there, and a text or a
// number, because Logs Insights drops what is null and takes the latest value that it has for the latest one.

/** What each service's log says about it at every tick and after every rollout. */
export interface StandingLine {
  /** What a rollout proved last: `1.4.2 (sha256:0123456789ab)`; someone else may have deployed since. */
  readonly image: string;
  /** `api:42` */
  readonly revision: string;
  /** ISO 8601; when it was proven. */
  readonly since: string;
  /** The rollout that has the service, and what it does. */
  readonly rollout: string;
  /** Whether someone chose another image than the tag policy selects, so that pushes wait. */
  readonly pin: string;
  /** Rollouts that wait. */
  readonly waiting: number;
  /** Images that failed and are not tried again by themselves. */
  readonly quarantined: number;
}

/** What Conclude's log says of a rollout that has ended. */
export interface EndedLine {
  readonly rolloutId: string;
  readonly outcome: string;
  readonly reason: string;
  readonly message: string;
  /** `1.4.2 (sha256:0123456789ab)` */
  readonly image: string;
  /** Who started it: `push`, `tick`, `person`, `replayed`. */
  readonly startedBy: string;
  readonly seconds: number;
}

/** The message of a {@link StandingLine}. */
export const STANDING = 'standing';
/** The message of an {@link EndedLine}. */
export const ENDED = 'rollout ended';

const NOTHING = '-';

/** How a service stands, as far as the ledger knows. */
export function standingLine(state: LedgerState): StandingLine {
  const { verified, seen, owner, pin, pending, lettingFinish, quarantine, launch } = state;
  const proven = launch.isTakenBack ? undefined : verified[0];
  return {
    image: proven ? imageText(proven.digest, seen) : NOTHING,
    revision: proven ? revisionName(proven.taskDefinition) : NOTHING,
    since: proven ? isoTime(proven.at) : NOTHING,
    rollout: owner ? ownerText(owner) : 'none',
    pin: pin ? `since ${isoTime(pin.since)}, by rollout ${pin.rolloutId}` : 'none',
    waiting: Number(pending !== undefined) + lettingFinish.length,
    quarantined: quarantine.length,
  };
}

/** How a rollout ended. */
export function endedLine(record: RolloutRecord): EndedLine {
  const { rolloutId, outcome, reason, message, image, trigger, isTick, startedAt, endedAt } = record;
  return {
    rolloutId,
    outcome,
    reason,
    message,
    image: image ? imageText(image.digest, image) : NOTHING,
    startedBy: trigger ?? (isTick ? 'tick' : NOTHING),
    seconds: Math.round((endedAt - startedAt) / 1000),
  };
}

function ownerText(owner: Owner): string {
  const { rolloutId, image, startedAt } = owner;
  return `${rolloutId} ${doingOf(owner)} ${imageText(image.digest, image)}, begun ${isoTime(startedAt)}`;
}

function doingOf(owner: Owner): string {
  if (owner.phase.name === 'concluding') return 'has ended with';
  return isRollingForward(owner) ? 'rolls' : 'goes back from';
}

/** The tag is told where somebody is known who named the image by it. */
function imageText(digest: ImageDigest | undefined, named: SelectedImage | undefined): string {
  if (digest === undefined) return 'an image that is not pinned';
  const short = digest.slice(0, 'sha256:'.length + 12);
  return named?.tag !== undefined && named.digest === digest ? `${named.tag} (${short})` : short;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
