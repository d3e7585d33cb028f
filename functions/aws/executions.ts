import {
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isFault } from './faults.ts';

const client = new SFNClient({});

/** Whether an execution is RUNNING; one that Step Functions no longer knows is not. */
export async function isExecutionRunning(executionArn: string): Promise<boolean> {
  try {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING';
  } catch (error) {
    if (isFault(error, 'ExecutionDoesNotExist')) return false;
    throw error;
  }
}

/** Answers a task token; a token whose step is over already is no error, the answer came too late to matter. */
export async function answerToken(taskToken: string, output: object): Promise<void> {
  try {
    await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
  } catch (error) {
    if (!isFault(error, 'TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken')) throw error;
  }
}

/** Starts the service's state machine; its name is left to Step Functions, the ledger finds duplicates. */
export async function startExecution(stateMachineArn: string, input: object): Promise<void> {
  await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
}
