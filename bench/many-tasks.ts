import { countCalls } from '../rehearsal/cell/count-calls.ts';
import { openWorld, type World } from '../rehearsal/world.ts';
import type { ImageOptions } from '../rehearsal/pushed-image.ts';
import type { Measurement } from './measurement.ts';

const TASKS = 1_000;
/** For how long nothing can be pulled. */
const TROUBLE_SECONDS = 600;
/** APIs that are named by themselves; the others are told together. */
const APIS = ['dynamodb GetItem', 'ecs ListTasks', 'ecs DescribeTasks', 'ecs DescribeServices'] as const;

interface Story {
  readonly name: string;
  readonly image: ImageOptions;
  readonly outcome: string;
  readonly callsMax: number;
  /** Whether no image can be pulled in the first minutes. */
  readonly hasTrouble?: boolean;
}

/**
 * A look at a thousand tasks is ten pages of ListTasks and ten of DescribeTasks. A good roll makes seven, which nothing but the time
 * that it takes can change; the others the looks of their way back, and what is read of the events of tasks that stop.
 */
const STORIES: readonly Story[] = [
  { name: 'a good push', image: {}, outcome: 'SUCCEEDED', callsMax: 210 },
  { name: 'a crash', image: { behaviour: 'crash' }, outcome: 'ROLLED_BACK', callsMax: 400 },
  { name: '10 minutes without the registry', image: {}, outcome: 'SUCCEEDED', callsMax: 450, hasTrouble: true },
];

/** What a service of a thousand tasks costs a rollout, by API. */
export async function measureManyTasks(assembly: string): Promise<Measurement[]> {
  const measured: Measurement[] = [];
  for (const story of STORIES) measured.push(...(await measureStory(assembly, story)));
  return measured;
}

async function measureStory(assembly: string, { name, image, outcome, callsMax, hasTrouble }: Story) {
  const world = await openWorld({ assembly, service: { desiredCount: TASKS, isPinned: true } });
  await roll(world, {}, 'SUCCEEDED');
  const calls = countCalls(world.region);
  await roll(world, image, outcome, hasTrouble);
  await world.close();
  const told = APIS.map((api) => calls.of(api));
  const prefix = `${TASKS} tasks, ${name}`;
  const others = calls.all() - told.reduce((sum, each) => sum + each, 0);
  return [
    { name: `${prefix}: AWS calls`, value: calls.all(), unit: '', bound: callsMax },
    ...APIS.map((api, index) => ({ name: `${prefix}: ${api.split(' ')[1]}`, value: told[index]!, unit: '' })),
    { name: `${prefix}: others`, value: others, unit: '' },
  ];
}

async function roll(world: World, image: ImageOptions, wanted: string, hasTrouble = false): Promise<void> {
  const end = hasTrouble ? world.region.ecs.disturb({ kind: 'failed-pulls', cause: 'i/o timeout' }) : undefined;
  await world.push(image);
  if (end) {
    await world.advance(TROUBLE_SECONDS);
    end();
  }
  const { outcome, message } = await world.untilRolloutEnds();
  if (outcome !== wanted)
    throw new Error(`${world.config.serviceName} ended ${outcome} instead of ${wanted}: ${message}`);
  await world.untilIdle();
}
