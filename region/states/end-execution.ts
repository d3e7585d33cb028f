import { emitStatusChange, recordMetrics } from './announce.ts';
import { closeAttempt, type Execution, type ExecutionStatus } from './execution.ts';
import { failureDetails, withOutput } from './history.ts';
import type { Workflows } from './model.ts';
import { record } from './record.ts';
import { dropDeleted } from './registry.ts';

/** How an execution ended. */
export interface Ending {
  readonly output?: string;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** Ends an execution; one that has ended stays as it is. */
export function endExecution(
  workflows: Workflows,
  execution: Execution,
  status: ExecutionStatus,
  ending: Ending,
): void {
  if (execution.status !== 'RUNNING') return;
  const { kernel } = workflows;
  kernel.cancel(execution.timeout);
  kernel.cancel(execution.visit?.wait);
  if (execution.visit?.attempt) closeAttempt(kernel, execution.visit.attempt);
  execution.status = status;
  execution.stoppedAt = kernel.now;
  if (ending.output !== undefined) execution.output = ending.output;
  // An execution that ran out of time shows no error; only its last event names one.
  if (status !== 'TIMED_OUT') Object.assign(execution, failureDetails(ending.error, ending.cause));
  recordEnd(workflows, execution, status, ending);
  recordMetrics(execution, workflows.recordMetric);
  emitStatusChange(execution, workflows.emit);
  dropDeleted(workflows, execution.machine.arn);
}

function recordEnd(workflows: Workflows, execution: Execution, status: ExecutionStatus, ending: Ending): void {
  const details = failureDetails(ending.error, ending.cause);
  if (status === 'SUCCEEDED')
    record(workflows, execution, 'ExecutionSucceeded', {
      executionSucceededEventDetails: withOutput(ending.output!),
    });
  else if (status === 'FAILED')
    record(workflows, execution, 'ExecutionFailed', { executionFailedEventDetails: details });
  // Neither of these follows from an event of the flow, so both point at none.
  else if (status === 'ABORTED')
    record(workflows, execution, 'ExecutionAborted', { executionAbortedEventDetails: details }, true);
  else record(workflows, execution, 'ExecutionTimedOut', { executionTimedOutEventDetails: details }, true);
}
