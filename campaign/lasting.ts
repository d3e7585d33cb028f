import type { Stage } from './stage.ts';

/** Starts what ends by itself; one that goes on already is not started again. */
export function startFor(
  { world, faults }: Stage,
  name: string,
  seconds: number,
  start: (world: Stage['world']) => () => void,
): boolean {
  if (faults.has(name)) return false;
  const stop = start(world);
  const { kernel } = world.region;
  const timer = kernel.after(seconds * 1000, 'timer', `the end of ${name}`, () => end());
  const end = (): void => {
    faults.delete(name);
    kernel.cancel(timer);
    stop();
  };
  faults.set(name, end);
  return true;
}
