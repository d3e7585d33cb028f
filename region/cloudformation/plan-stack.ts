import { Fault } from '../service.ts';
import { isDeletable } from './change-resource.ts';
import { creationOrder } from './creation-order.ts';
import type { Scope } from './intrinsics.ts';
import {
  idOfStack,
  type CloudFormationState,
  type DeployedResource,
  type ParameterValue,
  type StackRecord,
} from './model.ts';
import { readParameters } from './parameters.ts';
import { checkRules } from './rules.ts';
import { naming, type Stack, type StackTarget } from './stack.ts';
import { stackScope } from './stack-scope.ts';
import { refuseDanglingDependencies, refuseUnknownSections, type TemplateResource } from './template.ts';

/** A deployment that nothing speaks against. */
export interface Plan {
  readonly stack: Stack;
  readonly stackId: string;
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  readonly scope: Scope;
  /** Resources whose conditions hold. */
  readonly wanted: Readonly<Record<string, TemplateResource>>;
  /** Their logical ids, each after all that it needs. */
  readonly order: readonly string[];
  /** What is there of them, by logical id: filled while the deployment goes on. */
  readonly resources: Map<string, DeployedResource>;
}

const IGNORED_TYPES: readonly string[] = ['AWS::CDK::Metadata'];

/** The statuses of a stack that can be updated. */
const UPDATABLE = ['CREATE_COMPLETE', 'CREATE_FAILED', 'UPDATE_COMPLETE', 'UPDATE_FAILED', 'UPDATE_ROLLBACK_COMPLETE'];

/** Refuses, before anything changes, what CloudFormation refuses, and what is not modelled. */
export async function planStack(target: StackTarget, state: CloudFormationState, stack: Stack): Promise<Plan> {
  return await naming(`stack ${stack.name}`, () => planned(target, state, stack));
}

function planned(target: StackTarget, state: CloudFormationState, stack: Stack): Plan {
  const { name, template } = stack;
  const known = state.stacks.get(name);
  if (known && !UPDATABLE.includes(known.status))
    throw new Fault('ValidationError', `Stack:${known.id} is in ${known.status} state and can not be updated.`);
  refuseUnknownSections(template);
  refuseDanglingDependencies(template);
  const { Parameters: declared = {} } = template;
  const parameters = readParameters(target, declared, stack.parameters ?? {}, known?.parameters ?? new Map());
  const resources = new Map<string, DeployedResource>();
  const stackId = idOfStack(state, target, name);
  const scope = stackScope({ place: target, stackName: name, stackId, template, parameters, created: resources });
  checkRules({ template, parameters, scope, valuesOfType: (type) => target.valuesOfType(type) });
  const declaredResources = Object.entries(template.Resources ?? {});
  const wanted = Object.fromEntries(declaredResources.filter(([, resource]) => isWanted(resource, scope)));
  if (known) refuseResources(target, known, wanted);
  return { stack, stackId, parameters, scope, wanted, order: creationOrder(wanted), resources };
}

function isWanted(resource: TemplateResource, scope: Scope): boolean {
  if (IGNORED_TYPES.includes(resource.Type)) return false;
  return resource.Condition === undefined || scope.condition(resource.Condition);
}

function refuseResources(
  target: StackTarget,
  known: StackRecord,
  wanted: Readonly<Record<string, TemplateResource>>,
): void {
  const of = [...known.resources];
  const retyped = of.filter(([logicalId, { type }]) => (wanted[logicalId]?.Type ?? type) !== type);
  if (retyped.length > 0) {
    const names = retyped.map(([logicalId]) => logicalId).join(', ');
    const problem = `Update of resource type is not permitted. The new template modifies resource type of the following resources: [${names}]`;
    throw new Fault('ValidationError', problem);
  }
  for (const [logicalId, { type, deletionPolicy }] of of) {
    if (logicalId in wanted || deletionPolicy !== 'Delete' || isDeletable(target, type)) continue;
    throw new Error(`the deletion of ${logicalId} (${type}), which left the template, is not modelled`);
  }
}
