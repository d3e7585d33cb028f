import { ecr, ecs, events, ledger, logs, sfn, sns, ssm } from './aws/clients.ts';
import { environment } from './aws/environment.ts';
import { answerToken } from './aws/executions.ts';
import { readRecord } from './aws/history.ts';
import { changeState, readState } from './aws/ledger-table.ts';
import { logger, step } from './aws/log.ts';
import { emitNeed } from './aws/metrics.ts';
import { writeLiveImage } from './aws/publication.ts';
import { pinnedImage, tagImage } from './aws/registry.ts';
import { commit, inLedger, tasksToRead, type Conclusion } from './rollout/conclude.ts';
import type { RolloutConfig } from './rollout/config.ts';
import { courseOf, type Trail } from './rollout/course.ts';
import { withoutFailed } from './rollout/failed-revisions.ts';
import type { ImageDigest } from './rollout/identifiers.ts';
import type { PersonsRequest } from './rollout/intent.ts';
import { ownedBy, release } from './rollout/lease.ts';
import { withUntold } from './rollout/needs-someone.ts';
import {
  ledgerTime,
  type HistoryEntry,
  type LedgerState,
  type RolloutRecord,
  type SelectedImage,
} from './rollout/ledger.ts';
import { dueImages, provenImages, withOwed, withoutSlots, type ProvenImages } from './rollout/outbox.ts';
import { outcomeOf } from './rollout/outcome-of.ts';
import { OUTCOMES, type Outcome } from './rollout/outcomes.ts';
import type { TaskLog } from './rollout/task-log.ts';
import { STANDING, standingLine } from './rollout/told-lines.ts';
import { inTurn } from './steps/in-turn.ts';
import { tasksOf, type RolledAs, type SeenTasks } from './rollout/task-lives.ts';
import { deregisterFailed } from './steps/deregister-failed.ts';
import { firstFailure, projectAll } from './steps/project-records.ts';
import { readTasks } from './steps/read-tasks.ts';
import { readTaskLogs } from './steps/read-task-logs.ts';

interface ConcludeArguments extends Omit<Conclusion, 'service' | 'startedAt' | 'config' | 'rolled'>, Trail {
  readonly config: RolloutConfig;
  /** ISO 8601. */
  readonly startedAt: string;
  /** What was rolled, and what was put back, once they were; definitions of older releases do not say the second. */
  readonly rolled: (NonNullable<Conclusion['rolled']> & RolledAs) | null;
  readonly back?: RolledAs | null;
}

/** How the execution ends. */
interface Concluded {
  readonly outcome: Outcome;
  readonly word: 'ended-well' | 'ended-badly' | 'unjudged';
  readonly reason: string;
  readonly message: string;
  /** What a person asked for; undefined for pushes and the tick. */
  readonly request: PersonsRequest | undefined;
  /** Of the image that was meant. */
  readonly digest: ImageDigest | undefined;
  /** The image that was meant; whoever waits for a push compares its digest. */
  readonly image: Pick<SelectedImage, 'digest' | 'tag'> | undefined;
}

const FREE = { word: 'again', reason: 'ServiceFree', message: 'The service is free.' };

/** Conclude: one write commits the outcome; history, live image and notification follow from it; the lease goes last. */
export const handler = step('Conclude', identify, (input: ConcludeArguments) =>
  inTurn({ ledger, rolloutId: input.rolloutId, until: 'tried-enough' }, () => conclude(input)),
);

async function conclude(input: ConcludeArguments): Promise<Concluded> {
  const said = { ...input, service: input.config.service, startedAt: Date.parse(input.startedAt) };
  const seen = await tasksSeen(input);
  const { state, record, conclusion } = await commitOnce(said);
  if (!conclusion) return UNJUDGED;
  const images = await nameProvenImages(state, record, input);
  const course = record && courseAt(record, state, seen, input);
  const { projected, owed, untold, failure } = await projectAll(
    { ledger, events, sns, topicArn: environment('NOTIFICATION_TOPIC_ARN') },
    state,
    { failedNaming: images.failure, config: input.config, own: { rolloutId: input.rolloutId, course } },
  );
  const deregistered = await deregisterFailed(ecs, state, input.config);
  const released = await changeState(
    ledger,
    (current, now) => {
      const freed = withOwed(release(current, input.rolloutId, projected), owed);
      return withUntold(withoutFailed(withoutSlots(freed, images.gone), deregistered), untold, now);
    },
    state,
  );
  emitNeed(input.config.service, released, Date.now());
  logger.info(STANDING, { standing: standingLine(released) });
  if (released.pending && !released.owner) await answerToken(sfn, released.tokens.turn, FREE);
  // The lease is free and the rest is done: what could not be sent stays in the outbox for a retry, or for the tick.
  if (failure !== undefined) throw failure;
  return concluded(record, conclusion);
}

/** The tasks as they are when a rollout ends that may have changed the service; nothing waits for them but its history entry. */
async function tasksSeen({ rolled, cause, config }: ConcludeArguments): Promise<SeenTasks | undefined> {
  return rolled || cause ? readTasks(ecs, config) : undefined;
}

