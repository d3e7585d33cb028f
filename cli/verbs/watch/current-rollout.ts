import { readState } from '../../../functions/aws/ledger-table.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { runningExecutions } from '../../account/executions.ts';

/** The execution that owns the service; else the newest that runs, which may still be deciding. */
export async function currentRollout(cell: DeployedCell): Promise<string | undefined> {
  const [{ owner }, running] = await Promise.all([readState(cell.ledger), runningExecutions(cell)]);
  return running.find((executionArn) => executionArn === owner?.executionArn) ?? running[0];
}
