import type { DeployedCell } from '../../account/deployed-cell.ts';
import { describeExecution, rolloutIdOf } from '../../account/executions.ts';
import { readRecord } from '../../account/ledger.ts';
import { utc } from '../../terminal/moments.ts';

/** How a rollout ended; times are milliseconds since the epoch. */
export interface EndedRollout {
  readonly rolloutId: string;
  readonly executionArn: string;
  /** One of the outcomes, or the error's name of an execution that could not say. */
  readonly outcome: string;
  readonly reason?: string;
  readonly message?: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Reads how an execution that is over ended: from its record, or from the execution where none was written. */
export async function readEnd(cell: DeployedCell, executionArn: string): Promise<EndedRollout> {
  const rolloutId = rolloutIdOf(executionArn);
  const [execution, record] = await Promise.all([describeExecution(cell, executionArn), readRecord(cell, rolloutId)]);
  const concluded = conclusionOf(execution?.output);
  const reason = record?.reason ?? concluded.reason;
  const message = record?.message ?? concluded.message ?? execution?.cause;
  return {
    rolloutId,
    executionArn,
    outcome: record?.outcome ?? concluded.outcome ?? execution?.error ?? stoppedAs(execution?.status),
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    startedAt: execution?.startDate?.getTime() ?? record?.startedAt ?? 0,
    endedAt: execution?.stopDate?.getTime() ?? record?.endedAt ?? 0,
  };
}

/** The end for machines (docs/verbs-json.md). */
export function endJson({
  rolloutId,
  executionArn,
  outcome,
  reason,
  message,
  startedAt,
  endedAt,
}: EndedRollout): object {
  return {
    rolloutId,
    executionArn,
    outcome,
    reason: reason ?? null,
    message: message ?? null,
    startedAt: utc(startedAt),
    endedAt: utc(endedAt),
  };
}

/** An execution that was stopped or timed out says nothing itself; its successor will call it ABORTED. */
function stoppedAs(status: string | undefined): string {
  return status === 'ABORTED' || status === 'TIMED_OUT' ? 'ABORTED' : (status ?? 'UNKNOWN');
}

interface Concluded {
  readonly outcome?: string;
  readonly reason?: string;
  readonly message?: string;
}

function conclusionOf(output: string | undefined): Concluded {
  return output === undefined ? {} : (JSON.parse(output) as Concluded);
}
