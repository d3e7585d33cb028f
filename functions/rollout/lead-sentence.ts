import { revisionName, shortDigest } from './identifiers.ts';
import type { RolloutRecord } from './ledger.ts';
import { statusCommand } from './next-command.ts';
import type { Outcome } from './outcomes.ts';

/** What happened to which image, and what runs now: the one sentence that someone reads who reads no further. */
export function leadSentence(record: RolloutRecord): string {
  return LEADS[record.outcome](record);
}

const LEADS: Readonly<Record<Outcome, (record: RolloutRecord) => string>> = {
  SUCCEEDED: (record) =>
    `${service(record)} ${record.request?.rollback ? 'is back on' : 'now runs'} ${image(record)}, and every task is healthy.`,
  NO_CHANGE: (record) => `Nothing to roll out to ${service(record)}.`,
  STAGED: (record) =>
    `${image(record)} is in place on ${service(record)}, which is set to run no tasks: nothing runs, and nothing is proven yet.`,
  SUPERSEDED: (record) => `${rollout(record)} gave way to a newer one.`,
  HELD: (record) => `${image(record)} is on hold: ${unchanged(record)}`,
  REJECTED: (record) => `${rollout(record)} was rejected: ${unchanged(record)}`,
  ROLLED_BACK: (record) => `${rollout(record)} was rolled back${now(record, again)}`,
  ROLLED_BACK_BY_ECS: (record) => `${rollout(record)} was rolled back by ECS${now(record, again)}`,
  ABORTED: (record) =>
    `${rollout(record)} ${isDeliberate(record) ? 'was stopped on purpose' : 'died before its end'}${now(record, again)}`,
  ABORTED_EXTERNAL: (record) =>
    `Someone else deployed ${service(record)} during the rollout of ${image(record)}: their change was left alone. ${look(record)}`,
  FAILED_NO_ROLLBACK_TARGET: (record) =>
    `${rollout(record)} failed with nothing proven to go back to${now(record, (revision) => `${revision} is still on the service`)}`,
  FAILED_ROLLBACK: (record) =>
    record.runs
      ? `${rollout(record)} failed, and so did its rollback${now(record, (revision) => `${revision} is on the service`)} Someone must look.`
      : `${rollout(record)} failed, and so did its rollback: nobody knows what runs now, so someone must look.`,
};

/** Whether someone stopped it: nothing broke. */
export function isDeliberate({ outcome, reason }: Pick<RolloutRecord, 'outcome' | 'reason'>): boolean {
  return outcome === 'ABORTED' && reason === 'StoppedByPerson';
}

/** `1.4.2 (sha256:0123456789ab)`, or the digest alone. */
export function image({ image: meant }: Pick<RolloutRecord, 'image'>): string {
  if (!meant) return 'an image';
  const digest = shortDigest(meant.digest);
  return meant.tag === undefined ? digest : `${meant.tag} (${digest})`;
}

function rollout(record: RolloutRecord): string {
  const of = record.image ? ` of ${image(record)}` : '';
  return `The rollout${of} to ${service(record)}`;
}

function service(record: RolloutRecord): string {
  return record.service;
}

const again = (revision: string): string => `${revision} runs again`;

/** What runs now, after what happened. */
function now(record: RolloutRecord, ofRevision: (revision: string) => string): string {
  const { runs } = record;
  if (!runs) return `. ${look(record)}`;
  if (runs.kind === 'nothing') return ': the service was taken back to zero tasks.';
  if (runs.kind === 'unchanged') return `: ${unchanged(record)}`;
  const of = runs.digest === undefined ? '' : ` (${shortDigest(runs.digest)})`;
  return `; ${ofRevision(`${revisionName(runs.taskDefinition)}${of}`)}.`;
}

function look(record: RolloutRecord): string {
  return `See what runs now: ${statusCommand(record)}`;
}

function unchanged(record: RolloutRecord): string {
  return `${service(record)} was not changed and runs what it ran before.`;
}
