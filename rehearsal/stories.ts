import type { CellConfig } from './cell-config.ts';
import { record as recordTimeline, type Recorder } from './recorder.ts';
import type { ScenarioReport, TimelineEntry } from './report/scenario-report.ts';
import type { Rollout } from './rollouts.ts';
import type { ImageOptions } from './pushed-image.ts';
import { openWorld, type World, type WorldOptions } from './world.ts';

/** One story of the rehearsal: what happens, and how it must end. */
export interface Story {
  readonly name: string;
  /** One sentence. */
  readonly title: string;
  readonly expected: string;
  /** The states on the way; one that waits and is entered again counts once. */
  readonly pathIn: (config: CellConfig) => readonly string[];
  /** Whether a rollout has proven an image before the story begins. */
  readonly isProven: boolean;
  readonly image: ImageOptions;
  /** The image that runs in the end: the one that the story pushes, or the one before. */
  readonly runsInTheEnd: 'pushed' | 'former';
}

const FORWARD = [
  'Configure',
  'AcceptIntent',
  'Accepted?',
  'Preflight',
  'Cleared?',
  'RegisterRevision',
  'RollService',
  'Rolled?',
];
const WATCHED = [...FORWARD, 'AwaitSteadyState', 'Steady?'];
const BACK = ['RollbackTarget?', 'RollBack', 'RolledBack?', 'AwaitRollback', 'Conclude', 'Ended well?', 'Failed'];

/** Without a bake time there is no bake. */
function proven({ bakeTimeSeconds }: CellConfig): readonly string[] {
  return [...WATCHED, ...(bakeTimeSeconds > 0 ? ['Bake', 'Passed?'] : []), 'Conclude', 'Ended well?', 'Done'];
}

function takenBack(): readonly string[] {
  return [...WATCHED, ...BACK];
}

/** What `npm start` plays. */
export const STORIES: readonly Story[] = [
  {
    name: 'first-deployment',
    title: 'The first push to a service that was deployed by hand: the service is adopted, the image goes live.',
    expected: 'SUCCEEDED',
    pathIn: proven,
    isProven: false,
    image: { isIndex: true },
    runsInTheEnd: 'pushed',
  },
  {
    name: 'good-push',
    title: 'A good image is pushed, goes live and is proven.',
    expected: 'SUCCEEDED',
    pathIn: proven,
    isProven: true,
    image: {},
    runsInTheEnd: 'pushed',
  },
  {
    name: 'bad-push',
    title: 'An image is pushed whose container exits soon after it starts: the proven image comes back.',
    expected: 'ROLLED_BACK',
    pathIn: takenBack,
    isProven: true,
    image: { behaviour: 'crash', afterSeconds: 5, exitCode: 1 },
    runsInTheEnd: 'former',
  },
  {
    name: 'unpullable-push',
    title: 'An image is pushed that no task can pull: the proven image comes back.',
    expected: 'ROLLED_BACK',
    pathIn: takenBack,
    isProven: true,
    image: { behaviour: 'unpullable' },
    runsInTheEnd: 'former',
  },
];

export interface PlayOptions extends Pick<WorldOptions, 'assembly' | 'stack' | 'seed'> {
  /** Gets every line of the timeline as it happens. */
  readonly onTimeline?: (entry: TimelineEntry) => void;
}

/** Plays one story in a world of its own. */
export async function playStory(story: Story, { onTimeline, ...options }: PlayOptions): Promise<ScenarioReport> {
  const world = await openWorld(options);
  try {
    const former = story.isProven ? await proveAnImage(world) : undefined;
    const recorder = recordTimeline(world, onTimeline);
    const digest = await world.push(story.image);
    const rollout = await rolloutOf(world);
    recorder.stop();
    return await reportOf(story, world, rollout, recorder, story.runsInTheEnd === 'pushed' ? digest : former!);
  } finally {
    await world.close();
  }
}

/** A push that starts nothing at all is told by its dead letters. */
async function rolloutOf(world: World): Promise<Rollout> {
  try {
    return await world.untilRolloutEnds();
  } catch (cause) {
    const why = [...world.deadLetters(), ...world.refusals()].join('; ');
    throw new Error(`${cause instanceof Error ? cause.message : String(cause)}${why && `: ${why}`}`, { cause });
  }
}

async function proveAnImage(world: World): Promise<string> {
  const digest = await world.push();
  const { outcome, message = '' } = await rolloutOf(world);
  if (outcome !== 'SUCCEEDED')
    throw new Error(`the good image before the story ended ${outcome}: ${[...world.refusals(), message].join('; ')}`);
  await world.untilIdle();
  return digest;
}

async function reportOf(
  story: Story,
  world: World,
  rollout: Rollout,
  recorder: Recorder,
  liveDigest: string,
): Promise<ScenarioReport> {
  const differences = await differencesFrom(world, liveDigest);
  const record = (await world.history()).find(({ executionArn }) => executionArn === rollout.executionArn);
  const lag = recorder.detectionLagSeconds;
  return {
    name: story.name,
    service: world.config.service,
    title: story.title,
    outcome: rollout.outcome,
    ...(rollout.message !== undefined && { message: rollout.message }),
    expected: story.expected,
    path: rollout.path,
    expectedPath: story.pathIn(world.config),
    differences: record ? differences : [...differences, 'the ledger has no history entry of the rollout'],
    virtualSeconds: rollout.virtualSeconds,
    stateTransitions: rollout.stateTransitions,
    awsCalls: rollout.awsCalls,
    ...(lag !== undefined && { detectionLagSeconds: lag }),
    timeline: recorder.entries,
  };
}

/** How the service differs from one that steadily runs the image pinned by `digest` and no other. */
async function differencesFrom(world: World, digest: string): Promise<string[]> {
  const service = await world.service();
  const found = [...world.refusals(), ...world.deadLetters()];
  const unpinned = service.images.find((image) => !image.endsWith(`@${digest}`));
  if (unpinned !== undefined) found.push(`the service's task definition names ${unpinned}, not ${digest}`);
  if (service.rolloutState !== 'COMPLETED') found.push(`the deployment is ${service.rolloutState}, not COMPLETED`);
  if (service.runningCount !== service.desiredCount)
    found.push(`${service.runningCount} tasks run, not ${service.desiredCount}`);
  const ledger = await world.ledgerState();
  if (ledger?.holder) found.push(`the rollout ${ledger.holder.rolloutId} still holds the service`);
  if (ledger && ledger.outbox.length > 0) found.push(`${ledger.outbox.length} records wait in the outbox`);
  return found;
}
