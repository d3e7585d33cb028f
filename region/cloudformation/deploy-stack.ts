import { isDeepStrictEqual } from 'node:util';
import { neverChanges } from '../deep-copy.ts';
import { CreationFailed, type ResourceProperties } from '../service.ts';
import { awaited, changedProperties, create, isReplacing, update, type Place } from './change-resource.ts';
import { deletionOrder, needsOf } from './creation-order.ts';
import { substituteDefinition } from './definition-substitutions.ts';
import { resolve, type Scope } from './intrinsics.ts';
import type { CloudFormationState, DeletionPolicy, DeployedResource, StackRecord } from './model.ts';
import { planStack, type Plan } from './plan-stack.ts';
import { forget, removeResources, skipDeletion, type Doomed } from './remove-resources.ts';
import { afterFailure, type Change } from './roll-back-stack.ts';
import { naming, type DeployedStack, type Stack, type StackTarget } from './stack.ts';
import { enterStatus, tellResource } from './stack-events.ts';
import type { TemplateResource } from './template.ts';
import { CLEANUP_ATTEMPTS } from './timing.ts';

export type { DeployedStack, Stack, StackTarget } from './stack.ts';

/**
 * Plays CloudFormation's part for one stack, the first time and again: creates what is new, changes what differs, deletes
 * what has left the template, and touches nothing else. Anything unknown is refused with the stack and the resource named.
 */
