/** From the answer of StartExecution to the first state's entry, milliseconds. */
export const START_MS = 50;
/** From one state's exit to the next state's entry, milliseconds. */
export const TRANSITION_MS = 25;
/** From TaskScheduled to TaskStarted, when the function is invoked, milliseconds. */
export const TASK_START_MS = 10;
/** From the end of an invocation to its arrival in the execution, milliseconds. */
export const INVOCATION_ANSWER_MS = 5;
