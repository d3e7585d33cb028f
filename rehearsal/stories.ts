import type { CellConfig } from './cell/cell-config.ts';
import { noteFault } from './note-fault.ts';
import type { NamedFault } from './faults/named-fault.ts';
import type { Chronicle } from '../picture/chronicle.ts';
import { followChronicle } from './chronicler.ts';
import { record as recordTimeline, type Recorder } from './recorder.ts';
import { NOT_PLAYED, type ScenarioReport, type TimelineEntry } from '../timeline/scenario-report.ts';
import type { Rollout } from './cell/rollouts.ts';
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

/** Without a bake time there is no bake, unless nothing checks the tasks: those of the service that stands in for an adopted one. */
function proven({ bakeTimeSeconds, launchCount }: CellConfig): readonly string[] {
  const bakes = bakeTimeSeconds > 0 || launchCount === undefined;
  return [...WATCHED, ...(bakes ? ['Bake', 'Passed?'] : []), 'Conclude', 'Ended well?', 'Done'];
}

function takenBack(): readonly string[] {
  return [...WATCHED, ...BACK];
}

/** What `npm start` plays. */
export const STORIES: readonly Story[] = [
  {
    name: 'first-deployment',
    title: 'The first push: a service that exists is adopted, an empty one starts its tasks.',
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

export interface PlayOptions extends Pick<WorldOptions, 'assembly' | 'stack' | 'seed' | 'door'> {
  /** Gets every line of the timeline as it happens. */
  readonly onTimeline?: (entry: TimelineEntry) => void;
  /** Gets what a picture is drawn from, once the story is over, however far it came. */
  readonly onChronicle?: (chronicle: Chronicle) => void;
  /** What goes wrong from just before the push to the end of the rollout; the tick then makes up for it. @default nothing */
  readonly faults?: readonly NamedFault[];
}

/** After the faults have ended: time for the tick to come back to what was left undone, and for that to be done. */
const MADE_UP_FOR_SECONDS = 3_600;

/** Plays one story in a world of its own; a stack that cannot play it answers a report that has failed. */
export async function playStory(
  story: Story,
  { onTimeline, onChronicle, faults = [], ...options }: PlayOptions,
): Promise<ScenarioReport> {
  const world = await openWorld({ ...options, hasTicks: faults.length > 0 });
  try {
    return await played(story, world, faults, { onTimeline, onChronicle });
  } catch (error) {
    if (error instanceof NotPlayed) return reportWithoutStory(story, world, faults, error.message);
    throw error;
  } finally {
    await world.close();
  }
}

/** The world did not get as far as the story's end; nothing must be undone. */
class NotPlayed extends Error {
  override readonly name = 'NotPlayed';
}

async function played(
  story: Story,
  world: World,
  faults: readonly NamedFault[],
  { onTimeline, onChronicle }: { [Listener in 'onTimeline' | 'onChronicle']: PlayOptions[Listener] | undefined },
): Promise<ScenarioReport> {
  const former = story.isProven ? await proveAnImage(world) : undefined;
  const recorder = recordTimeline(world, onTimeline);
  const chronicler = onChronicle && followChronicle(world);
  const earlier = world.rollouts().length;
  const ends = faults.map((fault) => {
    if (chronicler) noteFault(chronicler, chronicler.now(), fault, Infinity);
    return fault.inject(world).end;
  });
  const digest = await world.push(story.image);
  let rollout: Rollout;
  try {
    rollout = await rolloutOf(world);
    for (const end of ends) end();
    chronicler?.endNoted();
    if (faults.length > 0) rollout = await settled(world, earlier);
    recorder.stop();
  } finally {
    chronicler?.endNoted();
    if (chronicler) onChronicle?.(chronicler.chronicle());
  }
  const liveDigest = story.runsInTheEnd === 'pushed' ? digest : former!;
  return await reportOf(story, world, faults, rollout, recorder, liveDigest);
}

/** Outcomes that say nothing of the image. */
const ASIDE: readonly string[] = ['NO_CHANGE', 'SUPERSEDED'];

/** The rollout that said what became of the image, once nothing is left to do. */
async function settled(world: World, earlier: number): Promise<Rollout> {
  await world.untilIdle();
  await world.advance(MADE_UP_FOR_SECONDS);
  await world.untilIdle();
  const since = world.rollouts().slice(earlier);
  return since.findLast(({ outcome }) => !ASIDE.includes(outcome)) ?? since.at(-1)!;
}

/** A push that starts nothing at all is told by its dead letters. */
async function rolloutOf(world: World): Promise<Rollout> {
  try {
    return await world.untilRolloutEnds();
  } catch (cause) {
    const why = reasons(world, cause instanceof Error ? cause.message : String(cause));
    throw new NotPlayed(['the push led to no end of a rollout', ...why].join(': '), { cause });
  }
}

async function proveAnImage(world: World): Promise<string> {
  const digest = await world.push();
  const { outcome, message = '' } = await rolloutOf(world);
  if (outcome !== 'SUCCEEDED') {
    const why = reasons(world, message);
    throw new NotPlayed([`its set-up failed, the good image before the story ended ${outcome}`, ...why].join(': '));
  }
  await world.untilIdle();
  return digest;
}

/** Refusals explain everything and stand in the report by themselves; without any, dead letters and `message` do. */
function reasons(world: World, message: string): string[] {
  if (world.refusals().length > 0) return [];
  return [[...new Set([...world.deadLetters(), message])].filter((text) => text !== '').join('; ')];
}

function reportWithoutStory(story: Story, world: World, faults: readonly NamedFault[], reason: string): ScenarioReport {
  return {
    name: story.name,
    service: world.config.service,
    title: story.title,
    outcome: NOT_PLAYED,
    message: reason,
    expected: story.expected,
    ...underFaults(story, faults),
    path: [],
    expectedPath: story.pathIn(world.config),
    differences: [reason],
    refusals: world.refusals(),
    virtualSeconds: 0,
    stateTransitions: 0,
    awsCalls: 0,
    timeline: [],
  };
}

async function reportOf(
  story: Story,
  world: World,
  faults: readonly NamedFault[],
  rollout: Rollout,
  recorder: Recorder,
  liveDigest: string,
): Promise<ScenarioReport> {
  const isAsExpected = rollout.outcome === story.expected;
  const found = await differencesFrom(world, isAsExpected ? liveDigest : undefined);
  const differences = found.filter((difference) => !isTolerated(faults, difference));
  const lag = recorder.detectionLagSeconds;
  const entry = (await world.history()).find(({ executionArn }) => executionArn === rollout.executionArn);
  return {
    name: story.name,
    service: world.config.service,
    title: story.title,
    outcome: rollout.outcome,
    ...(rollout.message !== undefined && { message: rollout.message }),
    expected: story.expected,
    ...underFaults(story, faults),
    path: rollout.path,
    expectedPath: story.pathIn(world.config),
    differences,
    refusals: world.refusals(),
    virtualSeconds: rollout.virtualSeconds,
    stateTransitions: rollout.stateTransitions,
    awsCalls: rollout.awsCalls,
    ...(lag !== undefined && { detectionLagSeconds: lag }),
    ...(recorder.wayBack && { wayBack: recorder.wayBack }),
    timeline: recorder.entries,
    ...(entry && { entry }),
  };
}

function isTolerated(faults: readonly NamedFault[], difference: string): boolean {
  return faults.some(({ tolerates = [] }) => tolerates.some(({ matcher }) => matcher.test(difference)));
}

function underFaults(
  { isProven }: Story,
  faults: readonly NamedFault[],
): Pick<ScenarioReport, 'faults' | 'mayAlsoEnd'> {
  const also = faults.flatMap(({ mayAlsoEnd = [], mayAlsoEndAtFirst = [] }) => [
    ...mayAlsoEnd,
    ...(isProven ? [] : mayAlsoEndAtFirst),
  ]);
  return { faults: faults.map(({ name }) => name), mayAlsoEnd: [...new Set(also)] };
}

/** How the service differs from one that steadily runs the image pinned by `digest` and no other (or any, without one), and the world from a sound one. */
async function differencesFrom(world: World, digest: string | undefined): Promise<string[]> {
  const service = await world.service();
  const found: string[] = [];
  const unpinned = service.images.find((image) => digest !== undefined && !image.endsWith(`@${digest}`));
  if (unpinned !== undefined) found.push(`the service's task definition names ${unpinned}, not ${digest}`);
  if (service.rolloutState !== 'COMPLETED') found.push(`the deployment is ${service.rolloutState}, not COMPLETED`);
  if (service.runningCount !== service.desiredCount)
    found.push(`${service.runningCount} tasks run, not ${service.desiredCount}`);
  // Refusals explain everything that they led to, and stand in the report by themselves.
  return world.refusals().length > 0 ? found : [...found, ...(await world.audit())];
}
