/** The namespace of the metrics of all services. */
export const METRIC_NAMESPACE = 'FargateRollouts';

/** How many rollouts ended, by service and outcome. */
export const ROLLOUTS_METRIC = 'Rollouts';

/** How many outcomes could not be told within hours, by service: the history has them. */
export const UNTOLD_METRIC = 'UntoldOutcomes';

/** What took how many seconds, by service: a push to be live, a rollout, and a failure to be seen. */
export const SECONDS_METRICS = ['PushToLiveSeconds', 'DurationSeconds', 'DetectionLagSeconds'] as const;

/** One of {@link SECONDS_METRICS}. */
export type SecondsMetric = (typeof SECONDS_METRICS)[number];

/** What Conclude counts and measures. */
export type MetricName = SecondsMetric | typeof ROLLOUTS_METRIC | typeof UNTOLD_METRIC;

/** By what a metric is told apart. */
export type MetricDimension = 'Service' | 'Outcome';
