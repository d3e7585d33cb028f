import type {
  CreatedResource,
  ResourceCreator,
  ResourceProperties,
  ResourceUpdater,
  UpdatedResource,
} from '../region/service.ts';
import { readCloudAssembly, type AssemblyStack } from './cloud-assembly.ts';
import { creationOrder } from './creation-order.ts';
import { substituteDefinition } from './definition-substitutions.ts';
import { evaluateCondition, resolve, type Scope } from './intrinsics.ts';
import { pseudoParameters } from './pseudo-parameters.ts';
import {
  refuseDanglingDependencies,
  refuseUnknownSections,
  type TemplateParameter,
  type TemplateResource,
} from './template.ts';

/** What the loader needs of a region. */
export interface AssemblyTarget {
  readonly account: string;
  readonly region: string;
  /** By CloudFormation type. */
  readonly resources: Readonly<Record<string, ResourceCreator>>;
  /** What follows changes of a template, by CloudFormation type. */
  readonly updaters: Readonly<Record<string, ResourceUpdater>>;
  /** Lets virtual time pass until `isDone`; rejects when that takes longer than `limitMs`. */
  readonly until: (isDone: () => boolean, what: string, limitMs: number) => Promise<void>;
  /** Uploads an asset: from now on `objectKey` in the assets bucket stands for this directory. */
  registerAsset(objectKey: string, path: string): void;
  /** The value of an SSM parameter that a template parameter reads at deployment. */
  ssmParameter(name: string): string | undefined;
}

/** A stack whose resources exist in the region. */
export interface LoadedCell {
  readonly stackName: string;
  /** Outputs by logical id, intrinsics resolved. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Created resources by logical id. */
  readonly resources: ReadonlyMap<string, LoadedResource>;
}

export interface LoadedResource extends CreatedResource {
  readonly type: string;
  /** As they were resolved when it was created or last updated. */
  readonly properties: ResourceProperties;
  /** Whether it stays when it leaves the template. */
  readonly isRetained: boolean;
  /** The `aws:cdk:path` of its metadata, else its logical id. */
  readonly path: string;
}

/** The one bootstrap fact that templates ask for; CDK requires at least 6. */
const BOOTSTRAP_VERSION = '21';
const IGNORED_TYPES: readonly string[] = ['AWS::CDK::Metadata'];

/** Deploys every stack of a synthesized cloud assembly into a region; anything unknown is refused with the stack and resource named. */
export async function loadAssembly(target: AssemblyTarget, directory: string): Promise<LoadedCell[]> {
  return createDeployer(target).deploy(directory);
}

/** Plays CloudFormation's part over time. */
export interface Deployer {
  /** Deploys every stack: the first time it creates, later it changes what differs from the last time. */
  deploy(directory: string): Promise<LoadedCell[]>;
}

/** A deployer for an account in which no stack was deployed yet. */
export function createDeployer(target: AssemblyTarget): Deployer {
  const deployed = new Map<string, Map<string, LoadedResource>>();
  return {
    async deploy(directory) {
      const stacks: LoadedCell[] = [];
      for (const stack of readCloudAssembly(directory)) {
        const known = deployed.get(stack.name) ?? new Map<string, LoadedResource>();
        deployed.set(stack.name, known);
        stacks.push(await deployStack(target, stack, known));
      }
      return stacks;
    },
  };
}

async function deployStack(
  target: AssemblyTarget,
  stack: AssemblyStack,
  /** What the stack has; kept up to date, so that a deployment which fails half way is known to the next. */
  known: Map<string, LoadedResource>,
): Promise<LoadedCell> {
  const { template } = stack;
  const resources = new Map<string, LoadedResource>();
  const scope = stackScope(target, stack, resources);
  await naming(`stack ${stack.name}`, () => {
    refuseUnknownSections(template);
    refuseDanglingDependencies(template);
  });
  for (const [objectKey, path] of stack.assets) target.registerAsset(objectKey, path);
  const declared = Object.entries(template.Resources ?? {}).filter(([, resource]) => isWanted(resource, scope));
  const wanted = Object.fromEntries(declared);
  const order = await naming(`stack ${stack.name}`, () => creationOrder(wanted));
  const replaced: (() => void)[] = [];
  for (const logicalId of order) {
    const resource = wanted[logicalId]!;
    await naming(`stack ${stack.name}, ${logicalId} (${resource.Type})`, async () => {
      const properties = propertiesOf(resource, scope);
      const place = { target, logicalId, resource, stackName: stack.name, properties };
      const former = known.get(logicalId);
      const made = former ? await update(place, former) : await create(place);
      if (made.removeReplaced && resource.UpdateReplacePolicy !== 'Retain') replaced.push(made.removeReplaced);
      const { ref, attributes } = await awaited(target, made);
      const path = constructPath(resource) ?? logicalId;
      const isRetained = /^Retain(ExceptOnCreate)?$/.test(resource.DeletionPolicy ?? '');
      const loaded = { ref, attributes, properties, type: resource.Type, path, isRetained };
      resources.set(logicalId, loaded);
      known.set(logicalId, loaded);
    });
  }
  await naming(`stack ${stack.name}`, () => forgetRemoved(known, resources, template.Resources ?? {}));
  for (const remove of replaced) remove();
  return { stackName: stack.name, outputs: await resolveOutputs(stack, scope), resources };
}

