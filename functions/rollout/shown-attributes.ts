import { LEDGER_KEYS, type HistoryEntry, type LedgerState } from './ledger.ts';

/** Those of the state item, but the task tokens; the compiler knows when one is missing. */
const OF_STATE: Readonly<Record<Exclude<keyof LedgerState, 'tokens'>, true>> = {
  schema: true,
  version: true,
  updatedAt: true,
  generation: true,
  seen: true,
  firstLook: true,
  owner: true,
  pending: true,
  lettingFinish: true,
  displaced: true,
  verified: true,
  quarantine: true,
  pin: true,
  launch: true,
  retry: true,
  unsettled: true,
  needsSomeone: true,
  lastTargets: true,
  failedRevisions: true,
  rolledBackAt: true,
  outbox: true,
};

/** Those of a history entry. */
const OF_RECORD: Readonly<Record<keyof HistoryEntry, true>> = {
  schema: true,
  rolloutId: true,
  executionArn: true,
  service: true,
  outcome: true,
  reason: true,
  message: true,
  image: true,
  request: true,
  isTick: true,
  trigger: true,
  taskDefinition: true,
  deploymentId: true,
  startedAt: true,
  endedAt: true,
  detectionLagSeconds: true,
  triedAgainAt: true,
  failedTasks: true,
  runs: true,
  settledBy: true,
  course: true,
};

/** The attributes of the ledger's items that people may see: all but the task tokens. A policy may be limited to them. */
export const SHOWN_ATTRIBUTES: readonly string[] = [
  ...new Set([...Object.values(LEDGER_KEYS), ...Object.keys(OF_STATE), ...Object.keys(OF_RECORD)]),
];
