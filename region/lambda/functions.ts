import { isDeepStrictEqual } from 'node:util';
import { Fault, NotModelled } from '../service.ts';
import type { Instance } from './instance.ts';
import type { FunctionConfiguration, Functions, LambdaFunction } from './model.ts';

/** Throws `ResourceConflictException`. */
export function addFunction({ state }: Functions, configuration: FunctionConfiguration): void {
  if (state.functions.has(configuration.arn)) {
    throw new Fault('ResourceConflictException', `Function already exist: ${configuration.name}`, 409);
  }
  state.functions.set(configuration.arn, { ...configuration, lastVersion: 0 });
}

/** What runs goes on as it was; every later invocation gets a new instance. */
export function updateFunction(functions: Functions, configuration: FunctionConfiguration): void {
  const target = functionWithArn(functions, configuration.arn);
  if (target.lastVersion > 0) throw new NotModelled(`Changing the function ${target.name}, which has versions,`);
  Object.assign(target, configuration);
  const instances = instancesOf(functions, target);
  for (const instance of instances) {
    instance.retire();
    if (instance.isDead) instances.delete(instance);
  }
}

/** With its versions, aliases, policies and settings. What runs goes on to its end; what waits to run never does. */
export function removeFunction(functions: Functions, arn: string): void {
  const { functions: known, permissions, eventInvokeConfigs, aliasVersions } = functions.state;
  const target = known.get(arn);
  if (target === undefined) return;
  for (const [name, of] of known) {
    if (of !== target) continue;
    for (const table of [known, permissions, eventInvokeConfigs, aliasVersions]) table.delete(name);
  }
  for (const instance of instancesOf(functions, target)) instance.retire();
  functions.instances.delete(arn);
}

/** Throws `ResourceNotFoundException`. */
export function functionWithArn({ state }: Functions, arn: string): LambdaFunction {
  const found = state.functions.get(arn);
  if (found === undefined) throw new Fault('ResourceNotFoundException', `Function not found: ${arn}`, 404);
  return found;
}

/** Each once, in the order of their creation. */
export function allFunctions({ state }: Functions): readonly LambdaFunction[] {
  return [...new Set(state.functions.values())];
}

/** The instances of a function, oldest first. */
export function instancesOf({ instances }: Functions, { arn }: LambdaFunction): Set<Instance> {
  const own = instances.get(arn) ?? new Set();
  instances.set(arn, own);
  return own;
}

/** Adds a statement to the resource policy of a function, version or alias. */
export function addPermission(functions: Functions, arn: string, statement: object): void {
  functionWithArn(functions, arn);
  const { permissions } = functions.state;
  permissions.set(arn, [...(permissions.get(arn) ?? []), statement]);
}

/** Removes an equal statement from it. */
export function removePermission({ state: { permissions } }: Functions, arn: string, statement: object): void {
  const statements = permissions.get(arn) ?? [];
  const index = statements.findIndex((each) => isDeepStrictEqual(each, statement));
  const left = statements.filter((_, position) => position !== index);
  if (left.length > 0) permissions.set(arn, left);
  else permissions.delete(arn);
}

/** By their statements, which are replaced and never changed: whoever asks often asks about the same document. */
const POLICIES = new WeakMap<readonly object[], object>();

/** The resource policy of a function, version or alias. */
export function policyOf({ state }: Functions, arn: string): object | undefined {
  const statements = state.permissions.get(arn);
  if (statements === undefined) return undefined;
  const policy = POLICIES.get(statements) ?? { Version: '2012-10-17', Statement: statements };
  POLICIES.set(statements, policy);
  return policy;
}
