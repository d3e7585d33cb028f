import { Duration } from 'aws-cdk-lib/core';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Rule } from 'aws-cdk-lib/aws-events';
import {
  METRIC_NAMESPACE,
  ROLLOUTS_METRIC,
  UNTOLD_METRIC,
  type MetricDimension,
  type SecondsMetric,
} from '../functions/rollout/metric-names.ts';
import type { Outcome } from '../functions/rollout/outcomes.ts';
import type { Cell } from './cell.ts';

const ONE_MINUTE = Duration.minutes(1);

/** How many rollouts of the service ended with an outcome; Conclude emits it. */
export function outcomeMetric(cell: Cell, outcome: Outcome): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: ROLLOUTS_METRIC,
    dimensionsMap: { Service: cell.ledgerKey, Outcome: outcome } satisfies Record<MetricDimension, string>,
    statistic: 'Sum',
    period: ONE_MINUTE,
  });
}

/** How many outcomes of the service could not be told within hours; Conclude emits it. */
export function untoldMetric(cell: Cell): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: UNTOLD_METRIC,
    dimensionsMap: { Service: cell.ledgerKey } satisfies Partial<Record<MetricDimension, string>>,
    statistic: 'Sum',
    period: ONE_MINUTE,
  });
}

/** A duration that Conclude emits. */
export function secondsMetric(cell: Cell, metricName: SecondsMetric): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { Service: cell.ledgerKey } satisfies Partial<Record<MetricDimension, string>>,
    statistic: 'Maximum',
    period: Duration.minutes(5),
  });
}

/** How often EventBridge failed to deliver an event of the rule. */
export function failedInvocationsMetric(rule: Rule): Metric {
  return new Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { RuleName: rule.ruleName },
    statistic: 'Sum',
    period: ONE_MINUTE,
  });
}

/** How many messages rest in a queue. */
export function waitingMessagesMetric(queue: IQueue): Metric {
  return queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: ONE_MINUTE });
}
