/** The namespace of the metrics of all services. */
export const METRIC_NAMESPACE = 'FargateRollouts';

/** How many rollouts ended, by service and outcome. */
export const ROLLOUTS_METRIC = 'Rollouts';

/** How many outcomes could not be told within hours, by service: the history has them. */
export const UNTOLD_METRIC = 'UntoldOutcomes';

/** 1 while someone has to look at the service, else 0, by service: from the ledger, at every tick and after every rollout. */
export const NEEDS_SOMEONE_METRIC = 'NeedsSomeone';

/** How often a function failed for something else than to come again, by service. */
export const FUNCTION_ERRORS_METRIC = 'FunctionErrors';

/**
 * Tasks of the service at every look of a rollout, by service: what runs of all deployments together, and how many it wants. Only
 * while one rolls, because a metric is paid by the hours in which it is sent.
 */
export const TASK_METRICS = ['RunningTasks', 'DesiredTasks'] as const;

/** One of {@link TASK_METRICS}. */
export type TaskMetric = (typeof TASK_METRICS)[number];

/** What took how many seconds, by service: a push to be live, a rollout, and a failure to be seen. */
export const SECONDS_METRICS = ['PushToLiveSeconds', 'DurationSeconds', 'DetectionLagSeconds'] as const;

/** One of {@link SECONDS_METRICS}. */
export type SecondsMetric = (typeof SECONDS_METRICS)[number];

/** What the functions count and measure. */
export type MetricName =
  | SecondsMetric
  | TaskMetric
  | typeof ROLLOUTS_METRIC
  | typeof UNTOLD_METRIC
  | typeof NEEDS_SOMEONE_METRIC
  | typeof FUNCTION_ERRORS_METRIC;

/** By what a metric is told apart. */
export type MetricDimension = 'Service' | 'Outcome';
