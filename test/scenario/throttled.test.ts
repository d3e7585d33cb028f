import { describe, expect, it } from 'vitest';
import type { FaultRule } from '../../region/faults/model.ts';
import { seededRandom } from '../../region/kernel/random.ts';
import type { World } from '../../rehearsal/world.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { handlerActions } from './granted-actions.ts';
import { deleteAgent, deployBesideAgent } from './beside-agent.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, setting } from './setting.ts';

/**
 * `THROTTLES=all` throttles every API that the flow calls, in every story. Otherwise two are played in each story, each time
 * others: `SEED=…` plays the same again.
 */
const { THROTTLES = 'two', SEED = String(Date.now() % 1_000_000) } = process.env;
const SAMPLE = 2;

/** For how long another client uses the rate up: longer than most retries, and than a rollout takes alone. */
const LASTS_SECONDS = 240;

const CHANGES = { bakeTimeSeconds: 0, registry: {}, logGroup: '/ecs/api', notify: { started: true } };
const openWorld = setting(CHANGES);

/** Every API that a rollout calls, of Lambda's in Step Functions' own. */
const APIS = [
  'dynamodb GetItem',
  'dynamodb PutItem',
  'ecr BatchGetImage',
  'ecr DescribeImages',
  'ecr PutImage',
  'ecs DescribeServices',
  'ecs DescribeTaskDefinition',
  'ecs DescribeTasks',
  'ecs ListTaskDefinitions',
  'ecs ListTasks',
  'ecs RegisterTaskDefinition',
  'ecs UpdateService',
  'events PutEvents',
  'lambda Invoke',
  'logs GetLogEvents',
  'sns Publish',
  'ssm PutParameter',
  'states SendTaskSuccess',
] as const;

/** What asks an API that no rollout of a push asks; everything else about it is as it would be alone. */
interface Aside {
  readonly name: string;
  readonly api: string;
  /** What was before; nobody throttles anything yet. */
  readonly before?: (world: World) => Promise<void>;
  /** Ends with the rollout that it is about; answers the digest that is to run then. */
  readonly play: (world: World, good: string) => Promise<string>;
  /** Of all rollouts, in the order of their start. */
  readonly outcomes: readonly string[];
}

const ASIDES: readonly Aside[] = [
  {
    name: 'a push during the rollout of another',
    api: 'states DescribeExecution',
    play: async (world) => {
      await world.push();
      await world.advance(15);
      const digest = await world.push();
      await world.untilIdle();
      return digest;
    },
    outcomes: ['SUCCEEDED', 'SUCCEEDED'],
  },
  {
    name: 'a push of which no event comes',
    api: 'states StartExecution',
    play: async (world) => {
      world.region.events.setDelivery(({ source }) => (source === 'aws.ecr' ? 'never' : 'once'));
      const digest = await world.push();
      await world.advance(900);
      return digest;
    },
    outcomes: ['SUCCEEDED'],
  },
  {
    name: 'a start of what runs already',
    api: 'dynamodb Query',
    play: async (world, good) => {
      await world.start();
      await world.untilIdle();
      return good;
    },
    outcomes: ['NO_CHANGE'],
  },
  {
    name: 'a push beside a tick that looks at what could not be delivered',
    api: 'sqs GetQueueAttributes',
    play: async (world) => {
      const digest = await world.push();
      await world.advance(2 * 3600);
      return digest;
    },
    outcomes: ['SUCCEEDED'],
  },
  {
    name: 'a push beside an image that ECR does not have',
    api: 'ecr DescribePullThroughCacheRules',
    before: async (world) => {
      await deployBesideAgent(world);
      await deleteAgent(world);
    },
    play: async (world, good) => {
      await world.push();
      await world.untilIdle();
      return good;
    },
    outcomes: ['REJECTED'],
  },
];

/** Granted for the sake of a call that is looked at: ECS checks them when a revision is registered. */
const WITHIN_OTHERS = ['ecs TagResource', 'iam PassRole'];

interface Story {
  readonly name: string;
  readonly push: (world: World) => Promise<string>;
  readonly outcome: string;
  /** Whether the pushed image runs at the end, and not the one before. */
  readonly isRolled: boolean;
}

