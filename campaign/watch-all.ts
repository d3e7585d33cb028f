import type { World } from '../rehearsal/world.ts';
import { watchBack } from './watch-back.ts';
import { watchBounds } from './watch-bounds.ts';
import { leaks, type Changes } from './watch-changes.ts';
import { watchForeign } from './watch-foreign.ts';
import { watchRolls } from './watch-rolls.ts';

/** Holds a world to the campaign's own rules from now on; the answer says which it broke. */
export function watchAll(world: World, changes: Changes, isDisturbed: boolean): () => Promise<string[]> {
  const [foreign, back, bounds] = [watchForeign(world), watchBack(world), watchBounds(world)];
  const rolls = watchRolls(world, isDisturbed);
  return async () => [
    ...foreign(),
    ...back(),
    ...bounds(),
    ...(await changes.violations()),
    ...(await rolls()),
    ...(await leaks(world)),
  ];
}
