import { expect, it } from 'vitest';
import { comeToRest } from '../../campaign/calm.ts';
import { follow } from '../../campaign/happenings.ts';
import type { Stage } from '../../campaign/stage.ts';
import type { World } from '../../rehearsal/world.ts';
import { assemblyOf, inAnyWorld } from '../scenario/setting.ts';

it('asks of a world at rest whether all is told, nothing is emptied or changed, and good images still go live', async () => {
  const { result } = await inAnyWorld(neglectedWorld, { assembly: await assemblyOf({}), hasTicks: true });
  const { sound, found } = result;
  expect(sound).toEqual([]);
  expect(found).toEqual([
    expect.stringMatching(/^liveness: The last push, sha256:\w+, is neither live nor in any record\.$/),
    'rest: Rollout one is not told of, an hour after everything was well.',
    expect.stringMatching(/^rest: The launched service wants no tasks of \S+, and nobody has scaled it\.$/),
    'rest: 2 changes of ECS in half an hour in which nothing happened.',
    expect.stringMatching(/^liveness: A good image, sha256:\w+, was pushed when it was calm, and /),
  ]);
});

/** What is found in a world in which a push went live, and in the same one once it says that nothing has come of anything. */
async function neglectedWorld(world: World): Promise<{ readonly sound: string[]; readonly found: string[] }> {
  const told = follow(world);
  await world.untilIdle();
  const pushes = [{ digest: await world.push(), tag: 'live' }];
  await world.untilRolloutEnds();
  const rest = (of: World, counts: number[], isProvisioned: boolean): Promise<string[]> => {
    const count = (): number => counts.shift() ?? 42;
    const seen = { told, pushes, deleted: [], faults: new Map(), playsEveryTick: false };
    const stage = { ...seen, world: of, setting: { isProvisioned } } as unknown as Stage;
    return comeToRest(stage, { count } as never, []);
  };
  const sound = await rest(world, [40, 40], false);
  return { sound, found: await rest(neglected(world), [40], true) };
}

/** A world that says that its service is empty, its history, too, and that something waits to be told. */
function neglected(world: World): World {
  const service: World['service'] = async () => {
    const empty = { desiredCount: 0, runningCount: 0, imageDigests: [] };
    return { ...(await world.service()), ...empty };
  };
  const history: World['history'] = () => Promise.resolve([]);
  const ledgerState = async (): Promise<object> => ({
    ...(await world.ledgerState()),
    outbox: [{ rolloutId: 'one' }],
  });
  return Object.assign(Object.create(world) as World, { service, history, ledgerState });
}
