import { Duration } from 'aws-cdk-lib/core';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import {
  METRIC_NAMESPACE,
  ROLLOUTS_METRIC,
  type MetricDimension,
  type MetricName,
  type SecondsMetric,
  type TaskMetric,
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

/** A metric of the service alone, which functions emit. */
export function serviceMetric(cell: Cell, metricName: MetricName, statistic: string, period: Duration): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { Service: cell.ledgerKey } satisfies Partial<Record<MetricDimension, string>>,
    statistic,
    period,
  });
}

/** A duration that Conclude emits. */
export function secondsMetric(cell: Cell, metricName: SecondsMetric): Metric {
  return serviceMetric(cell, metricName, 'Maximum', Duration.minutes(5));
}

/** A number of tasks that every look of a rollout tells. */
export function taskMetric(cell: Cell, metricName: TaskMetric): Metric {
  return serviceMetric(cell, metricName, 'Maximum', ONE_MINUTE);
}

/**
 * A number of tasks that ECS tells every minute where the cluster has Container Insights
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html).
 */
export function containerInsightsMetric(cell: Cell, metricName: 'RunningTaskCount' | 'DesiredTaskCount'): Metric {
  const { cluster, serviceName } = cell.service;
  return new Metric({
    namespace: 'ECS/ContainerInsights',
    metricName,
    dimensionsMap: { ClusterName: cluster, ServiceName: serviceName },
    statistic: 'Maximum',
    period: ONE_MINUTE,
  });
}

/** How many messages rest in a queue. */
export function waitingMessagesMetric(queue: IQueue): Metric {
  return queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: ONE_MINUTE });
}
