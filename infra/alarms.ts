import { Duration } from 'aws-cdk-lib/core';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { EVERY_OUTCOME, OUTCOMES } from '../functions/rollout/outcomes.ts';
import type { Cell } from './cell.ts';
import { constructId, HANDLER_NAMES, HANDLERS } from './handler-table.ts';
import type { Handlers } from './handlers.ts';
import { failedInvocationsMetric, outcomeMetric, untoldMetric, waitingMessagesMetric } from './metrics.ts';

interface AlarmsProps {
  readonly cell: Cell;
  readonly topic: ITopic;
  readonly stateMachine: StateMachine;
  readonly handlers: Handlers;
  readonly rules: Readonly<Record<string, Rule>>;
  readonly deadLetters: Readonly<Record<string, IQueue>>;
}

/** An alarm per way of going wrong; each says in its description what to do, and publishes to the topic. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.alarms = waysToGoWrong(props).map((way) => this.alarmOf(way, props.topic));
  }

  private alarmOf(way: WayToGoWrong, topic: ITopic): Alarm {
    const alarm = new Alarm(this, way.id, {
      alarmDescription: way.description,
      metric: way.metric,
      threshold: way.threshold ?? 1,
      evaluationPeriods: 1,
      comparisonOperator: way.isSilence
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: way.isSilence ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    return alarm;
  }
}

interface WayToGoWrong {
  readonly id: string;
  readonly description: string;
  readonly metric: Metric;
  /** @default 1 */
  readonly threshold?: number;
  /** True where too little is wrong, and nothing at all most of all. */
  readonly isSilence?: boolean;
}

function waysToGoWrong(props: AlarmsProps): WayToGoWrong[] {
  return [
    ...badOutcomes(props),
    ...badExecutions(props),
    ...badDeliveries(props),
    ...badHandlers(props),
    untold(props),
    silence(props),
  ];
}

function badOutcomes({ cell }: AlarmsProps): WayToGoWrong[] {
  return EVERY_OUTCOME.flatMap((outcome) => {
    const { alarm } = OUTCOMES[outcome];
    if (alarm === null) return [];
    return {
      id: `Outcome${outcome.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
      description: `${cell.ledgerKey}: ${outcome}. ${alarm}`,
      metric: outcomeMetric(cell, outcome),
    };
  });
}

function badExecutions({ cell, stateMachine }: AlarmsProps): WayToGoWrong[] {
  const period = { statistic: 'Sum', period: Duration.minutes(1) };
  const way = (id: string, what: string, metric: Metric): WayToGoWrong => ({
    id,
    description: `${cell.ledgerKey}: an execution of the rollout ${what}. The execution's history says where and why.`,
    metric,
  });
  return [
    way('ExecutionsFailed', 'failed', stateMachine.metricFailed(period)),
    way('ExecutionsTimedOut', 'timed out', stateMachine.metricTimedOut(period)),
    way('ExecutionsAborted', 'was stopped', stateMachine.metricAborted(period)),
  ];
}

function badDeliveries({ cell, rules, deadLetters }: AlarmsProps): WayToGoWrong[] {
  const undelivered = Object.entries(rules).map(([name, rule]) => ({
    id: `${name}RuleFailed`,
    description: `${cell.ledgerKey}: EventBridge could not deliver an event of the ${name} rule: check the target's permissions.`,
    metric: failedInvocationsMetric(rule),
  }));
  const dead = Object.entries(deadLetters).map(([name, queue]) => ({
    id: `${name}DeadLetters`,
    description: `${cell.ledgerKey}: an event of the ${name} rules was given up. Its message attributes say why; the tick makes up for it.`,
    metric: waitingMessagesMetric(queue),
  }));
  return [...undelivered, ...dead];
}

function badHandlers({ cell, handlers }: AlarmsProps): WayToGoWrong[] {
  return HANDLER_NAMES.map((name) => {
    const { count, minutes } = HANDLERS[name].errorsTolerated(cell);
    return {
      id: `${constructId(name)}Errors`,
      description: `${cell.ledgerKey}: ${name} fails again and again. Its log group says why.`,
      metric: handlers.of(name).metricErrors({ statistic: 'Sum', period: Duration.minutes(minutes) }),
      threshold: count,
    };
  });
}

/** The topic may be what does not work: then the alarm's state is all that tells. */
function untold({ cell }: AlarmsProps): WayToGoWrong {
  return {
    id: 'OutcomesUntold',
    description: `${cell.ledgerKey}: an outcome could not be told, or what follows from it done, for hours. rollouts history shows it; Conclude's log group says why.`,
    metric: untoldMetric(cell),
  };
}

/** Three ticks missed: nobody makes up for lost events or dead rollouts any more. */
function silence({ cell, handlers }: AlarmsProps): WayToGoWrong {
  const period = Duration.minutes(3 * cell.service.tickMinutes);
  return {
    id: 'TickSilent',
    description: `${cell.ledgerKey}: the tick has not run for ${period.toMinutes()} minutes. Check that its rule is enabled.`,
    metric: handlers.of('tick').metricInvocations({ statistic: 'Sum', period }),
    isSilence: true,
  };
}