const STORIES: readonly Story[] = [
  { name: 'a good push', push: (world) => world.push(), outcome: 'SUCCEEDED', isRolled: true },
  {
    name: 'a bad push',
    push: (world) => world.push({ behaviour: 'crash', afterSeconds: 5 }),
    outcome: 'ROLLED_BACK',
    isRolled: false,
  },
];

function throttling(api: string): FaultRule {
  const [service, operation] = api.split(' ') as [string, string];
  const when = { lastsSeconds: LASTS_SECONDS };
  if (service === 'lambda') {
    const does = { kind: 'error', error: 'TooManyRequestsException', runs: 'never' } as const;
    return { at: 'invocation', match: { mode: 'synchronous' }, when, does };
  }
  const does = { kind: 'error', error: 'throttling', isApplied: false } as const;
  return { at: 'call', match: { service, operation }, when, does };
}

/** As {@link APIS} names them, the calls of functions in this world from now on. */
function followApis({ region }: World): Set<string> {
  const called = new Set<string>();
  region.onApplied(({ caller, service, operation }) => {
    if (caller?.kind === 'role') called.add(`${service} ${operation}`);
  });
  return called;
}

/** Each time others, the same for one seed. */
function sampled(story: number): readonly string[] {
  if (THROTTLES === 'all') return APIS;
  const random = seededRandom(Number(SEED) + story);
  return [...APIS]
    .map((api) => [random.next(), api] as const)
    .sort(([one], [other]) => one - other)
    .slice(0, SAMPLE)
    .map(([, api]) => api);
}

it('every action that a handler is granted is that of an API that is throttled here, and each of these is granted', async () => {
  const granted = handlerActions(await assemblyOf(CHANGES));
  const throttled = [...APIS.filter((api) => api !== 'lambda Invoke'), ...ASIDES.map(({ api }) => api)];
  expect(granted).toEqual([...throttled, ...WITHIN_OTHERS].sort());
});

it.each(STORIES)('$name calls no API that is not looked at here', async ({ push, outcome }) => {
  const world = await openWorld();
  await proveAnImage(world);
  const called = followApis(world);
  await push(world);
  expect((await world.untilRolloutEnds()).outcome).toBe(outcome);
  expect([...called].filter((api) => !(APIS as readonly string[]).includes(api))).toEqual([]);
});

describe.each(STORIES.map((story, index) => ({ ...story, apis: sampled(index) })))(
  `$name (SEED=${SEED})`,
  ({ push, outcome, isRolled, apis }) => {
    it.each(apis)(`ends as it would alone while another client throttles %s for minutes`, async (api) => {
      const world = await openWorld();
      const good = await proveAnImage(world);
      world.region.faults.start(throttling(api));
      const digest = await push(world);
      const rollout = await world.untilRolloutEnds();
      await world.untilIdle();

      expect(rollout.outcome).toBe(outcome);
      expect(world.rollouts().filter(({ outcome: each }) => each !== 'NO_CHANGE')).toHaveLength(1);
      expect((await world.service()).imageDigests).toEqual([isRolled ? digest : good]);
      const { quarantine } = (await world.ledgerState()) as LedgerState;
      expect(quarantine.map((entry) => entry.digest as string)).toEqual(isRolled ? [] : [digest]);
    });
  },
);

it.each(THROTTLES === 'all' ? ASIDES : [ASIDES[Number(SEED) % ASIDES.length]!])(
  `$name ends as it would alone while another client throttles $api for minutes (SEED=${SEED})`,
  async ({ api, before, play, outcomes }) => {
    const world = await openWorld({ hasTicks: true });
    const good = await proveAnImage(world);
    await before?.(world);
    const [service, operation] = api.split(' ');
    let asked = 0;
    world.region.faults.start(throttling(api));
    world.region.onPark((call) => {
      if (call.phase === 'arrive' && call.service === service && call.operation === operation) asked++;
      return 'proceed';
    });
    const digest = await play(world, good);

    // A tick that comes meanwhile may find nothing to do.
    const ended = world.rollouts().map(({ outcome }) => outcome);
    const counted = ended.filter((outcome) => outcome !== 'NO_CHANGE' || outcomes.includes(outcome));
    expect(counted).toEqual(outcomes);
    expect((await world.service()).imageDigests[0]).toBe(digest);
    expect(((await world.ledgerState()) as LedgerState).quarantine).toEqual([]);
    // More than once: it was turned away, and asked again.
    expect(asked).toBeGreaterThan(1);
  },
);
