import { Fault, NotModelled } from '../service.ts';
import type { ResourceTarget } from './change-resource.ts';
import { deletionOrder } from './creation-order.ts';
import type { CloudFormationState, StackRecord } from './model.ts';
import { failedToDelete, listed, removeResources, skipDeletion } from './remove-resources.ts';
import { enterStatus } from './stack-events.ts';

/** DescribeStacks and ListStacks tell of deleted stacks for 90 days (API reference, ListStacks); of the region's latest ones, at most. */
export const DELETED_STACK_MS = 90 * 24 * 3_600_000;
const DELETED_STACKS_KEPT = 100;

/** Deletes a stack, as the operator of the region; rejects with what could not be deleted, and why. */
export async function deleteStack(
  target: ResourceTarget,
  state: CloudFormationState,
  name: string,
  retained: readonly string[],
): Promise<void> {
  const stack = state.stacks.get(name);
  if (!stack) throw new Fault('ValidationError', `Stack with id ${name} does not exist`);
  beginDeletion(target, stack, retained);
  const problem = await finishDeletion(target, state, stack, retained);
  if (problem !== undefined) throw new Error(`stack ${name}: ${problem}`);
}

/** Refuses what DeleteStack refuses; from then on the stack is being deleted. */
export function beginDeletion(target: ResourceTarget, stack: StackRecord, retained: readonly string[]): void {
  const { id, name, status, resources } = stack;
  if (status === 'CREATE_IN_PROGRESS') throw new NotModelled(`The deletion of the stack ${name} while it is created`);
  if (status.endsWith('_IN_PROGRESS'))
    throw new Fault('ValidationError', `Stack [${id}] cannot be deleted while in status ${status}`);
  if (retained.length > 0 && status !== 'DELETE_FAILED')
    throw new Fault(
      'ValidationError',
      `Invalid operation on stack [${id}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.`,
    );
  if (retained.some((logicalId) => !resources.has(logicalId)))
    throw new Fault(
      'ValidationError',
      'The specified resources to retain must be in a valid state. Do not specify resources that are in the DELETE_COMPLETE state.',
    );
  enterStatus(stack, target.kernel.now, 'DELETE_IN_PROGRESS', 'User Initiated');
}

/** Deletes what the stack has, each resource before what it needs; answers why the stack is still there, if it is. */
export async function finishDeletion(
  target: ResourceTarget,
  state: CloudFormationState,
  stack: StackRecord,
  retained: readonly string[],
): Promise<string | undefined> {
  const all = deletionOrder(stack.resources).map((logicalId) => ({
    logicalId,
    resource: stack.resources.get(logicalId)!,
  }));
  const isKept = ({ logicalId, resource }: (typeof all)[number]): boolean =>
    retained.includes(logicalId) || resource.deletionPolicy !== 'Delete';
  const left = await removeResources(
    target,
    stack,
    all.filter((each) => !isKept(each)),
    1,
  );
  const { now } = target.kernel;
  if (left.length > 0) {
    enterStatus(stack, now, 'DELETE_FAILED', failedToDelete(left));
    return `${failedToDelete(left)}${listed(left)}`;
  }
  for (const each of all.filter(isKept)) skipDeletion(target, stack, each);
  enterStatus(stack, now, 'DELETE_COMPLETE');
  stack.deletedAt = now;
  state.stacks.delete(stack.name);
  state.deletedStacks.push(stack);
  state.deletedStacks.splice(0, Math.max(0, state.deletedStacks.length - DELETED_STACKS_KEPT));
  return undefined;
}
