import type { CreatedResource, ResourceProperties } from '../service.ts';
import { awaited, changedProperties, create, update, type Place, type ResourceTarget } from './change-resource.ts';
import { creationOrder } from './creation-order.ts';
import { substituteDefinition } from './definition-substitutions.ts';
import { evaluateCondition, resolve, type Scope } from './intrinsics.ts';
import type { DeployedResource, DeployedStacks } from './model.ts';
import { pseudoParameters } from './pseudo-parameters.ts';
import { afterFailure, type Change } from './roll-back-stack.ts';
import {
  refuseDanglingDependencies,
  refuseUnknownSections,
  type Template,
  type TemplateParameter,
  type TemplateResource,
} from './template.ts';

/** What the deployment of a stack needs of a region. */
export interface StackTarget extends ResourceTarget {
  readonly account: string;
  readonly region: string;
  /** Uploads an asset: from now on `objectKey` in the assets bucket stands for this directory. */
  registerAsset(objectKey: string, path: string): void;
  /** The value of an SSM parameter that a template parameter reads at deployment. */
  ssmParameter(name: string): string | undefined;
}

/** A stack as it is to be. */
export interface Stack {
  readonly name: string;
  readonly template: Template;
  /** The directory or file behind an asset's S3 key (`<hash>.zip`). */
  readonly assets: ReadonlyMap<string, string>;
}

/** A stack whose resources exist in the region. */
export interface DeployedStack {
  readonly stackName: string;
  /** Outputs by logical id, intrinsics resolved. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Created resources by logical id. */
  readonly resources: ReadonlyMap<string, DeployedResource>;
}

/** The one bootstrap fact that templates ask for; CDK requires at least 6. */
const BOOTSTRAP_VERSION = '21';
const IGNORED_TYPES: readonly string[] = ['AWS::CDK::Metadata'];

/**
 * Plays CloudFormation's part for one stack, the first time and again: creates what is new, changes what differs and
 * touches nothing else. Anything unknown is refused with the stack and the resource named.
 */
export async function deployStack(target: StackTarget, stacks: DeployedStacks, stack: Stack): Promise<DeployedStack> {
  const known = stacks.get(stack.name) ?? new Map<string, DeployedResource>();
  stacks.set(stack.name, known);
  const { template } = stack;
  const resources = new Map<string, DeployedResource>();
  const scope = stackScope(target, stack, resources);
  await naming(`stack ${stack.name}`, () => {
    refuseUnknownSections(template);
    refuseDanglingDependencies(template);
  });
  for (const [objectKey, path] of stack.assets) target.registerAsset(objectKey, path);
  const declared = Object.entries(template.Resources ?? {}).filter(([, resource]) => isWanted(resource, scope));
  const wanted = Object.fromEntries(declared);
  const order = await naming(`stack ${stack.name}`, () => creationOrder(wanted));
  const changes: Change[] = [];
  const isNew = known.size === 0;
  for (const logicalId of order) {
    const resource = wanted[logicalId]!;
    const what = `stack ${stack.name}, ${logicalId} (${resource.Type})`;
    const properties = await naming(what, () => propertiesOf(resource, scope));
    const place = { target, logicalId, resource, stackName: stack.name, properties };
    try {
      const loaded = await naming(what, () => changed(place, known.get(logicalId), changes));
      resources.set(logicalId, loaded);
      known.set(logicalId, loaded);
    } catch (failure) {
      throw await afterFailure(failure as Error, isNew, changes, known);
    }
  }
  await naming(`stack ${stack.name}`, () => forgetRemoved(known, resources, template.Resources ?? {}));
  for (const { made, place } of changes) if (place.resource.UpdateReplacePolicy !== 'Retain') made?.removeReplaced?.();
  return { stackName: stack.name, outputs: await resolveOutputs(stack, scope), resources };
}

