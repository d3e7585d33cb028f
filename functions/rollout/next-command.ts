import type { RolloutRecord } from './ledger.ts';
import type { Outcome } from './outcomes.ts';

type Next = (record: RolloutRecord) => string;

const status: Next = () => 'status';
const doctor: Next = () => 'doctor';
const start: Next = () => 'start';
const oneInFull: Next = ({ rolloutId }) => `history --rollout ${shellWord(rolloutId)}`;

const NEXT: Readonly<Record<Outcome, Next>> = {
  SUCCEEDED: status,
  NO_CHANGE: status,
  STAGED: status,
  SUPERSEDED: status,
  HELD: ({ reason, image }) => {
    if (reason === 'Pinned') return 'release';
    return reason === 'Quarantined' && image ? `start --digest ${image.digest}` : 'start';
  },
  REJECTED: doctor,
  ROLLED_BACK: oneInFull,
  ROLLED_BACK_BY_ECS: oneInFull,
  ABORTED: status,
  ABORTED_EXTERNAL: start,
  FAILED_NO_ROLLBACK_TARGET: oneInFull,
  FAILED_ROLLBACK: doctor,
};

/** The command that someone types next, whole: it works from any folder, where several services may bear one name. */
export function nextCommand(record: RolloutRecord): string {
  return `npx rollouts ${NEXT[record.outcome](record)} --service ${shellWord(record.service)}`;
}

/** Names of executions are whatever whoever starts them likes. */
function shellWord(text: string): string {
  return /^[\w.@:/+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
