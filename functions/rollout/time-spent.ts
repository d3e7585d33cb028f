import type { Course, Stay } from './course.ts';
import type { PaceSettings, TaskLife, TasksKept } from './task-lives.ts';

/** What the time of a rollout went to, in the order in which it usually does. */
export const TIME_PARTS = ['turn', 'ours', 'capacity', 'pull', 'start', 'health', 'drain', 'bake'] as const;

/**
 * `turn`: others had the service; `ours`: decisions, changes and what nobody accounts for; `capacity`: until a task pulls; `pull`;
 * `start`: until it runs; `health`: until it is healthy; `drain`: old tasks are drained and stop; `bake`.
 */
export type TimePart = (typeof TIME_PARTS)[number];

/** What each part is called. */
export const PART_NAMES: Readonly<Record<TimePart, string>> = {
  turn: 'waiting for its turn',
  ours: 'decisions and changes',
  capacity: 'waiting for capacity',
  pull: 'pulling images',
  start: 'starting',
  health: 'health checks',
  drain: 'draining and stopping',
  bake: 'bake',
};

/** What would make the next rollout faster. */
export interface Shortening {
  readonly part: TimePart;
  /** Its name in AWS's API, or in the configuration. */
  readonly setting: string;
  /** What to do, in a sentence. */
  readonly advice: string;
  /** About how much sooner a rollout like this one would have ended. */
  readonly savesSeconds: number;
}

/** Where the time went: the parts are the whole of it, in seconds. */
export interface TimeSpent {
  readonly totalSeconds: number;
  readonly parts: Readonly<Record<TimePart, number>>;
  /** For the longest part that something shortens; undefined where there is none, or nothing worth it. */
  readonly shortening?: Shortening | undefined;
}

/** A rollout of which it is known where it was and what its tasks did. */
export interface Timed {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly course?: Partial<Course & TasksKept> | undefined;
}

/** Where the time of a rollout went; undefined where nobody kept how it went, or it never rolled anything. */
export function timeSpentOf({ startedAt, endedAt, course }: Timed): TimeSpent | undefined {
  const { states, tasks, settings, desiredCount = 0 } = course ?? {};
  if (!states || !tasks) return undefined;
  const spent: Record<TimePart, number> = {
    turn: 0,
    ours: 0,
    capacity: 0,
    pull: 0,
    start: 0,
    health: 0,
    drain: 0,
    bake: 0,
  };
  const moments = [startedAt, endedAt, ...states.flatMap(momentsOf), ...tasks.flatMap(stagesIn).flat()]
    .filter((at): at is number => typeof at === 'number' && at >= startedAt && at <= endedAt)
    .toSorted((one, other) => one - other);
  for (const [index, from] of moments.entries()) {
    const to = moments[index + 1] ?? from;
    const parts = partsAt((from + to) / 2, states, tasks);
    for (const part of parts) spent[part] += (to - from) / 1000 / parts.length;
  }
  const parts = Object.fromEntries(TIME_PARTS.map((part) => [part, rounded(spent[part])])) as typeof spent;
  return {
    totalSeconds: rounded((endedAt - startedAt) / 1000),
    parts,
    shortening: settings && shorteningOf(parts, settings, desiredCount),
  };
}

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;
const momentsOf = ({ enteredAt, leftAt }: Stay): number[] => [enteredAt, leftAt];

/** States in which others have the service, and those in which ECS does what it was told. */
const TURN: readonly string[] = ['AwaitTurn', 'LetFinish'];
const WATCHING: readonly string[] = ['AwaitSteadyState', 'AwaitRollback', 'LookAgain', 'LookLater'];

/** What a moment went to. Where tasks are at different stages it is shared, for none of them alone is waited for. */
function partsAt(at: number, states: readonly Stay[], tasks: readonly TaskLife[]): readonly TimePart[] {
  const { name = '' } = states.find(({ enteredAt, leftAt }) => enteredAt <= at && at < leftAt) ?? {};
  if (name === 'Bake') return ['bake'];
  if (TURN.includes(name)) return ['turn'];
  if (!WATCHING.includes(name)) return ['ours'];
  const coming = tasks
    .filter(({ role }) => role === 'new' || role === 'back')
    .flatMap((task) => stageAt(task, at) ?? []);
  if (coming.length > 0) return coming;
  return tasks.some((task) => isLeaving(task, at)) ? ['drain'] : ['ours'];
}

type Stretch = readonly [
  part: 'capacity' | 'pull' | 'start' | 'health',
  from: number | undefined,
  to: number | undefined,
];

function stretchesOf({
  createdAt,
  pullStartedAt,
  pullStoppedAt,
  startedAt,
  healthyAt,
  stoppingAt,
}: TaskLife): Stretch[] {
  return [
    ['capacity', createdAt, pullStartedAt ?? startedAt ?? stoppingAt],
    ['pull', pullStartedAt, pullStoppedAt ?? startedAt ?? stoppingAt],
    ['start', pullStoppedAt, startedAt ?? stoppingAt],
    ['health', startedAt, healthyAt ?? stoppingAt],
  ];
}

function stagesIn(task: TaskLife): (number | undefined)[][] {
  const { stoppingAt, executionStoppedAt } = task;
  return [...stretchesOf(task).map(([, from, to]) => [from, to]), [stoppingAt, executionStoppedAt]];
}

function stageAt(task: TaskLife, at: number): TimePart | undefined {
  return stretchesOf(task).find(([, from = Infinity, to = Infinity]) => from <= at && at < to)?.[0];
}

