import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  StopExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionListItem,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import { startExecution as start } from '../../functions/aws/executions.ts';
import type { DeployedCell } from './deployed-cell.ts';

type MachinePlace = Pick<DeployedCell, 'clients' | 'stateMachineArn'>;

/** History pages that are followed, 1,000 events each: an execution has at most 25,000 events. */
const PAGES_MAX = 25;

/** Starts a rollout with this input; answers the execution's ARN. */
export function startExecution({ clients, stateMachineArn }: MachinePlace, input: object): Promise<string> {
  return start(clients.sfnOnce, stateMachineArn, input);
}

/** Stops a rollout at once, wherever it is; a state machine cleans up nothing by itself. */
export async function stopExecution({ clients }: MachinePlace, executionArn: string, cause: string): Promise<void> {
  await clients.sfnOnce.send(new StopExecutionCommand({ executionArn, error: 'ABORTED', cause }));
}

/** The execution as it stands; undefined when Step Functions has forgotten it, 90 days after its end. */
export async function describeExecution(
  { clients }: MachinePlace,
  executionArn: string,
): Promise<DescribeExecutionOutput | undefined> {
  try {
    return await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}

/** ARNs of the rollouts that run now, the newest first. */
export async function runningExecutions({ clients, stateMachineArn }: MachinePlace): Promise<string[]> {
  const { executions } = await clients.sfn.send(
    new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: 100 }),
  );
  return (executions ?? []).map(({ executionArn }) => executionArn!);
}

/** The rollouts that started last, at most a hundred, the newest first; whether they run is part of it. */
export async function newestExecutions({ clients, stateMachineArn }: MachinePlace): Promise<ExecutionListItem[]> {
  const { executions } = await clients.sfn.send(new ListExecutionsCommand({ stateMachineArn, maxResults: 100 }));
  return executions ?? [];
}

/** Everything that an execution's history holds so far, oldest first. */
export async function executionHistory({ clients }: MachinePlace, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await clients.sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, includeExecutionData: true, nextToken }),
    );
    events.push(...(answer.events ?? []));
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return events;
}

/** The name of an execution, which is the rollout's id. */
export function rolloutIdOf(executionArn: string): string {
  return executionArn.slice(executionArn.lastIndexOf(':') + 1);
}
