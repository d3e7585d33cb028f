import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type IFilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { METRIC_NAMESPACE } from '../functions/rollout/metric-names.ts';
import type { Cell } from './cell.ts';
import { constructId } from './handler-table.ts';
import type { Handlers } from './handlers.ts';

interface CountedLinesProps {
  readonly cell: Cell;
  readonly handlers: Handlers;
  readonly stateMachineLogs: ILogGroup;
}

/**
 * Two metrics over all functions and executions of a cell, counted in their logs: Lambda and Step Functions have theirs for each
 * function or for all outcomes together, and an alarm costs for each metric that it looks at. Filters cost nothing, and a metric
 * only in the hours in which it has values. It cannot have a dimension that no line names, so its name ends with the stack's.
 */
export class CountedLines extends Construct {
  /** Executions that ended without an outcome. Sum. */
  readonly unrecorded: Metric;
  /** Invocations that Lambda turned away, or that broke off before our code could say why. Sum. */
  readonly stopped: Metric;

  constructor(scope: Construct, id: string, { cell, handlers, stateMachineLogs }: CountedLinesProps) {
    super(scope, id);
    const count = (filterId: string, logGroup: ILogGroup, filterPattern: IFilterPattern, metric: string): Metric =>
      new MetricFilter(this, filterId, {
        logGroup,
        filterPattern,
        metricNamespace: METRIC_NAMESPACE,
        metricName: `${metric}/${cell.stackName}`,
        metricValue: '1',
      }).metric({ statistic: 'Sum', period: Duration.minutes(1) });
    this.unrecorded = count('Unrecorded', stateMachineLogs, UNRECORDED, 'UnrecordedExecutions');
    this.stopped = count('Stopped', stateMachineLogs, STOPPED, 'StoppedFunctions');
    // The others are invoked by the state machine, whose log says it of them.
    for (const name of ['wake-rollout', 'tick'] as const)
      count(`${constructId(name)}Stopped`, handlers.logsOf(name), BROKEN_OFF, 'StoppedFunctions');
  }
}

/** An execution that somebody stops is closed by its successor, with a record; every other end without an outcome is here. */
const UNRECORDED = FilterPattern.literal(
  '{ ($.type = "ExecutionTimedOut")' +
    ' || (($.type = "FailStateEntered") && ($.details.name != "Failed"))' +
    ' || (($.type = "ExecutionFailed") && ($.details.error = "States.*")) }',
);

/** `Runtime.*`: out of memory, exited, or never loaded. A step that waits for a token is submitted first. */
const STOPPED = FilterPattern.literal(
  '{ (($.type = "TaskFailed") || ($.type = "TaskSubmitFailed"))' +
    ' && (($.details.error = "Lambda.TooManyRequestsException") || ($.details.error = "Sandbox.Timedout")' +
    ' || ($.details.error = "Runtime.*")) }',
);

/**
 * Ends of which our own code cannot tell: the words are those of Lambda, for a time-out, an exit and the type of error in its report
 * (https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html), and of the runtime, for what cannot be loaded
 * and what nobody caught (github.com/aws/aws-lambda-nodejs-runtime-interface-client, src/index.mjs).
 */
const BROKEN_OFF = FilterPattern.anyTerm(
  'Task timed out after',
  'Runtime exited',
  'Error Type: Runtime.',
  'Uncaught Exception',
  'Unhandled Promise Rejection',
);
