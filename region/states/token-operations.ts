import type * as Sfn from '@aws-sdk/client-sfn';
import { parseJson } from '../json.ts';
import { Fault, operation, type Operation, type PermissionRequest } from '../service.ts';
import type { Json } from './definition.ts';
import type { Attempt } from './execution.ts';
import { StateFailure } from './failure.ts';
import type { Workflows } from './model.ts';
import { exceedsBytes, MAX_PAYLOAD_BYTES } from './quotas.ts';
import { answerTask, findAttempt, isWellFormedToken, refuseTask, renewHeartbeat } from './tasks.ts';

/** The operations that answer a waiting task. */
export function tokenOperations(workflows: Workflows): Record<string, Operation> {
  /**
   * AWS's reference lists no resource type, yet a grant on the state machine's ARN works
   * (https://github.com/aws/aws-cdk/issues/8486); an unknown token belongs to no state machine.
   */
  const permissions =
    (action: string) =>
    ({ taskToken = '' }: { readonly taskToken?: string | undefined }): PermissionRequest[] => [
      { action: `states:${action}`, resource: findAttempt(workflows, taskToken)?.visit.execution.machine.arn ?? '*' },
    ];
  return {
    SendTaskSuccess: operation<Sfn.SendTaskSuccessInput, Sfn.SendTaskSuccessOutput>({
      permissions: permissions('SendTaskSuccess'),
      apply({ taskToken, output }) {
        const { value, text } = parseOutput(output!);
        answerTask(workflows, waitingAttempt(workflows, taskToken!), value, text);
        return {};
      },
    }),
    SendTaskFailure: operation<Sfn.SendTaskFailureInput, Sfn.SendTaskFailureOutput>({
      permissions: permissions('SendTaskFailure'),
      apply({ taskToken, error, cause }) {
        refuseTask(workflows, waitingAttempt(workflows, taskToken!), new StateFailure(error, cause));
        return {};
      },
    }),
    SendTaskHeartbeat: operation<Sfn.SendTaskHeartbeatInput, Sfn.SendTaskHeartbeatOutput>({
      permissions: permissions('SendTaskHeartbeat'),
      apply({ taskToken }) {
        renewHeartbeat(workflows, waitingAttempt(workflows, taskToken!));
        return {};
      },
    }),
  };
}

function waitingAttempt(workflows: Workflows, token: string): Attempt {
  if (!isWellFormedToken(token)) throw new Fault('InvalidToken', "Invalid Token: 'Invalid token'");
  const attempt = findAttempt(workflows, token);
  if (!attempt) throw new Fault('TaskDoesNotExist', "Task Does Not Exist: 'Provided task does not exist'");
  if (attempt.isOver) throw new Fault('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
  return attempt;
}

function parseOutput(output: string): { readonly value: Json; readonly text: string } {
  const refuse = (why: string) => new Fault('InvalidOutput', `Invalid Output: '${why}'`);
  if (exceedsBytes(output, MAX_PAYLOAD_BYTES)) throw refuse(`The output exceeds ${MAX_PAYLOAD_BYTES} bytes`);
  try {
    const value = parseJson(output) as Json;
    return { value, text: JSON.stringify(value) };
  } catch (error) {
    throw refuse((error as Error).message);
  }
}
