import { faultsAt, followPoints, ruleAt, type FaultName, type Point } from '../../rehearsal/faults/every-point.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { assemblyOf, inAnyWorld } from './setting.ts';
import type { Story } from './sweep-stories.ts';

/** One thing that goes wrong at one place of a story. */
export interface Mishap {
  readonly story: Story;
  readonly point: Point;
  readonly fault: FaultName;
}

/** A story as it goes when nothing goes wrong. */
export interface Recording {
  readonly end: object;
  /** Every point of the story. */
  readonly points: readonly Point[];
  /** Those of the stretch that no story before had. */
  readonly own: readonly Point[];
}

/** What the audit may find where a call has no token that makes a repetition known. */
interface Allowance {
  readonly function?: string;
  readonly operation: string;
  readonly faults: readonly FaultName[];
  readonly sentence: RegExp;
}

const UNHEARD: readonly FaultName[] = ['dies after', 'dies, and the call is late', 'is cut off after'];
const TOLD_AGAIN = /^notification: .* was announced 2 times, not 1\.$/;
const ALLOWED: readonly Allowance[] = [
  { operation: 'sns:Publish', faults: UNHEARD, sentence: TOLD_AGAIN },
  // Before it another rollout was told of, which is written down together with this one.
  { operation: 'sns:Publish', faults: ['dies before'], sentence: TOLD_AGAIN },
  // Told, and not yet written down that it was.
  {
    function: 'Conclude',
    operation: 'dynamodb:PutItem',
    faults: ['dies before', 'dies, and the call is late'],
    sentence: TOLD_AGAIN,
  },
  {
    operation: 'ecs:RegisterTaskDefinition',
    faults: ['is cut off after', 'dies, and the call is late'],
    sentence: /^revision: .*(?: registered .*: one is enough| is a second copy of .*)\.$/,
  },
];

/** Long enough for two ticks: the first finds what no event told, the second what the first one left. */
const MADE_UP_FOR_SECONDS = 1_200;

const recordings = new Map<Story, Promise<Recording>>();

/** The story as it goes when nothing goes wrong, played once. */
export function recordingOf(story: Story): Promise<Recording> {
  const recording = recordings.get(story) ?? record(story);
  recordings.set(story, recording);
  return recording;
}

async function record(story: Story): Promise<Recording> {
  const { from, until } = story;
  const { result, violations } = await playIn(story, async (world) => {
    const points = followPoints(world.region, world.cell);
    const entered = new Map<string, number>();
    const count = new Map<string, number>();
    world.region.states.onStateEntered(({ state }) => {
      count.set(state, (count.get(state) ?? 0) + 1);
      entered.set([state, count.get(state)].join(), points.length);
    });
    await playToTheEnd(story, world);
    const [first, last] = [from, until].map((place) => place && entered.get(place.join()));
    if ((from && first === undefined) || (until && last === undefined))
      throw new Error(`${story.name} never comes to ${JSON.stringify({ from, until })}`);
    return { end: await endOf(world, story), points, own: points.slice(first, last) };
  });
  if (violations.length > 0) throw new Error(`${story.name} is not sound: ${violations.join(' ')}`);
  return result;
}

/** What is different after that went wrong there; empty when nobody can tell. */
export async function differencesAfter({ story, point, fault }: Mishap): Promise<string[]> {
  const { end } = await recordingOf(story);
  const { result, violations } = await playIn(story, async (world) => {
    const rule = world.region.faults.start(ruleAt(world.cell, point, fault));
    try {
      await playToTheEnd(story, world);
    } catch (error) {
      return [`was never over: ${error instanceof Error ? error.message : String(error)}`];
    }
    const isReached = rule.acted > 0 || mayReadNothing({ story, point, fault });
    return [...(isReached ? [] : ['was never reached']), ...differences(end, await endOf(world, story))];
  });
  const allowed = ALLOWED.filter((allowance) => isFor(allowance, point, fault));
  return [...result, ...violations.filter((violation) => !allowed.some(({ sentence }) => sentence.test(violation)))];
}

