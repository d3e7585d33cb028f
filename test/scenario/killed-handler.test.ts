import { describe, expect, it } from 'vitest';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { BUNDLED, constructId, HANDLER_NAMES, type HandlerName } from '../../infra/handler-table.ts';
import { followKillPoints, type PassedPoint } from '../../rehearsal/faults/kill-handler.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { seededRandom } from '../../region/kernel/random.ts';
import { cellTemplate, resourcesOf } from '../infra/cell-template.ts';
import { deleteAgent, deployBesideAgent } from './beside-agent.ts';
import { assemblyOf, inAnyWorld, inWorld } from './setting.ts';

/**
 * `KILLS=all` kills every handler at every call, at its arrival and at its answer, in every story. Otherwise a fifth of the
 * points that differ, of all stories together, is played, each time another one: `SEED=…` plays the same again.
 */
const { KILLS = 'fifth', SEED = String(Date.now() % 1_000_000) } = process.env;
const ONE_IN = 5;

/** Something that happens to a service, until nothing runs any more. */
interface Story {
  readonly name: string;
  /** How its service differs from that of every scenario. */
  readonly changes?: Partial<ServiceConfiguration>;
  readonly hasTicks?: boolean;
  readonly play: (world: World) => Promise<void>;
  /** Whether its rollouts may end in another order when a handler was killed. @default false */
  readonly isInAnyOrder?: boolean;
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
    // Images are kept: the one that ran before, and the one that is proven.
    changes: { registry: {} },
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
  {
    name: 'a push that takes the place of another one that waits',
    play: async (world) => {
      await world.push();
      await world.advance(15);
      await world.push();
      await world.advance(15);
      await world.push();
      await world.untilIdle();
    },
    from: ['AwaitTurn', 2],
    // Killed between the ledger's write and the answer, the retry finds nobody displaced: that one sees it when it looks again.
    isInAnyOrder: true,
    // The one that lost its place is told so, and ends.
    until: ['Done', 1],
    always: ['AwaitTurn dynamodb:PutItem answer 2', 'AwaitTurn states:SendTaskSuccess answer 1'],
  },
  {
    name: 'a provisioned service that is launched, emptied, and launched again by a tick',
    changes: { registry: {}, provision: { port: 8000, desiredCount: 2 } },
    hasTicks: true,
    play: async (world) => {
      const { cluster, serviceName: service } = world.config;
      const { taskDefinition } = await world.service();
      await world.push();
      await world.untilRolloutEnds();
      await world.untilIdle();
      await operate(world.region, 'ecs', 'UpdateService', { cluster, service, taskDefinition, desiredCount: 0 });
      await world.advance(1200);
      await world.untilIdle();
    },
    from: ['Done', 1],
    until: ['AwaitSteadyState', 2],
    always: [],
  },
  {
    name: 'a push to a service whose sidecar is gone from ECR',
    play: async (world) => {
      await deployBesideAgent(world);
      await deleteAgent(world);
      await world.push();
      await world.untilRolloutEnds();
      await world.untilIdle();
    },
    from: ['Preflight', 1],
    until: ['Cleared?', 1],
    always: ['Preflight ecr:DescribePullThroughCacheRules answer 1'],
  },
];

/** Granted, and no call of a handler. */
const NOT_CALLED: Readonly<Record<string, string>> = {
  'iam:PassRole': 'ECS asks for it when a revision is registered or rolled',
  'ecs:TagResource': 'ECS asks for it when a revision is registered with tags',
  'logs:CreateLogStream': 'Lambda writes the logs itself',
  'logs:PutLogEvents': 'Lambda writes the logs itself',
  'xray:PutTraceSegments': 'Lambda sends traces itself',
  'xray:PutTelemetryRecords': 'Lambda sends traces itself',
};

/** Handlers that no story kills. */
const NEVER_KILLED: Readonly<Record<string, string>> = {
  'ensure-present': 'CloudFormation invokes it, before any story; ground.test.ts lets it come by what is there already',
};

