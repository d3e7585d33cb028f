import type { DeployedStack } from '../region/cloudformation/deploy-stack.ts';
import type { Region } from '../region/region.ts';

/** Which parked call a handler dies at. */
export interface KillPoint {
  /** The handler by the name of its construct: `Conclude`, `WakeRollout`. */
  readonly function: string;
  /** `dynamodb:PutItem` */
  readonly operation: string;
  /** `arrive`: the call is never applied. `answer`: it is applied and the handler never hears of it. */
  readonly phase: 'arrive' | 'answer';
  /** Counted from 1 over all matching calls. @default 1 */
  readonly nth?: number;
  /** How many matching calls from there on are fatal: retries may meet the next. @default 1 */
  readonly times?: number;
}

/** A handler that dies at one of its calls. */
export interface Kill {
  readonly hasHappened: () => boolean;
  /** From now on it lives. */
  readonly stop: () => void;
}

/** Kills a handler at one of its calls. */
export function killHandlerAt(region: Region, cell: DeployedStack, point: KillPoint): Kill {
  const roleArn = roleArnOf([cell], point.function);
  let left = point.nth ?? 1;
  let times = point.times ?? 1;
  const stop = region.onPark((call) => {
    const isMatch = call.phase === point.phase && `${call.service}:${call.operation}` === point.operation;
    if (!isMatch || call.caller?.kind !== 'role' || call.caller.roleArn !== roleArn) return 'proceed';
    if (--left > 0) return 'proceed';
    if (--times === 0) stop();
    region.lambda.killInstance(call.accessKeyId);
    return 'drop';
  });
  return { hasHappened: () => left <= 0, stop };
}

/** A point that a handler came by. */
export type PassedPoint = Required<Omit<KillPoint, 'times'>>;

/** Lists every point at which a handler can be killed, as handlers come by; the list grows. */
export function followKillPoints(region: Region, cell: DeployedStack): readonly PassedPoint[] {
  const names = new Map(handlerRolesOf([cell]).map(({ roleArn, name }) => [roleArn, name]));
  const points: PassedPoint[] = [];
  region.onPark(({ phase, service, operation, caller }) => {
    const name = caller?.kind === 'role' ? names.get(caller.roleArn) : undefined;
    if (name === undefined) return 'proceed';
    const point = { function: name, operation: `${service}:${operation}`, phase };
    const earlier = points.filter((one) =>
      Object.entries(point).every(([key, value]) => one[key as 'phase'] === value),
    );
    points.push({ ...point, nth: earlier.length + 1 });
    return 'proceed';
  });
  return points;
}

/** Takes one action out of every Allow of a role's policies and answers the role's ARN; throws when it does not have the action. */
export function removePermission(
  region: Region,
  stacks: readonly DeployedStack[],
  from: { readonly role: string; readonly action: string },
): string {
  const roleArn = roleArnOf(stacks, from.role);
  let removed = 0;
  const policies = region.iam.policiesOf(roleArn).flatMap(({ name, document }) => {
    const { Statement, ...rest } = document as { readonly Statement: Statement | readonly Statement[] };
    const kept = [Statement].flat().flatMap((statement) => {
      const actions = [statement.Action ?? []].flat();
      const left = statement.Effect === 'Allow' ? actions.filter((action) => action !== from.action) : actions;
      removed += actions.length - left.length;
      return left.length > 0 ? [{ ...statement, Action: left }] : [];
    });
    return kept.length > 0 ? [{ name, document: { ...rest, Statement: kept } }] : [];
  });
  if (removed === 0) throw new Error(`the role ${roleArn} has no permission ${from.action} to remove`);
  region.iam.replacePolicies(roleArn, policies);
  return roleArn;
}

interface Statement {
  readonly Effect: string;
  readonly Action?: string | readonly string[];
}

/** The ARN of the role whose construct is called `name`. */
function roleArnOf(stacks: readonly DeployedStack[], name: string): string {
  const roles = handlerRolesOf(stacks);
  const found = roles.find((role) => role.name === name);
  if (!found) throw new Error(`no role is called "${name}"; there are ${roles.map((role) => role.name).join(', ')}`);
  return found.roleArn;
}

/** Roles by the name of their construct: CDK makes `HandlersConcludeRole2A4EEC68` of `Handlers/Conclude/Role`. */
function handlerRolesOf(stacks: readonly DeployedStack[]): { readonly name: string; readonly roleArn: string }[] {
  const roles = stacks.flatMap(({ resources }) => [...resources]).filter(([, { type }]) => type === 'AWS::IAM::Role');
  return roles.flatMap(([logicalId, { attributes }]) => {
    const [, name] = /^(?:Handlers|Tasks)?(\w+?)Role[0-9A-F]{8}$/.exec(logicalId) ?? [];
    return name === undefined ? [] : [{ name, roleArn: attributes['Arn']! }];
  });
}