/** Creates or updates one resource, and touches none that did not change. */
async function changed(
  place: Place,
  former: DeployedResource | undefined,
  changes: Change[],
): Promise<DeployedResource> {
  const { target, resource, properties } = place;
  const isRetained = /^Retain(ExceptOnCreate)?$/.test(resource.DeletionPolicy ?? '');
  const kept = { properties, type: resource.Type, isRetained };
  if (former && changedProperties(former.properties, properties).length === 0) return { ...former, ...kept };
  const change: Change = { place, former };
  changes.push(change);
  change.made = former ? await update(place, former, former.properties) : await create(place);
  const { ref, attributes } = await awaited(target, change.made);
  return { ref, attributes, ...kept };
}

/** Nothing is deleted here: what left the template must be one that the template retained, which goes on without the stack. */
function forgetRemoved(
  known: Map<string, DeployedResource>,
  present: ReadonlyMap<string, DeployedResource>,
  declared: Readonly<Record<string, TemplateResource>>,
): void {
  for (const [logicalId, { type, isRetained }] of known) {
    if (present.has(logicalId)) continue;
    const why = logicalId in declared ? 'its condition no longer holds' : 'it left the template';
    if (!isRetained) throw new Error(`the deletion of ${logicalId} (${type}), because ${why}, is not modelled`);
    known.delete(logicalId);
  }
}

function propertiesOf(resource: TemplateResource, scope: Scope): ResourceProperties {
  const properties = resolve(resource.Properties ?? {}, scope) as ResourceProperties;
  return resource.Type === 'AWS::StepFunctions::StateMachine' ? substituteDefinition(properties) : properties;
}

function isWanted(resource: TemplateResource, scope: Scope): boolean {
  if (IGNORED_TYPES.includes(resource.Type)) return false;
  return resource.Condition === undefined || scope.condition(resource.Condition);
}

async function resolveOutputs(stack: Stack, scope: Scope): Promise<Record<string, string>> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(stack.template.Outputs ?? {})) {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) continue;
    await naming(`stack ${stack.name}, output ${name}`, () => {
      outputs[name] = String(resolve(output.Value, scope));
    });
  }
  return outputs;
}

function stackScope(target: StackTarget, stack: Stack, created: ReadonlyMap<string, CreatedResource>): Scope {
  const pseudo = pseudoParameters(target, stack.name);
  const { Parameters: parameters = {}, Conditions: conditions = {} } = stack.template;
  const values = new Map<string, unknown>();
  const resource = (logicalId: string): CreatedResource => {
    const found = created.get(logicalId);
    if (!found) throw new Error(`${logicalId} is neither a parameter nor a resource of this stack`);
    return found;
  };
  const scope: Scope = {
    ref: (name) => {
      if (name in pseudo) return pseudo[name];
      const parameter = parameters[name];
      if (!parameter) return resource(name).ref;
      // Read once: a deployment does not see what changes while it runs.
      if (!values.has(name)) values.set(name, parameterValue(target, name, parameter));
      return values.get(name);
    },
    attribute: (logicalId, attribute) => {
      const value = resource(logicalId).attributes[attribute];
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${attribute} in this region`);
      return value;
    },
    condition: (name) => {
      if (!(name in conditions)) throw new Error(`the template has no condition ${name}`);
      return evaluateCondition(conditions[name], scope);
    },
  };
  return scope;
}

/** Nobody answers questions at a deployment: a parameter has its default, or the SSM value that its default names. */
function parameterValue(target: StackTarget, name: string, { Type: type, Default: value }: TemplateParameter): unknown {
  if (typeof value !== 'string') throw new Error(`the parameter ${name} has no default that is a text`);
  if (!type.startsWith('AWS::SSM::Parameter::Value<')) return value;
  if (/^\/cdk-bootstrap\/[^/]+\/version$/.test(value)) return BOOTSTRAP_VERSION;
  const stored = target.ssmParameter(value);
  if (stored === undefined)
    throw new Error(`the parameter ${name} reads the SSM parameter ${value}, which does not exist`);
  return stored;
}

/** Runs `act`; an error of it names `what` first. */
async function naming<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
