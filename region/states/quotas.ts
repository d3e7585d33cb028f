// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html

/** Input or output of a state, task or execution, bytes of UTF-8. */
export const MAX_PAYLOAD_BYTES = 262_144;
/** Events in one Standard execution's history; the last one is the ExecutionFailed that says so. */
export const MAX_HISTORY_EVENTS = 25_000;
/** Characters of a definition. */
export const MAX_DEFINITION_CHARACTERS = 1_048_576;
/** One variable, and all variables of one Assign together, bytes. */
export const MAX_VARIABLE_BYTES = 262_144;
/** All variables of an execution together, bytes. */
export const MAX_VARIABLES_BYTES = 10_485_760;
/** Characters of the name of a state, a variable, a state machine or an execution. */
export const MAX_NAME_CHARACTERS = 80;
/** TimeoutSeconds, HeartbeatSeconds and Seconds. */
export const MAX_SECONDS = 99_999_999;
/** For how long the name of a closed execution stays taken, milliseconds. */
export const NAME_TAKEN_MS = 90 * 24 * 3_600_000;
/** For how long the history of a closed execution stays, milliseconds. */
export const HISTORY_KEPT_MS = 90 * 24 * 3_600_000;
/** For how long a closed execution can be redriven, milliseconds. */
export const REDRIVABLE_MS = 14 * 24 * 3_600_000;
/** Elements that `$range` may build. */
export const MAX_RANGE_ELEMENTS = 360_145;
/** Above this an execution's event on the bus leaves input and output out, bytes. */
export const MAX_EVENT_PAYLOAD_BYTES = 248 * 1024;

/** Whether `text` is longer than `limit` bytes of UTF-8. */
export function exceedsBytes(text: string, limit: number): boolean {
  return text.length > limit || (text.length * 3 > limit && Buffer.byteLength(text) > limit);
}
