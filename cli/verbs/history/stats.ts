import type { ImageDigest } from '../../../functions/rollout/identifiers.ts';
import type { RolloutRecord, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { OUTCOMES } from '../../../functions/rollout/outcomes.ts';

/** The middle of so many durations; undefined of none. */
export interface Median {
  readonly seconds: number | undefined;
  readonly of: number;
}

/** How well changes go, of one period. */
export interface Stats {
  /** Images that were proven, each once; rollbacks are none. */
  readonly deployments: number;
  readonly takenBack: { readonly byRollouts: number; readonly byPeople: number };
  /** From 0 to 1; undefined where nothing was rolled. */
  readonly failureRate: number | undefined;
  readonly timeToRestore: Median & { readonly open: number };
  readonly leadTime: { readonly fromCreated: Median; readonly fromPush: Median };
}

/** When images were created, milliseconds since the epoch, as far as they say so. */
type CreationTimes = ReadonlyMap<ImageDigest, number | undefined>;

/** An image is pushed at most so long after its creation, in milliseconds: reproducible builds name a moment of no meaning. */
const CREATED_BEFORE_PUSH_MAX_MS = 365 * 86_400_000;

/** The record of a rollout that proved its image. */
interface Deployment extends RolloutRecord {
  readonly image: SelectedImage;
}

/** Counts the records of one period, the newest first. */
export function statsOf(records: readonly RolloutRecord[], createdAt: CreationTimes): Stats {
  const deployed = deploymentsIn(records);
  const failed = records.filter(hasFailed);
  const back = records.filter(isRollback);
  const rolled = deployed.length + failed.length;
  const failures = failed.length + back.length;
  const restored = [...failed.map((record) => secondsToRestore(record, records)), ...back.map(secondsOf)];
  const lead = deployed.map((record) => leadOf(record, createdAt));
  return {
    deployments: deployed.length,
    takenBack: { byRollouts: failed.length, byPeople: back.length },
    // Who goes back may go back from what was rolled before the period.
    failureRate: rolled === 0 ? undefined : Math.min(1, failures / rolled),
    timeToRestore: { ...median(restored.filter(isKnown)), open: restored.filter((one) => !isKnown(one)).length },
    leadTime: {
      fromCreated: median(lead.flatMap(({ from, seconds }) => (from === 'created' ? [seconds] : []))),
      fromPush: median(lead.flatMap(({ from, seconds }) => (from === 'push' ? [seconds] : []))),
    },
  };
}

/** The first proof of each image in the period, the newest image first: rolled again, it is no new deployment. */
export function deploymentsIn(records: readonly RolloutRecord[]): Deployment[] {
  const proofs = records.filter(isDeployment);
  return proofs.filter(
    ({ image }, index) => !proofs.slice(index + 1).some((older) => older.image.digest === image.digest),
  );
}

function isDeployment(record: RolloutRecord): record is Deployment {
  return record.outcome === 'SUCCEEDED' && record.image !== undefined && !isRollback(record);
}

/** A person went back from what was proven before. */
function isRollback({ outcome, request }: RolloutRecord): boolean {
  return outcome === 'SUCCEEDED' && request?.rollback !== undefined;
}

/** A rollout came to nothing after it had touched the service; one that is tried again has not ended yet. */
function hasFailed({ outcome, triedAgainAt }: RolloutRecord): boolean {
  return OUTCOMES[outcome].blamesImage && triedAgainAt === undefined;
}

/** From the beginning of a rollout that failed until a proven image ran: again, or at last; undefined while none has. */
function secondsToRestore(failed: RolloutRecord, records: readonly RolloutRecord[]): number | undefined {
  const restores = ({ outcome }: RolloutRecord): boolean => OUTCOMES[outcome].isBack || outcome === 'SUCCEEDED';
  const first = [...records].reverse().find((record) => record.endedAt >= failed.endedAt && restores(record));
  return first && (first.endedAt - failed.startedAt) / 1000;
}

function secondsOf({ startedAt, endedAt }: RolloutRecord): number {
  return (endedAt - startedAt) / 1000;
}

/** Until an image was proven: from its creation, or, where it does not say that or nothing credible, from its push. */
function leadOf({ image, endedAt }: Deployment, createdAt: CreationTimes) {
  const { digest, selectedAt } = image;
  const created = createdAt.get(digest);
  const isCredible = created !== undefined && created <= endedAt && created >= selectedAt - CREATED_BEFORE_PUSH_MAX_MS;
  return isCredible
    ? { from: 'created', seconds: (endedAt - created) / 1000 }
    : { from: 'push', seconds: (endedAt - selectedAt) / 1000 };
}

function isKnown(seconds: number | undefined): seconds is number {
  return seconds !== undefined;
}

function median(durations: readonly number[]): Median {
  const sorted = [...durations].sort((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  const seconds = sorted.length === 0 ? undefined : middle.reduce((sum, one) => sum + one, 0) / middle.length;
  return { seconds, of: sorted.length };
}
