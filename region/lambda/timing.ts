/** From an invocation to the first line of a new instance: download, start of Node.js, import of the bundle. */
export const COLD_START_MS = 350;
/** From an invocation to the first line of the handler in an instance that waits for work. */
export const WARM_START_MS = 8;
/** From the end of a handler to the caller's knowing of it. */
export const ANSWER_MS = 4;
/** What an event spends in the queue of asynchronous invocations when nothing is in the way. */
export const ASYNC_QUEUE_MS = 60;
/** "How Lambda handles errors and retries with asynchronous invocation": one minute, then two. */
export const ASYNC_RETRY_MS = [60_000, 120_000] as const;
/** The same page on throttled events: back-off from one second to at most five minutes. */
export const THROTTLE_RETRY_MS_MIN = 1_000;
export const THROTTLE_RETRY_MS_MAX = 300_000;
/** Six hours, the greatest and default age of an event in the queue. */
export const EVENT_AGE_SECONDS_MAX = 21_600;
/** How long CloudFormation waits until a changed function says `LastUpdateStatus: Successful`; AWS publishes no figure. */
export const FUNCTION_UPDATE_MS = 6_000;
