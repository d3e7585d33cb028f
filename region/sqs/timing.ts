/** Defaults of a queue (Amazon SQS API reference, SetQueueAttributes). */
export const VISIBILITY_TIMEOUT_SECONDS_DEFAULT = 30;
export const RETENTION_SECONDS_DEFAULT = 345_600;
