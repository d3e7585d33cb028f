import { describe, expect, it } from 'vitest';
import type { FaultRule } from '../../region/faults/model.ts';
import { seededRandom } from '../../region/kernel/random.ts';
import type { World } from '../../rehearsal/world.ts';
import type { LedgerState } from '../../functions/rollout/ledger.ts';
import { proveAnImage } from './proven-image.ts';
import { setting } from './setting.ts';

/**
 * `THROTTLES=all` throttles every API that the flow calls, in every story. Otherwise two are played in each story, each time
 * others: `SEED=…` plays the same again.
 */
const { THROTTLES = 'two', SEED = String(Date.now() % 1_000_000) } = process.env;
const SAMPLE = 2;

/** For how long another client uses the rate up: longer than most retries, and than a rollout takes alone. */
const LASTS_SECONDS = 240;

const openWorld = setting({ bakeTimeSeconds: 0, registry: {} });

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
  'lambda Invoke',
  'sns Publish',
  'ssm PutParameter',
  'states SendTaskSuccess',
] as const;
type Api = (typeof APIS)[number];

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

function throttling(api: Api): FaultRule {
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
function sampled(story: number): readonly Api[] {
  if (THROTTLES === 'all') return APIS;
  const random = seededRandom(Number(SEED) + story);
  return [...APIS]
    .map((api) => [random.next(), api] as const)
    .sort(([one], [other]) => one - other)
    .slice(0, SAMPLE)
    .map(([, api]) => api);
}

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
