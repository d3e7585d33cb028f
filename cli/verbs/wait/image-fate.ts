import type { ExecutionListItem } from '@aws-sdk/client-sfn';
import { readRecord, recordsSince } from '../../../functions/aws/history.ts';
import { readState } from '../../../functions/aws/ledger-table.ts';
import { findImage } from '../../../functions/aws/registry.ts';
import type { ImageDigest } from '../../../functions/rollout/identifiers.ts';
import { parseIntent } from '../../../functions/rollout/intent.ts';
import type { LedgerState, Owner, PendingRollout, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import type { Outcome } from '../../../functions/rollout/outcomes.ts';
import { isCandidateTag } from '../../../functions/rollout/select-image.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { describeExecution, newestExecutions, rolloutIdOf } from '../../account/executions.ts';
import { decidingRecord, saysItself } from './deciding-record.ts';

/** What became of an image so far; times are milliseconds since the epoch. */
export type Fate =
  | { readonly kind: 'decided'; readonly outcome: Outcome; readonly record: RolloutRecord }
  | {
      readonly kind: 'open';
      /** The rollout of the image that is under way or waits for its turn. */
      readonly rollout?: Pick<Owner, 'rolloutId' | 'startedAt'> | undefined;
      /** When the tick tries the image again. */
      readonly retryAt?: number | undefined;
    };

/** Ended executions that are asked which push they were for: more pushes than come between one and the wait for it. */
const ENDED_LOOKED_AT = 20;

/** Answers a function that looks what has become of an image. */
export function fateOf(cell: DeployedCell, digest: ImageDigest): () => Promise<Fate> {
  const records = recordsOf(cell, digest);
  const gaveWay = rolloutsThatGaveWay(cell, digest);
  return async () => {
    // In this order: a rollout that ends between the first two looks is looked for again, and one before them has its record.
    const executions = await newestExecutions(cell);
    const state = await readState(cell.ledger);
    const rollout = rolloutOf(state, digest);
    if (rollout) return { kind: 'open', rollout };
    const deciding = decidingRecord(await records(state));
    const retryAt = state.retry?.image.digest === digest ? state.retry.dueAt : undefined;
    if (retryAt !== undefined || executions.some((execution) => mayMean(state, execution, digest)))
      return { kind: 'open', retryAt };
    const other = await gaveWay(executions, deciding?.startedAt ?? 0);
    if (other) return { kind: 'decided', outcome: 'SUPERSEDED', record: other };
    if (!deciding || (await isOnItsWay(cell, digest, deciding))) return { kind: 'open' };
    return { kind: 'decided', outcome: deciding.outcome, record: deciding };
  };
}

/** The image's rollout that has the service, waits for its turn, or lets a deployment finish. */
function rolloutOf({ owner, pending, lettingFinish }: LedgerState, digest: ImageDigest) {
  const waiting = [...(pending ? [pending] : []), ...lettingFinish].filter(
    (waiter) => (waiter.image?.digest ?? requested(waiter)) === digest,
  );
  return owner?.image.digest === digest ? owner : waiting[0];
}

function requested({ request }: Pick<PendingRollout, 'request'>): ImageDigest | undefined {
  const rollback = request?.rollback;
  return request?.digest ?? (typeof rollback === 'object' ? rollback.to : undefined);
}

/** Whether an execution runs whose image is not decided yet; it may be this one. */
function mayMean(
  { owner, pending, lettingFinish }: LedgerState,
  { executionArn, status }: ExecutionListItem,
  digest: ImageDigest,
): boolean {
  if (status !== 'RUNNING' || executionArn === owner?.executionArn) return false;
  const waiter = [pending, ...lettingFinish].find((each) => each?.executionArn === executionArn);
  const image = waiter && (waiter.image?.digest ?? requested(waiter));
  return image === undefined || image === digest;
}

/** Answers a function that reads the image's records, the newest first: the whole history once, and then what is new. */
function recordsOf({ ledger }: DeployedCell, digest: ImageDigest) {
  let known: readonly RolloutRecord[] = [];
  let since = 0;
  return async ({ updatedAt }: Pick<LedgerState, 'updatedAt'>): Promise<readonly RolloutRecord[]> => {
    const found: RolloutRecord[] = [];
    for await (const page of recordsSince(ledger, since)) {
      found.push(...page.filter(({ image }) => image?.digest === digest));
      if (found.some(saysItself)) break;
    }
    const older = known.filter(({ rolloutId }) => !found.some((record) => record.rolloutId === rolloutId));
    known = [...found, ...older];
    since = updatedAt;
    return known;
  };
}

/**
 * Answers a function that finds the record of a rollout which the image's push started, after that time, and which rolled another
 * image: a newer one was selected by the time at which it looked.
 */
function rolloutsThatGaveWay(cell: DeployedCell, digest: ImageDigest) {
  const inputs = new Map<string, string>();
  const isItsPush = async (executionArn: string): Promise<boolean> => {
    if (!inputs.has(executionArn))
      inputs.set(executionArn, (await describeExecution(cell, executionArn))?.input ?? '{}');
    const intent = parseIntent(JSON.parse(inputs.get(executionArn)!), cell.config);
    return intent.kind === 'push' && intent.digest === digest;
  };
  return async (executions: readonly ExecutionListItem[], after: number): Promise<RolloutRecord | undefined> => {
    const startedAt = ({ startDate }: ExecutionListItem): number => startDate?.getTime() ?? 0;
    const ended = executions.filter((execution) => execution.status !== 'RUNNING' && startedAt(execution) > after);
    for (const execution of ended.slice(0, ENDED_LOOKED_AT)) {
      const { executionArn = '' } = execution;
      if (!(await isItsPush(executionArn))) continue;
      const rollout = { rolloutId: rolloutIdOf(executionArn), startedAt: startedAt(execution) };
      const record = await readRecord(cell.ledger, rollout);
      if (record?.image && record.image.digest !== digest) return record;
    }
    return undefined;
  };
}

/** Whether the image was heard of only by a tag that is not followed, though it has one that is: the push of that is still to come. */
async function isOnItsWay({ clients, config }: DeployedCell, digest: ImageDigest, { reason }: RolloutRecord) {
  if (reason !== 'TagNotSelected') return false;
  const image = await findImage(clients.ecr, config.repository, { imageDigest: digest });
  return image?.tags.some((tag) => isCandidateTag(tag, config.tagPolicy)) ?? false;
}
