import type { CreatedResource, ResourceCreator } from '../region/service.ts';
import { readCloudAssembly, type AssemblyStack } from './cloud-assembly.ts';
import { creationOrder } from './creation-order.ts';
import { substituteDefinition } from './definition-substitutions.ts';
import { evaluateCondition, NO_VALUE, resolve, type Scope } from './intrinsics.ts';
import { refuseUnknownSections, type TemplateParameter, type TemplateResource } from './template.ts';

/** What the loader needs of a region. */
export interface AssemblyTarget {
  readonly account: string;
  readonly region: string;
  /** By CloudFormation type. */
  readonly resources: Readonly<Record<string, ResourceCreator>>;
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
  /** The `aws:cdk:path` of its metadata, else its logical id. */
  readonly path: string;
}

/** The one bootstrap fact that templates ask for; CDK requires at least 6. */
const BOOTSTRAP_VERSION = '21';
const IGNORED_TYPES: readonly string[] = ['AWS::CDK::Metadata'];

/** Deploys every stack of a synthesized cloud assembly into a region; anything unknown is refused with the stack and resource named. */
export async function loadAssembly(target: AssemblyTarget, directory: string): Promise<LoadedCell[]> {
  const cells: LoadedCell[] = [];
  for (const stack of readCloudAssembly(directory)) cells.push(await loadStack(target, stack));
  return cells;
}

async function loadStack(target: AssemblyTarget, stack: AssemblyStack): Promise<LoadedCell> {
  const { template } = stack;
  const resources = new Map<string, LoadedResource>();
  const scope = stackScope(target, stack, resources);
  await naming(`stack ${stack.name}`, () => refuseUnknownSections(template));
  for (const [objectKey, path] of stack.assets) target.registerAsset(objectKey, path);
  const declared = Object.entries(template.Resources ?? {}).filter(([, resource]) => isWanted(resource, scope));
  const wanted = Object.fromEntries(declared);
  const order = await naming(`stack ${stack.name}`, () => creationOrder(wanted));
  for (const logicalId of order) {
    const resource = wanted[logicalId]!;
    await naming(`stack ${stack.name}, ${logicalId} (${resource.Type})`, async () => {
      const created = await create(target, logicalId, resource, scope, stack.name);
      resources.set(logicalId, { ...created, type: resource.Type, path: constructPath(resource) ?? logicalId });
    });
  }
  return { stackName: stack.name, outputs: await resolveOutputs(stack, scope), resources };
}

function isWanted(resource: TemplateResource, scope: Scope): boolean {
  if (IGNORED_TYPES.includes(resource.Type)) return false;
  return resource.Condition === undefined || scope.condition(resource.Condition);
}

async function create(
  target: AssemblyTarget,
  logicalId: string,
  resource: TemplateResource,
  scope: Scope,
  stackName: string,
): Promise<CreatedResource> {
  const creator = target.resources[resource.Type];
  if (!creator) throw new Error('this resource type is not modelled by the rehearsal region');
  const properties = resolve(resource.Properties ?? {}, scope) as Record<string, unknown>;
  const isMachine = resource.Type === 'AWS::StepFunctions::StateMachine';
  return await creator(logicalId, isMachine ? substituteDefinition(properties) : properties, stackName);
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
  const resource = (logicalId: string): CreatedResource => {
    const found = created.get(logicalId);
    if (!found) throw new Error(`${logicalId} is neither a parameter nor a resource of this stack`);
    return found;
  };
  const scope: Scope = {
    ref: (name) => {
      if (name in pseudo) return pseudo[name];
      const parameter = parameters[name];
      return parameter ? parameterValue(target, name, parameter) : resource(name).ref;
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

function pseudoParameters({ account, region }: AssemblyTarget, stackName: string): Readonly<Record<string, unknown>> {
  return {
    'AWS::AccountId': account,
    'AWS::Region': region,
    'AWS::Partition': 'aws',
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stackName,
    'AWS::NoValue': NO_VALUE,
  };
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
