import { NotModelled, type UpdatedResource } from '../service.ts';
import { awaited, update, type Place, type ResourceTarget } from './change-resource.ts';
import { needsOf } from './creation-order.ts';
import type { DeployedResource, StackRecord } from './model.ts';
import { failedToDelete, listed, removeResources, skipDeletion, type Doomed } from './remove-resources.ts';
import { enterStatus, tellResource } from './stack-events.ts';
import { CLEANUP_ATTEMPTS } from './timing.ts';

/** What a deployment has begun to do to one resource. */
export interface Change {
  readonly place: Place;
  /** The resource as it was; undefined for one that the deployment creates. */
  readonly former: DeployedResource | undefined;
  /** Undefined while it was not made, or could not be. */
  made?: UpdatedResource;
  /** Once it is there. */
  there?: DeployedResource;
  /** Whether another resource takes the place of the former one. */
  isReplacement: boolean;
  hasFailed: boolean;
}

/**
 * Rolls back as CloudFormation would; what is only not modelled is no failure of CloudFormation's. `before` is what the stack had,
 * undefined for a stack that is created. Answers what to throw.
 */
export async function afterFailure(
  target: ResourceTarget,
  stack: StackRecord,
  failure: Error,
  before: ReadonlyMap<string, DeployedResource> | undefined,
  changes: readonly Change[],
): Promise<Error> {
  const isNew = before === undefined;
  if (failure.cause instanceof NotModelled) {
    enterStatus(stack, target.kernel.now, isNew ? 'CREATE_FAILED' : 'UPDATE_FAILED', failure.message);
    return failure;
  }
  const saying = (end: string): Error => new Error(`${failure.message}; ${end}`, { cause: failure });
  const reason = reasonOf(failure, changes);
  try {
    return saying(
      await (isNew ? undoCreation(target, stack, changes, reason) : undoUpdate(target, stack, before, changes, reason)),
    );
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    enterStatus(stack, target.kernel.now, isNew ? 'ROLLBACK_FAILED' : 'UPDATE_ROLLBACK_FAILED', why);
    return saying(`its rollback failed as well: ${why}`);
  }
}

/** AWS's own sentence, for resources. */
function reasonOf(failure: Error, changes: readonly Change[]): string {
  const failed = changes.find(({ hasFailed }) => hasFailed);
  if (!failed) return failure.message;
  return `The following resource(s) failed to ${failed.former ? 'update' : 'create'}: [${failed.place.logicalId}]. `;
}

/** ROLLBACK: a stack that could not be created keeps nothing, and can only be deleted. */
async function undoCreation(
  target: ResourceTarget,
  stack: StackRecord,
  changes: readonly Change[],
  reason: string,
): Promise<string> {
  enterStatus(stack, target.kernel.now, 'ROLLBACK_IN_PROGRESS', `${reason}Rollback requested by user.`);
  const left = await removeResources(target, stack, doomedOf(target, stack, changes), 1);
  if (left.length > 0) {
    enterStatus(stack, target.kernel.now, 'ROLLBACK_FAILED', failedToDelete(left));
    return `its rollback failed as well: ${failedToDelete(left)}${listed(left)}`;
  }
  enterStatus(stack, target.kernel.now, 'ROLLBACK_COMPLETE');
  return 'the stack was rolled back, and can only be deleted';
}

/**
 * UPDATE_ROLLBACK: gives every resource that the deployment touched its former properties again, as they were resolved
 * then, the latest first; a replaced one is the former one again, and the former template's policies and references hold for
 * all. Then what the deployment created goes.
 */
async function undoUpdate(
  target: ResourceTarget,
  stack: StackRecord,
  before: ReadonlyMap<string, DeployedResource>,
  changes: readonly Change[],
  reason: string,
): Promise<string> {
  enterStatus(stack, target.kernel.now, 'UPDATE_ROLLBACK_IN_PROGRESS', reason);
  for (const change of [...changes].reverse()) {
    const { place, former } = change;
    if (former) stack.resources.set(place.logicalId, await restored(stack, change, former));
  }
  const touched = new Set(changes.map(({ place }) => place.logicalId));
  for (const [logicalId, former] of before) if (!touched.has(logicalId)) stack.resources.set(logicalId, former);
  enterStatus(stack, target.kernel.now, 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
  const progress = new Map([...stack.progress].filter(([logicalId]) => before.has(logicalId)));
  const left = await removeResources(target, stack, doomedOf(target, stack, changes), CLEANUP_ATTEMPTS);
  for (const { place, former } of changes) if (!former) stack.resources.delete(place.logicalId);
  stack.progress.clear();
  for (const [logicalId, last] of progress) stack.progress.set(logicalId, last);
  const problem = left.length > 0 ? 'One or more resources could not be deleted.' : undefined;
  enterStatus(stack, target.kernel.now, 'UPDATE_ROLLBACK_COMPLETE', problem);
  const except = left.length > 0 ? `, but what it had created could not be deleted: ${listed(left)}` : '';
  return `the stack was rolled back${except}`;
}

async function restored(
  stack: StackRecord,
  { place, made, isReplacement }: Change,
  former: DeployedResource,
): Promise<DeployedResource> {
  const { target, logicalId } = place;
  const { type, properties } = former;
  if (isReplacement) return former;
  tellResource(stack, target.kernel.now, { logicalId, type, ref: former.ref, properties }, 'UPDATE_IN_PROGRESS');
  const again = await update({ ...place, properties }, made ?? former, place.properties);
  const { ref, attributes } = await awaited(target, again);
  tellResource(stack, target.kernel.now, { logicalId, type, ref, properties }, 'UPDATE_COMPLETE');
  return { ...former, ref, attributes };
}

/** What the deployment created, the latest first, but for what its template retains, which goes on without the stack. */
function doomedOf(target: ResourceTarget, stack: StackRecord, changes: readonly Change[]): Doomed[] {
  const doomed: Doomed[] = [];
  for (const { place, former, made, there, isReplacement } of [...changes].reverse()) {
    const present = there ?? made;
    if (!present || (former && !isReplacement)) continue;
    const { logicalId, resource, properties } = place;
    const { ref, attributes } = present;
    const kept = { type: resource.Type, properties, deletionPolicy: 'Delete', needs: needsOf(resource) } as const;
    const each = { logicalId, resource: there ?? { ref, attributes, ...kept } };
    if (resource.DeletionPolicy === 'Retain') skipDeletion(target, stack, each);
    else doomed.push(each);
  }
  return doomed;
}
