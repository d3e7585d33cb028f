/** From a rule's match to the first attempt at its target. An assumption: AWS says "near real time" and promises no number. */
export const DELIVERY_LATENCY_MS = 130;

/** How much later the second copy of an event comes that is delivered twice. */
export const DUPLICATE_AFTER_MS = 1_000;

/** First wait between attempts; AWS says only "exponential back off and jitter". */
export const RETRY_WAIT_MS_MIN = 1_000;

/** Longest wait between attempts, so that 185 of them take about a day. */
export const RETRY_WAIT_MS_MAX = 480_000;

/** EventBridge user guide, eb-rule-retry-policy. */
export const RETRY_ATTEMPTS_DEFAULT = 185;
export const EVENT_AGE_SECONDS_DEFAULT = 86_400;
