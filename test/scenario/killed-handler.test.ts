import { describe, expect, it } from 'vitest';
import { followKillPoints, type PassedPoint } from '../../rehearsal/faults.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { seededRandom } from '../../region/kernel/random.ts';
import { assemblyOf, inAnyWorld, inWorld } from './setting.ts';

/**
 * `KILLS=all` kills every handler at every call, at its arrival and at its answer, in every story. Otherwise a fifth of the
 * points that differ is played, each time another one: `SEED=…` plays the same again.
 */
const { KILLS = 'fifth', SEED = String(Date.now() % 1_000_000) } = process.env;
const ONE_IN = 5;

/** Something that happens to a service, until nothing runs any more. */
interface Story {
  readonly name: string;
  readonly hasTicks?: boolean;
  readonly play: (world: World) => Promise<void>;
  /** Where it comes to what no story before had: the state that is then entered for the n-th time. */
  readonly from?: readonly [state: string, nth: number];
  /** Where it goes on as the first one does. */
  readonly until?: readonly [state: string, nth: number];
  /** Played each time: where a fault was planted once that no test noticed. */
  readonly always: readonly string[];
}

const STORIES: readonly Story[] = [
  {
    name: 'a good push',
    play: async (world) => {
      await world.push();
      await world.untilRolloutEnds();
      await world.untilIdle();
    },
    always: [
      'RegisterRevision ecs:RegisterTaskDefinition answer 1',
      'RollService ecs:UpdateService arrive 1',
      'RollService ecs:UpdateService answer 1',
      'Conclude dynamodb:PutItem answer 1',
      'Conclude dynamodb:PutItem answer 3',
      'WakeRollout states:SendTaskSuccess arrive 1',
    ],
  },
  {
    name: 'a bad push',
    play: async (world) => {
      await world.push({ behaviour: 'crash', afterSeconds: 5 });
      await world.untilRolloutEnds();
      await world.untilIdle();
    },
    from: ['RollbackTarget?', 1],
    always: ['RollService ecs:UpdateService answer 2'],
  },
  {
    name: 'a push that waits for its turn',
    play: async (world) => {
      await world.push();
      await world.advance(20);
      await world.push();
      await world.untilIdle();
    },
    from: ['AwaitTurn', 1],
    until: ['Preflight', 2],
    always: [],
  },
  {
    name: 'a rollout that is stopped half way, and a tick that puts back what ran',
    hasTicks: true,
    play: async (world) => {
      const isWatched = (): boolean => world.rollouts().some(({ path }) => path.includes('AwaitSteadyState'));
      await world.push();
      await world.region.kernel.runUntil(isWatched, 'the watch', 600_000);
      const { executionArn } = world.rollouts()[0]!;
      await operate(world.region, 'states', 'StopExecution', { executionArn });
      await world.advance(900);
      await world.untilIdle();
    },
    from: ['AwaitSteadyState', 1],
    always: [],
  },
];

/** What the world looks like when a story is over. */
async function endOf(world: World): Promise<object> {
  const { deployedAt: _when, ...service } = await world.service();
  return {
    service,
    liveImage: world.region.ssm.valueOf(world.config.liveImageParameter),
    outcomes: (await world.history()).map(({ outcome, image }) => `${outcome} of ${image?.digest}`),
    quarantine: (await world.ledgerState())?.quarantine.map(({ digest }) => digest),
  };
}

interface Recording {
  readonly end: object;
  /** Every point of the story. */
  readonly points: readonly PassedPoint[];
  /** Those of the stretch that no story before had. */
  readonly own: readonly PassedPoint[];
}

async function record({ hasTicks = false, play, from, until }: Story): Promise<Recording> {
  return inWorld(
    async (world) => {
      const points = followKillPoints(world.region, world.cell);
      const entered = new Map<string, number>();
      const count = new Map<string, number>();
      world.region.states.onStateEntered(({ state }) => {
        count.set(state, (count.get(state) ?? 0) + 1);
        entered.set([state, count.get(state)].join(), points.length);
      });
      await play(world);
      const [first, last] = [from, until].map((place) => place && entered.get(place.join()));
      expect([from === undefined, until === undefined]).toEqual([first === undefined, last === undefined]);
      return { end: await endOf(world), points, own: points.slice(first, last) };
    },
    { assembly: await assemblyOf({}), hasTicks },
  );
}

/** What is different after a handler was killed there; empty when nobody can tell. */
async function differencesAt(
  point: PassedPoint,
  { hasTicks = false, play }: Story,
  end: object,
  isSentAgain: boolean,
): Promise<string[]> {
  const { result, violations } = await inAnyWorld(
    async (world) => {
      if (isSentAgain)
        world.excuse(
          'notification',
          /was announced 2 times, not 1\.$/,
          'killed after it was sent and before that was written down',
        );
      const kill = world.killHandler(point);
      await play(world);
      const found = JSON.stringify(await endOf(world));
      return [
        ...(kill.hasHappened() ? [] : ['was never reached']),
        ...(found === JSON.stringify(end) ? [] : [`ends with ${found}`]),
      ];
    },
    { assembly: await assemblyOf({}), hasTicks },
  );
  return [...result, ...violations].map((difference) => `${nameOf(point)}: ${difference}`);
}

/** Every point, or a fifth of those that differ, chosen by the seed, and those that are always played. */
function chosen({ points, own }: Recording, { name, always }: Story): PassedPoint[] {
  if (KILLS === 'all') return [...points];
  const random = seededRandom(Number(SEED) + name.length);
  const drawn = own.filter(isDifferent).map((point) => ({ point, lot: random.next() }));
  drawn.sort((one, other) => one.lot - other.lot);
  const fifth = drawn.slice(0, Math.ceil(drawn.length / ONE_IN)).map(({ point }) => point);
  return points.filter((point) => fifth.includes(point) || always.includes(nameOf(point)));
}

/** A call that only reads has done nothing, whether it was applied or not. */
function isDifferent({ operation, phase }: PassedPoint): boolean {
  return phase === 'arrive' || !/:(Get|BatchGet|Describe|List)/.test(operation);
}

/** Delivery is at least once: from the moment that a notification is on its way until that is written down it is sent again. */
function sentAgainAt(points: readonly PassedPoint[]): Set<PassedPoint> {
  let isOnItsWay = false;
  return new Set(
    points.filter((point) => {
      if (point.function !== 'Conclude') return false;
      const wasOnItsWay = isOnItsWay;
      if (point.phase === 'arrive' && point.operation === 'sns:Publish') isOnItsWay = true;
      if (point.phase === 'arrive' && point.operation === 'dynamodb:PutItem') isOnItsWay = false;
      return wasOnItsWay;
    }),
  );
}

function nameOf({ function: handler, operation, phase, nth }: PassedPoint): string {
  return `${handler} ${operation} ${phase} ${nth}`;
}

describe.each(STORIES)('$name', (story) => {
  it(`ends alike wherever a handler is killed (KILLS=${KILLS} SEED=${SEED})`, { timeout: 1_800_000 }, async () => {
    const recording = await record(story);
    const played = chosen(recording, story);
    console.log(`${story.name}: killed at ${played.length} of ${recording.points.length} points, SEED=${SEED}`);
    const sentAgain = sentAgainAt(recording.points);
    const differences: string[] = [];
    for (const point of played)
      differences.push(...(await differencesAt(point, story, recording.end, sentAgain.has(point))));

    expect(differences).toEqual([]);
    expect(played.map(nameOf)).toEqual(expect.arrayContaining([...story.always]));
  });
});
