import { Duration } from 'aws-cdk-lib/core';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FUNCTION_ERRORS_METRIC, NEEDS_SOMEONE_METRIC } from '../functions/rollout/metric-names.ts';
import { alarmName, type AlarmId } from '../configuration/names.ts';
import type { Cell } from './cell.ts';
import type { Handlers } from './handlers.ts';
import { serviceMetric, waitingMessagesMetric } from './metrics.ts';
import type { CountedLines } from './counted-lines.ts';
import { DEAD_LETTERS_DAYS } from './dead-letters.ts';

interface AlarmsProps {
  readonly cell: Cell;
  readonly topic: ITopic;
  readonly handlers: Handlers;
  readonly counted: CountedLines;
  readonly deadLetters: IQueue;
}

/**
 * What may wake someone: an alarm on one metric for each way of going wrong that a message about a rollout does not tell. Each is red
 * as long as what its description says is true.
 */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    for (const [alarmId, way] of Object.entries(waysToGoWrong(props))) {
      const alarm = new Alarm(this, alarmId, {
        alarmName: alarmName(props.cell.stackName, alarmId as AlarmId),
        alarmDescription: `${props.cell.ledgerKey}: ${way.description}`,
        metric: way.metric,
        threshold: 1,
        evaluationPeriods: way.of ?? 1,
        datapointsToAlarm: way.periods ?? 1,
        comparisonOperator: way.isSilence
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: way.without,
      });
      alarm.addAlarmAction(new SnsAction(props.topic));
    }
  }
}

interface WayToGoWrong {
  /** What is wrong, and what to do. */
  readonly description: string;
  readonly metric: Metric;
  /**
   * How many periods must be bad.
   * @default 1
   */
  readonly periods?: number;
  /**
   * Of how many.
   * @default 1
   */
  readonly of?: number;
  /** True where too little is wrong, and nothing at all most of all. */
  readonly isSilence?: boolean;
  /** What a period without any value means. */
  readonly without: TreatMissingData;
}

function waysToGoWrong(props: AlarmsProps): Record<AlarmId, WayToGoWrong> {
  const { cell, handlers, counted, deadLetters } = props;
  const tick = cell.service.tickMinutes;
  return {
    // Between two ticks nobody says anything, and what was said last stands.
    NeedsSomeone: {
      description: `nothing proven was left in place, or nobody could be told of an outcome. See rollouts status; then roll out a good image, or end this with rollouts acknowledge.`,
      metric: serviceMetric(cell, NEEDS_SOMEONE_METRIC, 'Maximum', Duration.minutes(1)),
      without: TreatMissingData.IGNORE,
    },
    ExecutionsUnrecorded: {
      description: `an execution of ${cell.stateMachineName} ended without an outcome. The tick makes up for it; this stays red while that fails, too. Its history says where and why.`,
      metric: counted.unrecorded,
      of: 3 * tick,
      without: TreatMissingData.NOT_BREACHING,
    },
    // The tick keeps the queue's metric alive, which would end after six hours without it; while nothing ticks, what was said last stands.
    EventsUndelivered: {
      description: `events could not be delivered and wait in ${deadLetters.queueName}. The tick makes up for them. Their attributes say why; purge the queue to end this, or wait the ${DEAD_LETTERS_DAYS} days after which SQS deletes them.`,
      metric: waitingMessagesMetric(deadLetters),
      without: TreatMissingData.IGNORE,
    },
    FunctionsFailing: {
      description: `functions fail again and again. Which and why: log groups /aws/lambda/${cell.stackName}/*, "step failed".`,
      metric: serviceMetric(cell, FUNCTION_ERRORS_METRIC, 'Sum', Duration.minutes(Math.max(5, tick))),
      ...AGAIN_AND_AGAIN,
    },
    FunctionsStopped: {
      description: `functions are throttled, time out, crash or cannot start, again and again. See log groups /aws/lambda/${cell.stackName}/*, the log of ${cell.stateMachineName}, and Lambda's concurrency in this account and Region.`,
      metric: counted.stopped.with({ period: Duration.minutes(Math.max(5, tick)) }),
      ...AGAIN_AND_AGAIN,
    },
    // Nobody makes up for lost events or dead rollouts any more.
    TickSilent: {
      description: `the tick has not run for ${3 * tick} minutes. Check that its rule is enabled and may invoke it.`,
      metric: handlers.of('tick').metricInvocations({ statistic: 'Sum', period: Duration.minutes(3 * tick) }),
      isSilence: true,
      without: TreatMissingData.BREACHING,
    },
  };
}

/** Functions are retried, by design, after one minute, five, ten and twenty; a tick may come a little late. */
const AGAIN_AND_AGAIN = { periods: 3, of: 4, without: TreatMissingData.NOT_BREACHING } as const;
