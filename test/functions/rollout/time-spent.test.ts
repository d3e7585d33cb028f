import { describe, expect, it } from 'vitest';
import type { PaceSettings, TaskLife } from '../../../functions/rollout/task-lives.ts';
import { timeSpentOf, timeSpentTexts, type TimePart, type TimeSpent } from '../../../functions/rollout/time-spent.ts';
import { NOW } from './given.ts';

const at = (second: number): number => NOW + second * 1000;
const stay = (name: string, from: number, to: number) => ({ name, enteredAt: at(from), leftAt: at(to) });
const STATES = [
  stay('AcceptIntent', 0, 2),
  stay('AwaitSteadyState', 2, 100),
  stay('Bake', 100, 160),
  stay('Conclude', 160, 162),
];
const SETTINGS: PaceSettings = { minimumHealthyPercent: 100, maximumPercent: 200, hasTargets: true, stopSeconds: 30 };
/** A new task: created, pulls, has pulled, runs and is healthy at these seconds. */
const fresh = (
  times: readonly [number, number, number, number, number | undefined],
  changes: Partial<TaskLife> = {},
): TaskLife => ({
  taskId: 'n',
  role: 'new',
  revision: 'web:2',
  deploymentId: 'ecs-svc/2',
  createdAt: at(times[0]),
  pullStartedAt: at(times[1]),
  pullStoppedAt: at(times[2]),
  startedAt: at(times[3]),
  healthyAt: times[4] === undefined ? undefined : at(times[4]),
  containers: [],
  ...changes,
});
const leaving = (from: number, to: number): TaskLife => ({
  ...fresh([-900, -890, -880, -870, undefined]),
  role: 'before',
  stoppingAt: at(from),
  executionStoppedAt: at(to),
});
const spentOf = (tasks: readonly TaskLife[], settings: Partial<PaceSettings> = {}, states = STATES): TimeSpent =>
  timeSpentOf({
    startedAt: at(0),
    endedAt: at(162),
    course: { states, tasks, desiredCount: 2, settings: { ...SETTINGS, ...settings } },
  })!;
const sum = (parts: Readonly<Record<TimePart, number>>): number =>
  Object.values(parts).reduce((one, other) => one + other);
const ONE = fresh([3, 13, 33, 35, 45]);

describe('where the time went', () => {
  it('is told stage by stage, and is the whole of it', () => {
    const { parts, totalSeconds } = spentOf([ONE, leaving(45, 100)]);
    expect(parts).toEqual({ turn: 0, ours: 5, capacity: 10, pull: 20, start: 2, health: 10, drain: 55, bake: 60 });
    expect([totalSeconds, sum(parts)]).toEqual([162, 162]);
  });

  it('is shared where tasks are at different stages', () => {
    const { parts } = spentOf([fresh([2, 12, 22, 22, 32]), fresh([2, 22, 32, 32, 32])]);
    expect(parts).toMatchObject({ capacity: 15, pull: 10, health: 5 });
  });

  it('counts as draining only while nothing but that is waited for', () => {
    expect(spentOf([ONE, leaving(20, 60)]).parts).toMatchObject({ health: 10, drain: 15 });
  });

  it('counts a task that never was healthy until it was told to stop', () => {
    const failed = fresh([3, 13, 33, 35, undefined], { stoppingAt: at(95), executionStoppedAt: at(99) });
    expect(spentOf([failed]).parts).toMatchObject({ health: 60, drain: 4 });
  });

  it('is others that had the service where it waited for them', () => {
    const waited = [
      stay('AcceptIntent', 0, 1),
      stay('AwaitTurn', 1, 41),
      stay('AcceptIntent', 41, 42),
      stay('Conclude', 42, 162),
    ];
    expect(spentOf([], {}, waited).parts).toMatchObject({ turn: 40, ours: 122 });
  });

  it('is not known without tasks, nor without states', () => {
    expect(timeSpentOf({ startedAt: 0, endedAt: 1, course: { states: STATES } })).toBeUndefined();
    expect(timeSpentOf({ startedAt: 0, endedAt: 1, course: { tasks: [ONE] } })).toBeUndefined();
    expect(timeSpentOf({ startedAt: 0, endedAt: 1 })).toBeUndefined();
  });
});

const NO_BAKE = [stay('AcceptIntent', 0, 2), stay('AwaitSteadyState', 2, 160), stay('Conclude', 160, 162)];
const advised = (tasks: readonly TaskLife[], settings: Partial<PaceSettings> = {}) => {
  const { part, setting, savesSeconds } = spentOf(tasks, settings, NO_BAKE).shortening ?? {};
  return [part, setting, savesSeconds];
};

describe('what shortens the longest part', () => {
  it.each<[string, TaskLife[], Partial<PaceSettings>, unknown[]]>([
    ['the deregistration delay', [ONE, leaving(45, 145)], {}, ['drain', 'deregistration_delay.timeout_seconds', 95]],
    ['the stop time-out without targets', [ONE, leaving(45, 95)], { hasTargets: false }, ['drain', 'stopTimeout', 48]],
    [
      'the interval of the health check',
      [fresh([3, 4, 5, 6, 40])],
      { checkSeconds: 30 },
      ['health', 'healthCheck.interval', 25],
    ],
    ['the interval of the target group', [fresh([3, 4, 5, 6, 40])], {}, ['health', 'HealthCheckIntervalSeconds', 29]],
    [
      'that one too where the container is checked often',
      [fresh([3, 4, 5, 6, 40])],
      { checkSeconds: 5 },
      ['health', 'HealthCheckIntervalSeconds', 29],
    ],
    ['the size of the image', [fresh([3, 4, 64, 65, 70])], {}, ['pull', 'image size', 30]],
    ['nothing, for capacity', [fresh([3, 64, 65, 66, 67])], {}, [undefined, undefined, undefined]],
    ['nothing that is worth it', [fresh([3, 4, 5, 6, 11])], {}, [undefined, undefined, undefined]],
    [
      'no rounds where something else gains more',
      [ONE, leaving(45, 145)],
      { maximumPercent: 150, hasTargets: false },
      ['drain', 'stopTimeout', 96],
    ],
  ])('is %s', (_what, tasks, settings, told) => {
    expect(advised(tasks, settings)).toEqual(told);
  });

  it('is more at once where ECS replaces the tasks in rounds and each of them is quick', () => {
    const rounds = [fresh([3, 23, 43, 45, 46]), fresh([50, 70, 90, 92, 93])];
    expect(advised(rounds, { maximumPercent: 150 })).toEqual([
      'capacity',
      'deploymentConfiguration.maximumPercent',
      43,
    ]);
  });

  it('is the bake where that is the longest', () => {
    expect(spentOf([ONE]).shortening).toMatchObject({ part: 'bake', setting: 'bakeTimeSeconds', savesSeconds: 60 });
  });
});

it('is told in two sentences, the longest part first', () => {
  expect(timeSpentTexts(spentOf([ONE, leaving(45, 145)], {}, NO_BAKE))).toEqual([
    '2 min 42 s: draining and stopping 1 min 40 s, decisions and changes 20 s, pulling images 20 s, waiting for capacity 10 s, health checks 10 s, starting 2 s.',
    expect.stringMatching(/^About 1 min 35 s sooner by deregistration_delay\.timeout_seconds\. The target group waits/),
  ]);
});
