import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { PersonsStop } from '../rollout/take-over.ts';
import { plainText } from '../rollout/identifiers.ts';
import { isOutcome } from '../rollout/outcomes.ts';
import { isFault } from './faults.ts';

/** Characters of a stop's cause that are kept: room for a person's longest reason, and for the verb before it. */
const CAUSE_MAX = 300;

/** How an execution stands: whether it is RUNNING and, when somebody stopped it, the cause that they gave. */
export interface ExecutionStanding {
  readonly isRunning: boolean;
  readonly stop?: PersonsStop | undefined;
  /** Present where it ended with an outcome: then Conclude has committed it. */
  readonly hasConcluded?: true | undefined;
}

/**
 * DescribeExecution is eventually consistent: "The results are best effort and may not reflect very recent updates and changes."
 * What has just started may not exist yet; far longer than such an answer is old.
 */
const UNSEEN_MS = 60_000;

/** An execution as the ledger knows it; `startedAt` in milliseconds since the epoch. */
export interface KnownExecution {
  readonly executionArn: string;
  readonly startedAt: number;
}

/** Whether an execution is RUNNING; one that Step Functions no longer knows is not, and one that it may not know yet is. */
export async function isExecutionRunning(client: SFNClient, execution: KnownExecution): Promise<boolean> {
  return (await executionStanding(client, execution)).isRunning;
}

/** Looks at an execution. Its status is ABORTED only by StopExecution, which nothing here calls but a person. */
export async function executionStanding(
  client: SFNClient,
  { executionArn, startedAt }: KnownExecution,
): Promise<ExecutionStanding> {
  try {
    const { status, cause = '', error = '' } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'RUNNING') return { isRunning: true };
    if (status === 'SUCCEEDED' || (status === 'FAILED' && isOutcome(error)))
      return { isRunning: false, hasConcluded: true };
    if (status !== 'ABORTED') return { isRunning: false };
    const words = plainText(cause, CAUSE_MAX);
    return { isRunning: false, stop: words === '' ? {} : { cause: words } };
  } catch (error) {
    if (isFault(error, 'ExecutionDoesNotExist')) return { isRunning: Date.now() - startedAt < UNSEEN_MS };
    throw error;
  }
}

/** Answers a task token, where there is one; a token whose step is over already is no error, the answer came too late to matter. */
export async function answerToken(client: SFNClient, taskToken: string | undefined, output: object): Promise<void> {
  if (taskToken === undefined) return;
  try {
    await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  } catch (error) {
    if (!isFault(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) throw error;
  }
}

/** Starts the service's state machine and answers the execution's ARN; its name is left to Step Functions. */
export async function startExecution(client: SFNClient, stateMachineArn: string, input: object): Promise<string> {
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return executionArn!;
}