/** Nothing is deleted here: what left the template must be one that the template retained, which goes on without the stack. */
function forgetRemoved(
  known: Map<string, LoadedResource>,
  present: ReadonlyMap<string, LoadedResource>,
  declared: Readonly<Record<string, TemplateResource>>,
): void {
  for (const [logicalId, { type, isRetained }] of known) {
    if (present.has(logicalId)) continue;
    const why = logicalId in declared ? 'its condition no longer holds' : 'it left the template';
    if (!isRetained) throw new Error(`the deletion of ${logicalId} (${type}), because ${why}, is not modelled`);
    known.delete(logicalId);
  }
}

interface Place {
  readonly target: AssemblyTarget;
  readonly logicalId: string;
  readonly resource: TemplateResource;
  readonly stackName: string;
  readonly properties: ResourceProperties;
}

/** A custom resource goes by any name that it likes. */
const CUSTOM_RESOURCE = 'AWS::CloudFormation::CustomResource';

function modelledType({ Type: type }: TemplateResource): string {
  return type.startsWith('Custom::') ? CUSTOM_RESOURCE : type;
}

async function create({ target, logicalId, resource, stackName, properties }: Place): Promise<UpdatedResource> {
  const creator = target.resources[modelledType(resource)];
  if (!creator) throw new Error('this resource type is not modelled by the rehearsal region');
  return await creator(logicalId, properties, stackName, resource.Type);
}

/** Touches nothing that did not change; CloudFormation compares resolved properties. */
async function update(place: Place, former: LoadedResource): Promise<UpdatedResource> {
  const { target, logicalId, resource, stackName, properties: after } = place;
  const { properties: before } = former;
  const changed = changedProperties(before, after);
  if (changed.length === 0) return former;
  const updater = target.updaters[modelledType(resource)];
  const refused = changed.find((name) => updater?.changeable !== 'all' && !updater?.changeable.includes(name));
  if (!updater || refused !== undefined) throw new Error(`a change of its property ${refused} is not modelled`);
  return await updater.update({ logicalId, type: resource.Type, stackName, current: former, before, after });
}

function changedProperties(before: ResourceProperties, after: ResourceProperties): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
}

/** CloudFormation waits for a service, or for the answer of a custom resource, this long at most. */
const STABILIZATION_MS = 3 * 3_600_000;

async function awaited({ until }: AssemblyTarget, made: UpdatedResource): Promise<CreatedResource> {
  if (!made.awaited) return made;
  let there: CreatedResource | undefined;
  let failure: unknown;
  const isDone = (): boolean => {
    try {
      there = made.awaited!();
    } catch (thrown) {
      failure = thrown;
    }
    return there !== undefined || failure !== undefined;
  };
  await until(isDone, 'that it is there', STABILIZATION_MS);
  if (failure !== undefined) throw failure;
  return there!;
}

function propertiesOf(resource: TemplateResource, scope: Scope): ResourceProperties {
  const properties = resolve(resource.Properties ?? {}, scope) as ResourceProperties;
  return resource.Type === 'AWS::StepFunctions::StateMachine' ? substituteDefinition(properties) : properties;
}

function isWanted(resource: TemplateResource, scope: Scope): boolean {
  if (IGNORED_TYPES.includes(resource.Type)) return false;
  return resource.Condition === undefined || scope.condition(resource.Condition);
}

async function resolveOutputs(stack: AssemblyStack, scope: Scope): Promise<Record<string, string>> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(stack.template.Outputs ?? {})) {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) continue;
    await naming(`stack ${stack.name}, output ${name}`, () => {
      outputs[name] = String(resolve(output.Value, scope));
    });
  }
  return outputs;
}

function stackScope(
  target: AssemblyTarget,
  stack: AssemblyStack,
  created: ReadonlyMap<string, CreatedResource>,
): Scope {
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
      if (value === undefined) throw new Error(`${logicalId} has no attribute ${attribute} in the rehearsal region`);
      return value;
    },
    condition: (name) => {
      if (!(name in conditions)) throw new Error(`the template has no condition ${name}`);
      return evaluateCondition(conditions[name], scope);
    },
  };
  return scope;
}

/** Nobody answers questions at a rehearsal: a parameter has its default, or the SSM value that its default names. */
function parameterValue(
  target: AssemblyTarget,
  name: string,
  { Type: type, Default: value }: TemplateParameter,
): unknown {
  if (typeof value !== 'string') throw new Error(`the parameter ${name} has no default that is a text`);
  if (!type.startsWith('AWS::SSM::Parameter::Value<')) return value;
  if (/^\/cdk-bootstrap\/[^/]+\/version$/.test(value)) return BOOTSTRAP_VERSION;
  const stored = target.ssmParameter(value);
  if (stored === undefined)
    throw new Error(`the parameter ${name} reads the SSM parameter ${value}, which does not exist`);
  return stored;
}

function constructPath(resource: TemplateResource): string | undefined {
  const path = (resource as { Metadata?: Record<string, unknown> }).Metadata?.['aws:cdk:path'];
  return typeof path === 'string' ? path : undefined;
}

/** Runs `act`; an error of it names `what` first. */
async function naming<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
