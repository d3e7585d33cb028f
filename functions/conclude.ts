import { ecr, ledger, sfn, sns, ssm } from './aws/clients.ts';
import { environment } from './aws/environment.ts';
import { answerToken } from './aws/executions.ts';
import { changeState, readRecord, readState, writeRecord } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { emitMetrics, type MetricValue } from './aws/metrics.ts';
import { notify, writeLiveImage } from './aws/publication.ts';
import { pinnedImage, tagImage } from './aws/registry.ts';
import { commit, type Conclusion } from './rollout/conclude.ts';
import type { RolloutConfig } from './rollout/config.ts';
import type { ImageDigest } from './rollout/identifiers.ts';
import type { PersonsRequest } from './rollout/intent.ts';
import { ROLLOUTS_METRIC } from './rollout/metric-names.ts';
import { ownedBy, release } from './rollout/lease.ts';
import type { LedgerState, ProvenRevision, RolloutRecord } from './rollout/ledger.ts';
import { outcomeOf } from './rollout/outcome-of.ts';
import { OUTCOMES, type Outcome } from './rollout/outcomes.ts';

interface ConcludeArguments extends Omit<Conclusion, 'service' | 'startedAt'> {
  readonly config: RolloutConfig;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** How the execution ends. */
interface Concluded {
  readonly outcome: Outcome;
  readonly word: 'ended-well' | 'ended-badly';
  readonly reason: string;
  readonly message: string;
  /** What a person asked for; undefined for pushes and the tick. */
  readonly request: PersonsRequest | undefined;
  /** Of the image that was meant. */
  readonly digest: ImageDigest | undefined;
}

const FREE = { word: 'again', reason: 'ServiceFree', message: 'The service is free.' };

/** Conclude: one write commits the outcome; history, live image and notification follow from it; the lease goes last. */
export const handler = step('Conclude', identify, async (input: ConcludeArguments): Promise<Concluded> => {
  const conclusion = { ...input, service: input.config.service, startedAt: Date.parse(input.startedAt) };
  const { state, record } = await commitOnce(conclusion);
  const { sent, failure } = await projectAll(state, input.config);
  const released = await changeState(ledger, (current) => release(current, input.rolloutId, sent), state);
  if (released.pending && !released.owner) await answerToken(sfn, released.pending.token, FREE);
  // The lease is free and the rest is done: what could not be sent stays in the outbox for a retry, or for the tick.
  if (failure !== undefined) throw failure;
  return concluded(record, conclusion);
});

function identify({ rolloutId, decision }: ConcludeArguments): { rolloutId: string; digest: string | undefined } {
  return { rolloutId, digest: decision.image?.digest };
}

/** Commits, unless this rollout was committed before: then only what may be missing is repeated. */
async function commitOnce(conclusion: Conclusion): Promise<{ state: LedgerState; record: RolloutRecord | undefined }> {
  const { rolloutId } = conclusion;
  const known = await readState(ledger);
  // The lease goes last: a rollout without it never had it, lost it, or is through, and then its history entry says so.
  const earlier = ownedBy(known, rolloutId) ? undefined : await readRecord(ledger, rolloutId);
  const state = await changeState(
    ledger,
    (current, now) => (earlier ? undefined : commit(current, conclusion, now)),
    known,
  );
  return { state, record: earlier ?? state.outbox.find((record) => record.rolloutId === rolloutId) };
}

/** Projects each record by itself, so that one that cannot be sent holds up neither the others nor the lease. */
async function projectAll(
  { outbox, verified }: LedgerState,
  config: RolloutConfig,
): Promise<{ sent: string[]; failure: unknown }> {
  const results = await Promise.allSettled(outbox.map((record) => project(record, verified, config)));
  const sent = outbox
    .filter((_record, index) => results[index]?.status === 'fulfilled')
    .map(({ rolloutId }) => rolloutId);
  const rejected = results.find((result) => result.status === 'rejected');
  return { sent, failure: rejected?.reason };
}

/** Everything that follows from a committed record; each part may be repeated without harm. */
async function project(
  record: RolloutRecord,
  verified: readonly ProvenRevision[],
  config: RolloutConfig,
): Promise<void> {
  await writeRecord(ledger, record);
  if (record.outcome === 'SUCCEEDED' && record.image) {
    const { digest } = record.image;
    // A record that had to wait in the outbox must not put the image back that another one was proven after.
    if (verified[0]?.digest === digest)
      await writeLiveImage(ssm, config.liveImageParameter, pinnedImage(environment('REPOSITORY_URI'), digest));
    const { keepSlot } = verified.find((revision) => revision.digest === digest) ?? {};
    // Without a slot it is no rollback target any more, and the lifecycle policy may have it.
    if (config.keepTagPrefix !== undefined && keepSlot !== undefined)
      await tagImage(ecr, config.repository, digest, `${config.keepTagPrefix}${keepSlot}`);
  }
  if (OUTCOMES[record.outcome].isAnnounced) await notify(sns, environment('NOTIFICATION_TOPIC_ARN'), record);
  emitRollout(record);
}

function emitRollout(record: RolloutRecord): void {
  const { service: Service, outcome: Outcome, endedAt } = record;
  emitMetrics({ Service, Outcome }, { [ROLLOUTS_METRIC]: { value: 1, unit: 'Count' } }, endedAt);
  const lag = record.detectionLagSeconds;
  // The image of a rollback was live before: the time since then is nobody's waiting time.
  const isLive = record.outcome === 'SUCCEEDED' && record.image !== undefined && !record.request?.rollback;
  emitMetrics(
    { Service },
    {
      DurationSeconds: seconds((endedAt - record.startedAt) / 1000),
      PushToLiveSeconds: isLive ? seconds((endedAt - record.image.selectedAt) / 1000) : undefined,
      DetectionLagSeconds: lag === undefined ? undefined : seconds(lag),
    },
    endedAt,
  );
}

function seconds(value: number): MetricValue {
  return { value, unit: 'Seconds' };
}

/** A rollout without a record of its own was closed by its successor, or was the tick's and had nothing to repair. */
function concluded(record: RolloutRecord | undefined, conclusion: Conclusion): Concluded {
  const { ending, cause, decision } = conclusion;
  const outcome = record?.outcome ?? outcomeOf(ending, cause, decision.rollbackTarget);
  const { reason, message } = record ?? ending;
  const word = OUTCOMES[outcome].endsWell ? 'ended-well' : 'ended-badly';
  const { image } = record ?? decision;
  return { outcome, word, reason, message, request: record?.request, digest: image?.digest };
}
