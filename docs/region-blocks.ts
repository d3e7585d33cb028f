/** The table of region/README.md, made from the services themselves. */
import { createRegion } from '../region/region.ts';
import type { Service } from '../region/service.ts';
import { table } from './markdown.ts';

/** What every service of the region answers, and which resources of templates it creates and changes. */
export function regionBlocks(): Record<string, string> {
  const services = [...createRegion().services.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  return { services: table(['Service', 'Operations', 'Resources'], services.map(rowOf)) };
}

function rowOf({ id, operations, resources, updaters = {} }: Service): string[] {
  const names = Object.keys(operations).sort();
  const types = Object.keys(resources).sort();
  return [
    `\`${id}\``,
    names.join(', ') || '–',
    types.map((type) => `\`${type}\`${type in updaters ? ' ↻' : ''}`).join(', ') || '–',
  ];
}
