import { NotModelled, type UpdatedResource } from '../service.ts';
import { awaited, update, type Place } from './change-resource.ts';
import type { DeployedResource } from './model.ts';

/** What a deployment has begun to do to one resource. */
export interface Change {
  readonly place: Place;
  /** The resource as it was; undefined for one that the deployment creates. */
  readonly former: DeployedResource | undefined;
  /** Undefined while it was not made, or could not be. */
  made?: UpdatedResource;
}

/** Rolls back as CloudFormation would; what is only not modelled is no failure of CloudFormation's. Answers what to throw. */
export async function afterFailure(
  failure: Error,
  isNew: boolean,
  changes: readonly Change[],
  known: Map<string, DeployedResource>,
): Promise<Error> {
  const saying = (end: string): Error => new Error(`${failure.message}; ${end}`, { cause: failure });
  if (failure.cause instanceof NotModelled) return failure;
  if (isNew) {
    const retained = changes.flatMap(({ place }) =>
      place.resource.DeletionPolicy === 'Retain' ? [place.logicalId] : [],
    );
    const except = retained.length > 0 ? `, except the retained ${retained.join(', ')}` : '';
    return saying(`CloudFormation would delete the new stack again${except}, which is not modelled`);
  }
  try {
    const left = await rollBackStack(changes, known);
    if (left.length === 0) return saying('the stack was rolled back');
    const created = left.map(({ logicalId, resource }) => `${logicalId} (${resource.Type})`).join(', ');
    return saying(`the stack was rolled back, but for the deletion of ${created}, which is not modelled`);
  } catch (cause) {
    return saying(`its rollback failed as well: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/**
 * UPDATE_ROLLBACK: gives every resource that the deployment touched its former properties again, as they were resolved
 * then, the latest first; a replaced one is the former one again. Nothing is deleted: what the deployment created is
 * answered, retained ones aside, which go on without the stack.
 */
async function rollBackStack(
  changes: readonly Change[],
  known: Map<string, DeployedResource>,
): Promise<readonly Place[]> {
  const left: Place[] = [];
  for (const { place, former, made } of [...changes].reverse()) {
    if (former !== undefined) {
      known.set(place.logicalId, await restored(place, former, made));
      continue;
    }
    if (place.resource.DeletionPolicy === 'Retain') known.delete(place.logicalId);
    else if (made) left.push(place);
  }
  return left;
}

async function restored(
  place: Place,
  former: DeployedResource,
  made: UpdatedResource | undefined,
): Promise<DeployedResource> {
  if (made?.removeReplaced) {
    if (!former.isRetained) made.removeReplacement?.();
    return former;
  }
  const again = await update({ ...place, properties: former.properties }, made ?? former, place.properties);
  const { ref, attributes } = await awaited(place.target, again);
  return { ...former, ref, attributes };
}