function isLeaving({ stoppingAt = Infinity, executionStoppedAt, stoppedAt }: TaskLife, at: number): boolean {
  return stoppingAt <= at && at < (executionStoppedAt ?? stoppedAt ?? Infinity);
}

/**
 * Shortest interval of a container's health check, and the interval of a target group and the deregistration delay that AWS
 * recommends to quick services, in seconds
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html, …/load-balancer-connection-draining.html).
 */
const [CHECK_SECONDS, TARGET_CHECK_SECONDS, DRAIN_SECONDS] = [5, 5, 5];
/** The shortest stop time-out on Fargate. */
const STOP_SECONDS = 2;
/** What saves less is not worth an advice. */
const WORTH_SECONDS = 5;

type Advisable = Exclude<TimePart, 'turn' | 'ours'>;

function shorteningOf(parts: TimeSpent['parts'], settings: PaceSettings, desiredCount: number): Shortening | undefined {
  const rounds = roundsOf(settings, desiredCount);
  const rolling = parts.capacity + parts.pull + parts.start + parts.health + parts.drain;
  const [longest] = (['capacity', 'pull', 'start', 'health', 'drain', 'bake'] as const).toSorted(
    (one, other) => parts[other] - parts[one],
  );
  const own = longest && adviceFor[longest](parts[longest], settings, rounds);
  const inRounds = rounds > 1 && longest !== 'bake' ? rolling * (1 - 1 / rounds) : 0;
  if (inRounds > (own?.savesSeconds ?? 0) && inRounds >= WORTH_SECONDS)
    return {
      part: longest!,
      setting: 'deploymentConfiguration.maximumPercent',
      advice: `ECS replaces the tasks in ${rounds} rounds: with a minimumHealthyPercent of 100 and a maximumPercent of 200 it replaces all at once.`,
      savesSeconds: Math.round(inRounds),
    };
  if (!own || parts[longest!] < WORTH_SECONDS) return undefined;
  return own.savesSeconds >= WORTH_SECONDS ? { part: longest!, ...own } : undefined;
}

/** In how many rounds ECS replaces all tasks: it may start as many as `maximumPercent` allows beside those it must keep. */
function roundsOf({ minimumHealthyPercent, maximumPercent }: PaceSettings, desiredCount: number): number {
  const most = Math.floor((desiredCount * maximumPercent) / 100);
  const least = Math.ceil((desiredCount * minimumHealthyPercent) / 100);
  return Math.max(1, Math.ceil(desiredCount / Math.max(1, most - least)));
}

type Advice = Omit<Shortening, 'part'>;

/** What shortens each part, and by how much: what is set now against the least that makes sense, once for each round. */
const adviceFor: Readonly<
  Record<Advisable, (seconds: number, settings: PaceSettings, rounds: number) => Advice | undefined>
> = {
  capacity: () => undefined,
  start: () => undefined,
  pull: (seconds) => ({
    setting: 'image size',
    advice:
      'A smaller image is pulled sooner: half of it in half the time. SOCI lets a large one start before all of it is pulled.',
    savesSeconds: Math.round(seconds / 2),
  }),
  health: (seconds, { checkSeconds, hasTargets }, rounds) => {
    if (checkSeconds !== undefined && checkSeconds > CHECK_SECONDS)
      return {
        setting: 'healthCheck.interval',
        advice: `The container is checked every ${checkSeconds} seconds, and is healthy with its first check: ${CHECK_SECONDS} seconds are the least.`,
        savesSeconds: Math.round(Math.min(seconds, rounds * (checkSeconds - CHECK_SECONDS))),
      };
    if (!hasTargets) return undefined;
    return {
      setting: 'HealthCheckIntervalSeconds',
      advice: `A new target is healthy with its first passed check: a target group that checks every ${TARGET_CHECK_SECONDS} seconds sees it sooner.`,
      savesSeconds: Math.max(0, Math.round(seconds - rounds * TARGET_CHECK_SECONDS)),
    };
  },
  drain: (seconds, { hasTargets, stopSeconds }, rounds) => {
    if (hasTargets)
      return {
        setting: 'deregistration_delay.timeout_seconds',
        advice: `The target group waits this long for open connections, 300 seconds unless told otherwise: where requests take less than a second, ${DRAIN_SECONDS} suffice.`,
        savesSeconds: Math.max(0, Math.round(seconds - rounds * DRAIN_SECONDS)),
      };
    return {
      setting: 'stopTimeout',
      advice: `A container that ends on SIGTERM is not waited for; one that does not is killed after its stopTimeout, here ${stopSeconds ?? 30} seconds.`,
      savesSeconds: Math.max(0, Math.round(seconds - rounds * STOP_SECONDS)),
    };
  },
  bake: (seconds) => ({
    setting: 'bakeTimeSeconds',
    advice: 'Each second less is one less in which a crash takes the image back by itself.',
    savesSeconds: Math.round(seconds),
  }),
};

/** The parts that took time, the longest first, and what would shorten the longest: sentences for people. */
export function timeSpentTexts({ totalSeconds, parts, shortening }: TimeSpent): string[] {
  const took = TIME_PARTS.filter((part) => parts[part] >= 0.5).toSorted((one, other) => parts[other] - parts[one]);
  const told = took.map((part) => `${PART_NAMES[part]} ${secondsText(parts[part])}`);
  if (told.length === 0) return [];
  const whole = `${secondsText(totalSeconds)}: ${told.join(', ')}.`;
  if (!shortening) return [whole];
  const { setting, advice, savesSeconds } = shortening;
  return [whole, `About ${secondsText(savesSeconds)} sooner by ${setting}. ${advice}`];
}

/** `40 s`, `2 min 5 s`. */
function secondsText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