/** What the world looks like when a story is over. */
async function endOf(world: World, { isInAnyOrder = false }: Story): Promise<object> {
  const { deployedAt: _when, ...service } = await world.service();
  const outcomes = (await world.history()).map(({ outcome, image }) => `${outcome} of ${image?.digest}`);
  return {
    service,
    liveImage: world.region.ssm.valueOf(world.config.liveImageParameter),
    outcomes: isInAnyOrder ? outcomes.sort() : outcomes,
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

const recordings = new Map<Story, Promise<Recording>>();

/** The story as it goes when nobody is killed, played once. */
function recordingOf(story: Story): Promise<Recording> {
  const recording = recordings.get(story) ?? record(story);
  recordings.set(story, recording);
  return recording;
}

async function record(story: Story): Promise<Recording> {
  const { changes = {}, hasTicks = false, play, from, until } = story;
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
      return { end: await endOf(world, story), points, own: points.slice(first, last) };
    },
    { assembly: await assemblyOf(changes), hasTicks },
  );
}

/** What is different after a handler was killed there; empty when nobody can tell. */
async function differencesAt(point: PassedPoint, story: Story, end: object, isSentAgain: boolean): Promise<string[]> {
  const { changes = {}, hasTicks = false, play } = story;
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
      const found = JSON.stringify(await endOf(world, story));
      return [
        ...(kill.hasHappened() ? [] : ['was never reached']),
        ...(found === JSON.stringify(end) ? [] : [`ends with ${found}`]),
      ];
    },
    { assembly: await assemblyOf(changes), hasTicks },
  );
  return [...result, ...violations].map((difference) => `${nameOf(point)}: ${difference}`);
}

/** Every point, or those of a fifth of all stories' that are this story's, and those that are always played. */
async function chosen(story: Story): Promise<PassedPoint[]> {
  const { points } = await recordingOf(story);
  if (KILLS === 'all') return [...points];
  const fifth = drawn(await Promise.all(STORIES.map(recordingOf)));
  return points.filter((point) => fifth.has(point) || story.always.includes(nameOf(point)));
}

/** A fifth of the points that differ, of all stories together, chosen by the seed. */
function drawn(all: readonly Recording[]): Set<PassedPoint> {
  const random = seededRandom(Number(SEED));
  const lots = all.flatMap(({ own }) => own.filter(isDifferent).map((point) => ({ point, lot: random.next() })));
  lots.sort((one, other) => one.lot - other.lot);
  return new Set(lots.slice(0, Math.ceil(lots.length / ONE_IN)).map(({ point }) => point));
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
    const recording = await recordingOf(story);
    const played = await chosen(story);
    console.log(`${story.name}: killed at ${played.length} of ${recording.points.length} points, SEED=${SEED}`);
    const sentAgain = sentAgainAt(recording.points);
    const differences: string[] = [];
    for (const point of played)
      differences.push(...(await differencesAt(point, story, recording.end, sentAgain.has(point))));

    expect(differences).toEqual([]);
    expect(played.map(nameOf)).toEqual(expect.arrayContaining([...story.always]));
  });
});

it('come by every call that a handler is granted', { timeout: 1_800_000 }, async () => {
  const points = (await Promise.all(STORIES.map(recordingOf))).flatMap((recording) => recording.points);
  const passed = new Set(points.map(({ function: handler, operation }) => `${handler} ${operation}`));
  const granted = grantedCalls();
  const calls = granted.filter((call) => !(call.split(' ')[1]! in NOT_CALLED));
  expect([...passed].sort()).toEqual(calls.sort());
  expect(Object.keys(NOT_CALLED).filter((action) => !granted.some((call) => call.endsWith(` ${action}`)))).toEqual([]);
  const met = new Set(points.map(({ function: handler }) => handler));
  expect(BUNDLED.filter((name) => !met.has(constructId(name as HandlerName)))).toEqual(Object.keys(NEVER_KILLED));
});

/** `Conclude sns:Publish`: what each handler of a cell with everything in it may call. */
function grantedCalls(): string[] {
  const roles = resourcesOf(cellTemplate({ registry: {}, provision: { port: 8000 } }), 'AWS::IAM::Role');
  return HANDLER_NAMES.map(constructId).flatMap((handler) => {
    const policies = roles.get(`Handlers${handler}Role`)!.Properties.Policies;
    const statements = policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    const actions = statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);
    return [...new Set(actions)].map((action) => `${handler} ${action}`);
  });
}
