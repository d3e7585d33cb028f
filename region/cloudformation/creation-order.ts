import { references } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

/**
 * The logical ids in an order in which each resource comes after everything that it refers to or depends on.
 * Otherwise the template's own order is kept. A cycle is refused by naming it, as CloudFormation does.
 */
export function creationOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  const ordered = new Set<string>();
  const path: string[] = [];
  const visit = (logicalId: string): void => {
    if (ordered.has(logicalId)) return;
    if (path.includes(logicalId)) throw new Error(`circular dependency between resources: ${cycle(path, logicalId)}`);
    path.push(logicalId);
    for (const needed of dependencies(resources[logicalId]!)) if (needed in resources) visit(needed);
    path.pop();
    ordered.add(logicalId);
  };
  for (const logicalId of Object.keys(resources)) visit(logicalId);
  return [...ordered];
}

function dependencies(resource: TemplateResource): string[] {
  const explicit = resource.DependsOn === undefined ? [] : [resource.DependsOn].flat();
  return [...explicit, ...references(resource.Properties ?? {})];
}

function cycle(path: readonly string[], logicalId: string): string {
  return [...path.slice(path.indexOf(logicalId)), logicalId].join(' -> ');
}
