import { NotModelled } from '../service.ts';
import { deleteResource, type ResourceTarget } from './change-resource.ts';
import type { DeployedResource, StackRecord } from './model.ts';
import { tellResource } from './stack-events.ts';
import { DELETION_RETRY_MS } from './timing.ts';

/** A resource that is to go, and the logical id that it has or had. */
export interface Doomed {
  readonly logicalId: string;
  readonly resource: DeployedResource;
}

/** A resource that could not be deleted, and why. */
export interface Undeletable extends Doomed {
  readonly reason: string;
}

/** Deletes resources one after the other; one that cannot go is tried again, up to so many times in all, and keeps no other. */
export async function removeResources(
  target: ResourceTarget,
  stack: StackRecord,
  doomed: readonly Doomed[],
  attempts: number,
): Promise<Undeletable[]> {
  const left: Undeletable[] = [];
  for (const each of doomed) {
    const reason = await removeResource(target, stack, each, attempts);
    if (reason !== undefined) left.push({ ...each, reason });
  }
  return left;
}

/** Answers why it could not go. */
async function removeResource(
  target: ResourceTarget,
  stack: StackRecord,
  { logicalId, resource }: Doomed,
  attempts: number,
): Promise<string | undefined> {
  const { type, ref, properties } = resource;
  const told = { logicalId, type, ref };
  for (let attempt = 1; ; attempt++) {
    tellResource(stack, target.kernel.now, told, 'DELETE_IN_PROGRESS');
    try {
      await deleteResource(target, { logicalId, type, stackName: stack.name, current: resource, properties });
      tellResource(stack, target.kernel.now, told, 'DELETE_COMPLETE');
      forget(stack, logicalId, resource);
      return undefined;
    } catch (failure) {
      if (failure instanceof NotModelled) throw failure;
      const reason = failure instanceof Error ? failure.message : String(failure);
      tellResource(stack, target.kernel.now, told, 'DELETE_FAILED', reason);
      if (attempt >= attempts) return reason;
    }
    const again = target.kernel.now + DELETION_RETRY_MS;
    await target.until(() => target.kernel.now >= again, 'another attempt', DELETION_RETRY_MS);
  }
}

/** Lets a resource go on without the stack. */
export function skipDeletion(target: ResourceTarget, stack: StackRecord, { logicalId, resource }: Doomed): void {
  const { type, ref } = resource;
  tellResource(stack, target.kernel.now, { logicalId, type, ref }, 'DELETE_SKIPPED');
  forget(stack, logicalId, resource);
}

/** Another one may have the logical id by now. */
export function forget({ resources }: StackRecord, logicalId: string, resource: DeployedResource): void {
  if (resources.get(logicalId) === resource) resources.delete(logicalId);
}

/** `Repository (AWS::ECR::Repository): …; …` */
export function listed(left: readonly Undeletable[]): string {
  return left.map(({ logicalId, resource, reason }) => `${logicalId} (${resource.type}): ${reason}`).join('; ');
}

/** AWS's own sentence. */
export function failedToDelete(left: readonly Undeletable[]): string {
  return `The following resource(s) failed to delete: [${left.map(({ logicalId }) => logicalId).join(', ')}]. `;
}
