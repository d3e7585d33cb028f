import type { Json } from './definition.ts';
import type { Visit } from './execution.ts';

/** `$states.context`: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
export function contextObject(visit: Visit, token?: string): Json {
  const { execution, state } = visit;
  return {
    Execution: {
      Id: execution.arn,
      Input: execution.inputValue,
      Name: execution.name,
      RoleArn: execution.machine.roleArn,
      StartTime: new Date(execution.startedAt).toISOString(),
      RedriveCount: execution.redriveCount,
    },
    State: {
      // Set at the entry; attempts by Retry do not move it.
      EnteredTime: new Date(visit.enteredAt).toISOString(),
      Name: state.name,
      RetryCount: visit.retryCount,
    },
    StateMachine: { Id: execution.machine.arn, Name: execution.machine.name },
    ...(token !== undefined && { Task: { Token: token } }),
  };
}
