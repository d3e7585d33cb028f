import { NotModelled } from '../service.ts';

/** The part of JSON path that EventBridge documents, without its wildcards: `$.detail.tags[0]`. */
const PATH = /^\$(?:\.[A-Za-z0-9_/-]+|\[\d+\])*$/;

export function checkPath(path: string): void {
  if (!PATH.test(path)) throw new NotModelled(`The JSON path ${path}`);
}

/** The value at a checked path, or undefined. */
export function valueAt(root: unknown, path: string): unknown {
  const steps = path.match(/[A-Za-z0-9_/-]+/g) ?? [];
  return steps.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    return (value as Record<string, unknown>)[step];
  }, root);
}