export async function deployStack(
  target: StackTarget,
  state: CloudFormationState,
  stack: Stack,
): Promise<DeployedStack> {
  const plan = await planStack(target, state, stack);
  for (const [objectKey, path] of stack.assets) target.registerAsset(objectKey, path);
  const known = state.stacks.get(stack.name);
  if (known && isUnchanged(known, plan)) return deployed(known);
  const record = known ?? newStack(target, plan);
  state.stacks.set(stack.name, record);
  const { now } = target.kernel;
  if (known) known.updatedAt = now;
  enterStatus(record, now, known ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS', 'User Initiated');
  const before = new Map(record.resources);
  const changes: Change[] = [];
  try {
    await changeAll(target, record, plan, changes);
    const outputs = await resolveOutputs(plan);
    const { template, tags = {} } = stack;
    Object.assign(record, { outputs, template: neverChanges(template), tags, parameters: plan.parameters });
  } catch (failure) {
    throw await afterFailure(target, record, failure as Error, known && before, changes);
  }
  if (known) await cleanUp(target, record, plan, before, changes);
  else enterStatus(record, target.kernel.now, 'CREATE_COMPLETE');
  return deployed(record);
}

/** CloudFormation would answer "No updates are to be performed.", and the CDK does not even ask. */
function isUnchanged({ status, template, parameters, tags }: StackRecord, plan: Plan): boolean {
  const isWhole = status.endsWith('_COMPLETE');
  const { stack } = plan;
  return (
    isWhole && isDeepStrictEqual([template, parameters, tags], [stack.template, plan.parameters, stack.tags ?? {}])
  );
}

function newStack({ kernel }: StackTarget, { stack, stackId, parameters }: Plan): StackRecord {
  return {
    id: stackId,
    name: stack.name,
    createdAt: kernel.now,
    updatedAt: undefined,
    deletedAt: undefined,
    status: 'CREATE_IN_PROGRESS',
    reason: undefined,
    template: neverChanges(stack.template),
    parameters,
    tags: stack.tags ?? {},
    outputs: {},
    resources: new Map(),
    progress: new Map(),
    events: [],
    eventsTold: 0,
  };
}

/** A stack as it is now and will be; undefined when there is none of that name. */
export function stackNamed({ stacks }: CloudFormationState, name: string): DeployedStack | undefined {
  const stack = stacks.get(name);
  return stack && deployed(stack);
}

function deployed(stack: StackRecord): DeployedStack {
  return {
    stackName: stack.name,
    resources: stack.resources,
    get outputs() {
      return stack.outputs;
    },
  };
}

async function changeAll(target: StackTarget, record: StackRecord, plan: Plan, changes: Change[]): Promise<void> {
  for (const logicalId of plan.order) {
    const resource = plan.wanted[logicalId]!;
    await naming(`stack ${record.name}, ${logicalId} (${resource.Type})`, async () => {
      const properties = propertiesOf(resource, plan.scope);
      const place = { target, logicalId, resource, stackName: record.name, properties };
      const there = await changed(place, record, changes);
      plan.resources.set(logicalId, there);
      record.resources.set(logicalId, neverChanges(there));
    });
  }
}

/** Creates or updates one resource, and touches none that did not change. */
async function changed(place: Place, record: StackRecord, changes: Change[]): Promise<DeployedResource> {
  const { target, logicalId, resource, properties } = place;
  const former = record.resources.get(logicalId);
  const kept = {
    properties,
    type: resource.Type,
    deletionPolicy: (resource.DeletionPolicy ?? 'Delete') as DeletionPolicy,
    needs: needsOf(resource),
  };
  if (former && changedProperties(former.properties, properties).length === 0) return { ...former, ...kept };
  const isReplacement = former !== undefined && isReplacing(place, former.properties);
  const change: Change = { place, former, isReplacement, hasFailed: false };
  changes.push(change);
  const verb = former ? 'UPDATE' : 'CREATE';
  const told = { logicalId, type: resource.Type, properties };
  tellResource(record, target.kernel.now, { ...told, ref: former?.ref ?? '' }, `${verb}_IN_PROGRESS`);
  try {
    change.made = former ? await update(place, former, former.properties) : await create(place);
    const { ref, attributes } = await awaited(target, change.made);
    change.there = { ref, attributes, ...kept };
    change.isReplacement ||= former !== undefined && former.ref !== ref;
    tellResource(record, target.kernel.now, { ...told, ref }, `${verb}_COMPLETE`);
    return change.there;
  } catch (failure) {
    change.hasFailed = true;
    if (failure instanceof CreationFailed) change.made = { ref: failure.ref, attributes: {} };
    const ref = (change.made ?? former)?.ref ?? '';
    tellResource(record, target.kernel.now, { ...told, ref }, `${verb}_FAILED`, (failure as Error).message);
    throw failure;
  }
}

/** UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: what left the template and what was replaced goes, each before what it needed. */
async function cleanUp(
  target: StackTarget,
  record: StackRecord,
  plan: Plan,
  before: ReadonlyMap<string, DeployedResource>,
  changes: readonly Change[],
): Promise<void> {
  const replaced = new Set(changes.flatMap(({ place, isReplacement }) => (isReplacement ? [place.logicalId] : [])));
  enterStatus(record, target.kernel.now, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  const progress = new Map([...record.progress].filter(([logicalId]) => plan.resources.has(logicalId)));
  const doomed: Doomed[] = [];
  for (const logicalId of deletionOrder(before)) {
    const resource = before.get(logicalId)!;
    const wanted = plan.wanted[logicalId];
    if (wanted && !replaced.has(logicalId)) continue;
    const policy = wanted ? wanted.UpdateReplacePolicy : resource.deletionPolicy;
    if ((policy ?? 'Delete') === 'Delete') doomed.push({ logicalId, resource });
    else skipDeletion(target, record, { logicalId, resource });
  }
  const left = await removeResources(target, record, doomed, CLEANUP_ATTEMPTS);
  // CloudFormation gives up on them: they go on without the stack.
  for (const { logicalId, resource } of left) forget(record, logicalId, resource);
  record.progress.clear();
  for (const [logicalId, last] of progress) record.progress.set(logicalId, last);
  const reason = left.length > 0 ? 'Update successful. One or more resources could not be deleted.' : undefined;
  enterStatus(record, target.kernel.now, 'UPDATE_COMPLETE', reason);
}

function propertiesOf(resource: TemplateResource, scope: Scope): ResourceProperties {
  const properties = resolve(resource.Properties ?? {}, scope) as ResourceProperties;
  return resource.Type === 'AWS::StepFunctions::StateMachine' ? substituteDefinition(properties) : properties;
}

async function resolveOutputs({ stack, scope }: Plan): Promise<Record<string, string>> {
  const outputs: Record<string, string> = {};
  for (const [name, output] of Object.entries(stack.template.Outputs ?? {})) {
    if (output.Condition !== undefined && !scope.condition(output.Condition)) continue;
    await naming(`stack ${stack.name}, output ${name}`, () => {
      outputs[name] = String(resolve(output.Value, scope));
    });
  }
  return outputs;
}