/** How the rollout went, for its history entry. */
function courseAt(
  { startedAt, endedAt }: RolloutRecord,
  state: LedgerState,
  seen: SeenTasks | undefined,
  input: ConcludeArguments,
): HistoryEntry['course'] {
  const owner = ownedBy(state, input.rolloutId);
  const { rolled, back } = input;
  const isRecovery = owner?.purpose === 'recover';
  const roles = { startedAt, isRecovery, rolled, back, baselineId: owner?.baseline?.deploymentId };
  return {
    ...courseOf(owner, input, endedAt),
    ...(seen && owner && tasksOf(seen, { ...roles, judged: owner.judged ?? [] })),
  };
}

/** The ledger has no verdict for the answer that ended a watch: the state machine looks again. To an older one it is the end. */
const UNJUDGED: Concluded = {
  outcome: 'ABORTED',
  word: 'unjudged',
  reason: 'NoVerdict',
  message: 'The ledger has no such verdict; the service is looked at again.',
  request: undefined,
  digest: undefined,
  image: undefined,
};

function identify({ rolloutId, decision }: ConcludeArguments): { rolloutId: string; digest: string | undefined } {
  return { rolloutId, digest: decision.image?.digest };
}

interface Committed {
  readonly state: LedgerState;
  readonly record: RolloutRecord | undefined;
  /** As the ledger says; undefined where it has no verdict: then nothing was committed. */
  readonly conclusion: Conclusion | undefined;
}

/** Commits, unless this rollout was committed before: then only what may be missing is repeated. */
async function commitOnce(said: Conclusion & Pick<ConcludeArguments, 'config'>): Promise<Committed> {
  const { rolloutId } = said;
  const known = await readState(ledger);
  // The lease goes last: a rollout without it never had it, lost it, or is through, and then its history entry says so.
  const earlier = ownedBy(known, rolloutId) ? undefined : await readRecord(ledger, said);
  const read = earlier ? undefined : await logsToKeep(known, said);
  let conclusion: Conclusion | undefined = said;
  const state = await changeState(
    ledger,
    (current, now) => {
      if (earlier) return undefined;
      conclusion = inLedger(current, said, now);
      return conclusion && commit(current, { ...conclusion, logs: read }, now);
    },
    known,
  );
  return { state, record: earlier ?? state.outbox.find((record) => record.rolloutId === rolloutId), conclusion };
}

/** What the containers wrote for which the rollout failed: ECS forgets their tasks, and so where that is, after an hour. */
function logsToKeep(
  known: LedgerState,
  said: Conclusion & Pick<ConcludeArguments, 'config'>,
): Promise<ReadonlyMap<string, TaskLog>> {
  const tasks = tasksToRead(known, said, ledgerTime(Date.now(), known));
  return readTaskLogs({ ecs, logs, readableGroup: said.config.logGroup }, tasks);
}

/** How often the proven images are named: again whenever another one was proven meanwhile. */
const NAMINGS_MAX = 5;

/** What became of naming the proven images outside the ledger. */
interface Named {
  /** Those that the repository has no more. */
  readonly gone: readonly ImageDigest[];
  readonly failure: unknown;
}

/**
 * Names the proven images outside the ledger, as the ledger has them now and not as a record had them that waited. Nobody can
 * prove another image beside the owner; whoever is none looks afterwards whether somebody did, and then names that one.
 */
async function nameProvenImages(
  known: LedgerState,
  record: RolloutRecord | undefined,
  { rolloutId, config, decision }: ConcludeArguments,
): Promise<Named> {
  const due = dueImages([...known.outbox, record]);
  // The tick starts the flow to repair: somebody may have moved any keep tag.
  const { isRepair } = decision;
  let state = known;
  for (let naming = 0; naming < NAMINGS_MAX && (due.length > 0 || isRepair); naming++) {
    const named = await nameImages(provenImages(state, due, isRepair), config);
    if (named.failure !== undefined || ownedBy(state, rolloutId)) return named;
    const next = await readState(ledger);
    const [last] = next.verified;
    if (last?.taskDefinition === state.verified[0]?.taskDefinition) return named;
    if (last?.digest !== undefined) due.push(last.digest);
    state = next;
  }
  return { gone: [], failure: undefined };
}

async function nameImages({ live, kept }: ProvenImages, config: RolloutConfig): Promise<Named> {
  const { keepTagPrefix, repository, liveImageParameter } = config;
  const gone: ImageDigest[] = [];
  const keep = async (digest: ImageDigest, imageTag: string): Promise<void> => {
    if ((await tagImage(ecr, repository, digest, imageTag)) === 'gone') gone.push(digest);
  };
  const results = await Promise.allSettled([
    live && writeLiveImage(ssm, liveImageParameter, pinnedImage(environment('REPOSITORY_URI'), live)),
    ...(keepTagPrefix === undefined ? [] : kept.map(({ digest, slot }) => keep(digest, `${keepTagPrefix}${slot}`))),
  ]);
  return { gone, failure: firstFailure(results) };
}

/** A rollout without a record of its own was closed by its successor, or was the tick's and had nothing to repair. */
function concluded(record: RolloutRecord | undefined, conclusion: Conclusion): Concluded {
  const { ending, cause, decision } = conclusion;
  const outcome = record?.outcome ?? outcomeOf(ending, cause, decision.rollbackTarget);
  const { reason, message } = record ?? ending;
  const word = OUTCOMES[outcome].endsWell ? 'ended-well' : 'ended-badly';
  const image = record?.image ?? decision.image ?? decision.pushed;
  const meant = image && { digest: image.digest, tag: image.tag };
  return { outcome, word, reason, message, request: record?.request, digest: image?.digest, image: meant };
}
