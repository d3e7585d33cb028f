import type { EmitEvent, RecordMetric } from '../service.ts';
import { redriveStatus, type Execution } from './execution.ts';
import { exceedsBytes, MAX_EVENT_PAYLOAD_BYTES } from './quotas.ts';

const ENDED_METRICS = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  ABORTED: 'ExecutionsAborted',
  TIMED_OUT: 'ExecutionsTimedOut',
} as const;

/** Metrics of an execution that started or ended; namespace and dimension as CloudWatch shows them. */
export function recordMetrics(execution: Execution, record: RecordMetric): void {
  const dimensions = { StateMachineArn: execution.machine.arn };
  if (execution.status === 'RUNNING') return record('AWS/States', 'ExecutionsStarted', dimensions, 1);
  record('AWS/States', ENDED_METRICS[execution.status], dimensions, 1);
  record('AWS/States', 'ExecutionTime', dimensions, execution.stoppedAt! - execution.startedAt);
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export function emitStatusChange(execution: Execution, emit: EmitEvent): void {
  const { input, output } = execution;
  const included = !exceedsBytes(`${input}${output ?? ''}`, MAX_EVENT_PAYLOAD_BYTES);
  emit({
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [execution.arn],
    detail: {
      executionArn: execution.arn,
      stateMachineArn: execution.machine.arn,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      name: execution.name,
      status: execution.status,
      startDate: execution.startedAt,
      stopDate: execution.stoppedAt ?? null,
      input: included ? input : null,
      inputDetails: { included },
      output: included ? (output ?? null) : null,
      outputDetails: output === undefined ? null : { included },
      error: execution.error ?? null,
      cause: execution.cause ?? null,
      redriveCount: execution.redriveCount,
      redriveDate: execution.redrivenAt ?? null,
      redriveStatusReason: null,
      ...redriveStatus(execution),
    },
  });
}
