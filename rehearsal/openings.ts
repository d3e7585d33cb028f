import type { RegionCopy } from '../region/copy.ts';

/** Regions as they were while worlds opened, for other worlds to begin with. */
export interface Openings {
  /** As they were when the stacks had been deployed. */
  readonly deployed: Kept;
  /** As they were when the services had become steady. @default each world lets its own become steady */
  readonly settled?: Kept;
}

/** The region that was kept under that name, or else what `open` makes, which is kept. */
export type Kept = (name: string, open: () => Promise<RegionCopy>) => Promise<RegionCopy>;

/** Keeps so many, those that were asked for last; a copy takes a megabyte. */
export function keep(most: number): Kept {
  const copies = new Map<string, Promise<RegionCopy>>();
  return (name, open) => {
    const copy = copies.get(name) ?? open();
    copies.delete(name);
    copies.set(name, copy);
    if (copies.size > most) copies.delete(copies.keys().next().value!);
    // What could not be opened once may be the next time.
    copy.catch(() => copies.get(name) === copy && copies.delete(name));
    return copy;
  };
}

/** Settings and Regions in which a campaign plays at the same time. */
const DEPLOYED_MOST = 150;

/** Keeps what was deployed; services differ too much from world to world to be kept, too. */
export function keepOpenings(): Openings {
  return { deployed: keep(DEPLOYED_MOST) };
}
