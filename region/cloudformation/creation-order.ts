import { references } from './intrinsics.ts';
import type { TemplateResource } from './template.ts';

/**
 * The logical ids in an order in which each resource comes after everything that it refers to or depends on.
 * Otherwise the template's own order is kept. A cycle is refused by naming it, as CloudFormation does.
 */
export function creationOrder(resources: Readonly<Record<string, TemplateResource>>): string[] {
  return inOrder(new Map(Object.entries(resources).map(([logicalId, resource]) => [logicalId, needsOf(resource)])));
}

/** The logical ids, each before everything that it needs: how resources are deleted. */
export function deletionOrder(resources: ReadonlyMap<string, { readonly needs: readonly string[] }>): string[] {
  return inOrder(new Map([...resources].map(([logicalId, { needs }]) => [logicalId, needs]))).reverse();
}

/** Logical ids of what a resource refers to or depends on; names of parameters are among them. */
export function needsOf(resource: TemplateResource): string[] {
  const explicit = resource.DependsOn === undefined ? [] : [resource.DependsOn].flat();
  return [...new Set([...explicit, ...references(resource.Properties ?? {})])];
}

function inOrder(needs: ReadonlyMap<string, readonly string[]>): string[] {
  const ordered = new Set<string>();
  const path: string[] = [];
  const visit = (logicalId: string): void => {
    if (ordered.has(logicalId)) return;
    if (path.includes(logicalId)) throw new Error(`circular dependency between resources: ${cycle(path, logicalId)}`);
    path.push(logicalId);
    for (const needed of needs.get(logicalId)!) if (needs.has(needed)) visit(needed);
    path.pop();
    ordered.add(logicalId);
  };
  for (const logicalId of needs.keys()) visit(logicalId);
  return [...ordered];
}

function cycle(path: readonly string[], logicalId: string): string {
  return [...path.slice(path.indexOf(logicalId)), logicalId].join(' -> ');
}
