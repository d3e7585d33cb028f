import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';

/** The containers of a revision, in its order. */
export function containersOf(definition: RawTaskDefinition): readonly ContainerDefinition[] {
  return (definition['containerDefinitions'] ?? []) as readonly ContainerDefinition[];
}
