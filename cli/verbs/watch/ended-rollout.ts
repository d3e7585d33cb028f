import { z } from 'zod';
import { readRecord } from '../../../functions/aws/history.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { describeExecution, rolloutIdOf } from '../../account/executions.ts';
import { moment, shape } from '../../terminal/document.ts';
import { utc } from '../../terminal/moments.ts';

/** How a rollout ended; times are milliseconds since the epoch. */
export interface EndedRollout {
  readonly rolloutId: string;
  readonly executionArn: string;
  /** One of the outcomes, or the error's name of an execution that could not say. */
  readonly outcome: string;
  readonly reason: string | undefined;
  readonly message: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A rollout that was followed, for machines. */
export const followedSchema = shape('rollout', {
  rolloutId: z.string().describe('Name of the execution.'),
  executionArn: z.string().describe('ARN of the execution.'),
  outcome: z
    .string()
    .nullable()
    .describe(
      "One of the outcomes, or the error's name of an execution that could not say; null when its end was not seen, and so are all members below.",
    ),
  reason: z.string().nullable().describe('CamelCase, for machines; null when nobody said.'),
  message: z.string().nullable().describe('For people; null when nobody said.'),
  startedAt: moment.nullable().describe('When the execution started.'),
  endedAt: moment.nullable().describe('When it ended.'),
});
type FollowedJson = z.infer<typeof followedSchema>;

/** Reads how an execution that is over ended: from its record, or from the execution where none was written. */
export async function readEnd(cell: DeployedCell, executionArn: string): Promise<EndedRollout> {
  const rolloutId = rolloutIdOf(executionArn);
  const execution = await describeExecution(cell, executionArn);
  const record = await readRecord(cell.ledger, { rolloutId, startedAt: execution?.startDate?.getTime() ?? 0 });
  const concluded = conclusionOf(execution?.output);
  return {
    rolloutId,
    executionArn,
    outcome: record?.outcome ?? concluded.outcome ?? execution?.error ?? stoppedAs(execution?.status),
    reason: record?.reason ?? concluded.reason,
    message: record?.message ?? concluded.message ?? execution?.cause,
    startedAt: execution?.startDate?.getTime() ?? record?.startedAt ?? 0,
    endedAt: execution?.stopDate?.getTime() ?? record?.endedAt ?? 0,
  };
}

/** A rollout for machines, with its end where that was seen. */
export function followedJson(executionArn: string, ended: EndedRollout | undefined): FollowedJson {
  return {
    rolloutId: rolloutIdOf(executionArn),
    executionArn,
    outcome: ended?.outcome ?? null,
    reason: ended?.reason ?? null,
    message: ended?.message ?? null,
    startedAt: ended ? utc(ended.startedAt) : null,
    endedAt: ended ? utc(ended.endedAt) : null,
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