function mayReadNothing({ story, point, fault }: Mishap): boolean {
  return fault === 'reads the past' && point.at === 'call' && point.operation === story.turnedAway;
}

function isFor({ function: name, operation, faults }: Allowance, point: Point, fault: FaultName): boolean {
  if (point.at !== 'call' || operation !== point.operation) return false;
  return faults.includes(fault) && (name === undefined || name === point.function);
}

function differences(expected: object, found: object): string[] {
  return Object.entries(found).flatMap(([member, value]) => {
    const [is, was] = [value, expected[member as keyof object]].map((one) => JSON.stringify(one));
    return is === was ? [] : [`${member} is ${is}, not ${was}`];
  });
}

async function playIn<Result>(
  { changes = {}, before }: Story,
  act: (world: World) => Promise<Result>,
): Promise<{ readonly result: Result; readonly violations: readonly string[] }> {
  const afterwards = async (world: World): Promise<Result> => {
    await before?.(world);
    return act(world);
  };
  return inAnyWorld(afterwards, { assembly: await assemblyOf(changes), hasTicks: true });
}

async function playToTheEnd({ play }: Story, world: World): Promise<void> {
  await play(world);
  await world.advance(MADE_UP_FOR_SECONDS);
  await world.untilIdle();
}

/** What the world looks like when a story is over. */
async function endOf(world: World, { isInAnyOrder = false }: Story): Promise<object> {
  const { deployedAt: _when, taskDefinition: _revision, ...service } = await world.service();
  const state = await world.ledgerState();
  const outcomes = (await world.history())
    // Who comes twice finds that there is nothing to do.
    .filter(({ outcome }) => outcome !== 'NO_CHANGE')
    .map(({ outcome, image }) => `${outcome} of ${image?.digest}`);
  return {
    service,
    liveImage: world.region.ssm.valueOf(world.config.liveImageParameter),
    outcomes: isInAnyOrder ? outcomes.sort() : outcomes,
    quarantine: state?.quarantine.map(({ digest }) => digest),
    verified: state?.verified.map(({ digest }) => digest),
    isPinned: state?.pin !== undefined,
    keepTags: await keepTags(world),
  };
}

/** Which image each tag keeps that is not a pusher's. */
async function keepTags({ region, config: { repository: repositoryName } }: World): Promise<readonly string[]> {
  const { imageDetails = [] } = await operate<{
    imageDetails?: readonly { imageDigest?: string; imageTags?: readonly string[] }[];
  }>(region, 'ecr', 'DescribeImages', { repositoryName });
  return imageDetails
    .flatMap(({ imageDigest, imageTags = [] }) => imageTags.map((tag) => `${tag} ${imageDigest}`))
    .filter((tag) => tag.startsWith('rollouts-keep-'))
    .sort();
}

/** Everything that can go wrong at those points. */
export function mishapsOf(story: Story, points: readonly Point[]): Mishap[] {
  const all = points.flatMap((point) => faultsAt(point).map((fault) => ({ story, point, fault })));
  return all.filter((mishap) => !(story.isFirst === true && isUnheard(mishap)));
}

/** Nobody hears of the push. */
function isUnheard({ point, fault }: Mishap): boolean {
  return point.at === 'delivery' && point.source === 'aws.ecr' && fault === 'is lost';
}

/** `RollService ecs:UpdateService 1 dies after` */
export function nameOf({ point, fault }: Mishap): string {
  return point.at === 'call'
    ? `${point.function} ${point.operation} ${point.nth} ${fault}`
    : `${point.source} ${point.detailType} of ${ruleOf(point.ruleName)} ${point.nth} ${fault}`;
}

/** The name of a rule without what CloudFormation has made of it. */
function ruleOf(ruleName: string): string {
  return ruleName.replace(/^.*?-(\w+?)[0-9A-F]{8}-\w+$/, '$1');
}
