import * as table from '../../functions/aws/ledger-table.ts';
import type { LedgerState, RolloutRecord } from '../../functions/rollout/ledger.ts';
import type { DeployedCell } from './deployed-cell.ts';

type LedgerPlace = Pick<DeployedCell, 'clients' | 'config' | 'ledgerTable'>;

/** The service's state item, read consistently; the empty ledger when no rollout ever was. */
export function readLedger(place: LedgerPlace): Promise<LedgerState> {
  return table.readState(tableOf(place));
}

/** The record of a rollout; undefined before it ended. */
export function readRecord(place: LedgerPlace, rolloutId: string): Promise<RolloutRecord | undefined> {
  return table.readRecord(tableOf(place), rolloutId);
}

/** The records of all finished rollouts, the one that ended last first. */
export function readRecords(place: LedgerPlace): Promise<RolloutRecord[]> {
  return table.readRecords(tableOf(place));
}

function tableOf({ clients, config: { service }, ledgerTable: tableName }: LedgerPlace): table.LedgerTable {
  return { client: clients.dynamodb, tableName, service };
}
