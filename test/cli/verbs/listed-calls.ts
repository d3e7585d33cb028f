import { readFileSync } from 'node:fs';

/** The actions that README lists beside a verb, those of other rows included where it says so. */
export function listedCalls(verb: string): string[] {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| (`[a-z][^|]*)\|(.*)\|$/gm)];
  const row = rows.find(([, verbs]) => [...verbs!.matchAll(/`([^`]*)`/g)].some(([, name]) => name === verb));
  if (!row) throw new Error(`README lists no calls beside ${verb}`);
  const others = [...row[2]!.matchAll(/those of `([^`]*)`/g)].flatMap(([, name]) => listedCalls(name!));
  const own = [...row[2]!.matchAll(/`(\w+:\w+)`/g)].map(([, action]) => action!);
  return [...new Set([...others, ...own])];
}
