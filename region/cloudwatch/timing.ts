/** From the end of a period to the evaluation of the alarms on it: how long a late value may still arrive. */
export const EVALUATION_DELAY_MS = 5_000;
