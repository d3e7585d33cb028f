import type { GetExecutionHistoryOutput } from '@aws-sdk/client-sfn';
import { operate } from '../rehearsal/cell/operator.ts';
import { handlerRolesOf } from '../rehearsal/faults/handler-roles.ts';
import { startFor } from './lasting.ts';
import type { Deed, Handler } from './plan.ts';
import type { Stage } from './stage.ts';

type Of<Kind extends Deed['kind']> = Extract<Deed, { kind: Kind }>;

/** Lambda is in trouble with one function. */
export function startTrouble(stage: Stage, { handler, lastsSeconds }: Of<'trouble'>): boolean {
  return startFor(stage, `trouble with ${handler}`, lastsSeconds, ({ region }) => {
    const does = { kind: 'error', error: 'ServiceException', runs: 'never' } as const;
    const match = { functionName: functionNameOf(stage, handler) };
    const started = region.faults.start({ at: 'invocation', match, does });
    return () => started.stop();
  });
}

/** CDK makes `HandlersConcludeFunction03638718` of `Handlers/Conclude/Function`. */
function functionNameOf({ world }: Stage, handler: Handler): string {
  for (const [logicalId, { type, ref }] of world.cell.resources)
    if (type === 'AWS::Lambda::Function' && logicalId.startsWith(`Handlers${handler}Function`)) return ref;
  throw new Error(`the stack has no function ${handler}`);
}

/** Takes one permission at a time away from a role, and gives it back; what the audit then finds refused is meant to be. */
export function forbid(stage: Stage, { handler, action, lastsSeconds }: Of<'forbid'>): boolean {
  return startFor(stage, `${handler} may do less`, lastsSeconds, ({ region, cell, removePermission }) => {
    const { roleArn } = handlerRolesOf([cell]).find(({ name }) => name === handler)!;
    const before = region.iam.policiesOf(roleArn);
    removePermission({ role: handler, action });
    return () => region.iam.replacePolicies(roleArn, before);
  });
}

/** Whoever may read an execution's history knows its tokens, and whoever may answer tokens may answer anything. */
export async function forge({ world, whereabouts }: Stage, { as, word }: Of<'forge'>): Promise<boolean> {
  const waiting = [...whereabouts].findLast(([, state]) => WAITING.includes(state));
  const taskToken = waiting && (await tokenOf(world, waiting[0]));
  if (taskToken === undefined) return false;
  const said = { word, reason: 'Forged', message: 'Believe me.', at: 1 };
  if (as === 'failure') await operate(world.region, 'states', 'SendTaskFailure', { taskToken, error: word });
  else await operate(world.region, 'states', 'SendTaskSuccess', { taskToken, output: JSON.stringify(said) });
  return true;
}

/** States that wait for an answer. */
const WAITING = ['AwaitTurn', 'AwaitSteadyState', 'Bake', 'AwaitRollback'];

async function tokenOf({ region }: Stage['world'], executionArn: string): Promise<string | undefined> {
  const { events = [] } = await operate<GetExecutionHistoryOutput>(region, 'states', 'GetExecutionHistory', {
    executionArn,
    reverseOrder: true,
    maxResults: 20,
  });
  const scheduled = events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails;
  const { Payload } = JSON.parse(scheduled?.parameters ?? '{}') as { Payload?: { token?: string } };
  return Payload?.token;
}
