import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { assemblyOf, inWorld } from './setting.ts';

// A world is 10 MB, and one process plays thousands of them; `npm run bench` says how much is left of each.
it('nothing stays of a world that was closed, whoever was killed in it', async () => {
  const kernels = [await playedAndClosed('arrive'), await playedAndClosed('answer')];
  await collectGarbage();
  expect(kernels.map((kernel) => kernel.deref())).toEqual([undefined, undefined]);
});

async function playedAndClosed(phase: 'arrive' | 'answer'): Promise<WeakRef<object>> {
  return inWorld(
    async (world) => {
      const kill = world.killHandler({ function: 'RollService', operation: 'ecs:UpdateService', phase });
      await world.push();
      await world.untilRolloutEnds();
      expect(kill.hasHappened()).toBe(true);
      return new WeakRef(world.region.kernel);
    },
    { assembly: await assemblyOf({}) },
  );
}

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 0; round < 5; round++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    collect();
  }
}
