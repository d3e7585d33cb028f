import type { ContainerDefinition, ContainerDependency } from '@aws-sdk/client-ecs';
import { refuse } from './client-exception.ts';

/** What containers say of one another: which must come first, and whose volumes they take. */
export function checkDependencies(containers: readonly ContainerDefinition[]): void {
  const byName = new Map(containers.map((container) => [container.name!, container]));
  for (const { dependsOn = [], volumesFrom = [] } of containers) {
    for (const dependency of dependsOn) checkDependency(dependency, byName.get(dependency.containerName!));
    for (const { sourceContainer = '' } of volumesFrom)
      if (!byName.has(sourceContainer))
        refuse(`Invalid 'volumesFrom' setting. Unknown container: '${sourceContainer}'`);
  }
  // Whatever waits for nothing, or only for what has been taken, can be taken; a cycle leaves some that never can.
  const taken = new Set<string>();
  for (let before = -1; taken.size > before;) {
    before = taken.size;
    for (const { name, dependsOn = [] } of containers)
      if (dependsOn.every(({ containerName }) => taken.has(containerName!))) taken.add(name!);
  }
  if (taken.size < byName.size) refuse('Container dependsOn contains a cycle');
}

function checkDependency({ containerName, condition }: ContainerDependency, on: ContainerDefinition | undefined): void {
  // The plus sign is theirs.
  if (on === undefined) refuse(`Cannot depend on container + '${containerName}' because it does not exist`);
  if ((condition === 'SUCCESS' || condition === 'COMPLETE') && on.essential !== false)
    refuse('A dependency container with SUCCESS or COMPLETE condition cannot be an essential container');
  if (condition === 'HEALTHY' && (on.healthCheck === undefined || on.healthCheck.command?.[0] === 'NONE'))
    refuse('A dependency container with HEALTHY condition must have health check configured');
}
