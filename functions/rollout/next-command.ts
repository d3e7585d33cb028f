import type { RolloutRecord } from './ledger.ts';
import type { Outcome } from './outcomes.ts';

/** The verbs that only read: what a message names is pasted at night, into whatever happened since. */
type ReadingVerb = 'status' | 'doctor' | `history --rollout ${string}`;
type Next = (record: RolloutRecord) => ReadingVerb;

const status: Next = () => 'status';
const doctor: Next = () => 'doctor';
const oneInFull: Next = ({ rolloutId }) => `history --rollout ${shellWord(rolloutId)}`;

/** Reasons for which a request is rejected, and not the service: what was asked for says it all. */
const OF_REQUESTS = ['MalformedInput', 'ImageNotFound', 'NeverProven', 'NothingProven'];

const NEXT: Readonly<Record<Outcome, Next>> = {
  SUCCEEDED: status,
  NO_CHANGE: status,
  STAGED: status,
  SUPERSEDED: status,
  // Neither to release a pin nor to try what failed again is a step that a message may choose.
  HELD: (record) => (record.reason === 'Quarantined' ? oneInFull(record) : 'status'),
  REJECTED: (record) => (OF_REQUESTS.includes(record.reason) ? oneInFull(record) : 'doctor'),
  ROLLED_BACK: oneInFull,
  ROLLED_BACK_BY_ECS: oneInFull,
  ABORTED: status,
  // To start would roll over someone's own fix.
  ABORTED_EXTERNAL: status,
  FAILED_NO_ROLLBACK_TARGET: oneInFull,
  FAILED_ROLLBACK: doctor,
};

/**
 * The command that someone types next, whole: it works from any folder, where several services may bear one name, and it changes
 * nothing, whatever the outcome.
 */
export function nextCommand(record: RolloutRecord): string {
  return commandFor(record, NEXT[record.outcome](record));
}

/** The command that shows what the service of a record runs now. */
export function statusCommand(record: Pick<RolloutRecord, 'service'>): string {
  return commandFor(record, 'status');
}

function commandFor({ service }: Pick<RolloutRecord, 'service'>, verb: ReadingVerb): string {
  return `npx rollouts ${verb} --service ${shellWord(service)}`;
}

/** The command that shows a rollout as it happens, whole. */
export function watchCommand({ service }: Pick<RolloutRecord, 'service'>): string {
  return `npx rollouts watch --service ${shellWord(service)}`;
}

/** Names of executions are whatever whoever starts them likes. */
function shellWord(text: string): string {
  return /^[\w.@:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
