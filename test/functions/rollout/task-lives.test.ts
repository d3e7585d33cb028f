import { describe, expect, it } from 'vitest';
import { tasksOf, type Roles, type SeenTask } from '../../../functions/rollout/task-lives.ts';
import { crashed, deployment, MINUTE, NOW, revision, service, task } from './given.ts';

const ROLLED_AT = NOW - 10 * MINUTE;
const ROLES: Roles = {
  startedAt: ROLLED_AT - 5_000,
  isRecovery: false,
  rolled: { deploymentId: deployment(2), since: ROLLED_AT },
  back: null,
  baselineId: deployment(1),
  judged: [],
};
const fresh = (name: string, second: number, changes: Partial<SeenTask> = {}): SeenTask => ({
  ...task(name),
  createdAt: ROLLED_AT + second * 1000,
  startedAt: ROLLED_AT + (second + 30) * 1000,
  ...changes,
});
const old = (name: string, stoppedAfter: number, changes: Partial<SeenTask> = {}): SeenTask => ({
  ...task(name, { startedBy: deployment(1), taskDefinition: revision(1), lastStatus: 'STOPPED' }),
  createdAt: ROLLED_AT - 60 * MINUTE,
  startedAt: ROLLED_AT - 59 * MINUTE,
  stoppingAt: ROLLED_AT + stoppedAfter * 1000,
  stoppedAt: ROLLED_AT + (stoppedAfter + 20) * 1000,
  stopCode: 'ServiceSchedulerInitiated',
  ...changes,
});
const failed = (name: string, changes: Partial<SeenTask> = {}): SeenTask => ({
  ...crashed(name),
  createdAt: ROLLED_AT,
  startedAt: ROLLED_AT + 1000,
  stoppingAt: ROLLED_AT + 2000,
  ...changes,
});
const healthyAfter = (tasks: SeenTask[], changes = {}, roles: Partial<Roles> = {}): (number | undefined)[] =>
  tasksOf({ service: service(changes), tasks }, { ...ROLES, ...roles })
    .tasks.filter(({ role }) => role === 'new' || role === 'back')
    .map(({ healthyAt }) => healthyAt && (healthyAt - ROLLED_AT) / 1000);

describe('a task of a rollout', () => {
  it('ran before, is new, was put back, or is somebody else', () => {
    const back = { deploymentId: deployment(3), since: ROLLED_AT + 60_000 };
    const tasks = [
      old('a', 40),
      fresh('b', 1),
      { ...fresh('c', 61), startedBy: deployment(3), taskDefinition: revision(1) },
      { ...fresh('d', 62), startedBy: deployment(9), taskDefinition: revision(9) },
    ];
    const kept = tasksOf({ service: service(), tasks }, { ...ROLES, back }).tasks;
    expect(kept.map(({ taskId, role, revision: name }) => [taskId, role, name])).toEqual([
      ['a', 'before', 'web:1'],
      ['b', 'new', 'web:2'],
      ['c', 'back', 'web:1'],
      ['d', 'other', 'web:9'],
    ]);
  });

  it('that replaced one which ran before is no other; in the way back of ECS it was put back', () => {
    const late = { ...fresh('a', 90), startedBy: deployment(1) };
    const roleWith = (back: Roles['back']) =>
      tasksOf({ service: service(), tasks: [late] }, { ...ROLES, back }).tasks[0]!.role;
    expect(roleWith(null)).toBe('before');
    expect(roleWith({ deploymentId: deployment(1), since: ROLLED_AT + 60_000 })).toBe('back');
    expect(roleWith({ deploymentId: deployment(1), since: ROLLED_AT + 99_000 })).toBe('before');
  });

  it('that stopped before the rollout started is not its concern', () => {
    expect(tasksOf({ service: service(), tasks: [old('a', -60)] }, ROLES).tasks).toEqual([]);
  });
});

describe('the health of a task', () => {
  it('shows when an old one is told to make room: by then as many as must be healthy were', () => {
    const tasks = [old('a', 50), old('b', 70), fresh('c', 0), fresh('d', 1)];
    expect(healthyAfter(tasks)).toEqual([50, 70]);
  });

  it('does not show by the first old ones that go where fewer have to be healthy', () => {
    const tasks = [old('a', 2), old('b', 70), fresh('c', 0)];
    expect(healthyAfter(tasks, { minimumHealthyPercent: 50 })).toEqual([70]);
  });

  it('does not show by an old one that failed', () => {
    const tasks = [old('a', 35, { stopCode: 'EssentialContainerExited' }), old('b', 70), fresh('c', 0)];
    expect(healthyAfter(tasks)).toEqual([70]);
  });

  it('shows at the latest when the service was judged steady', () => {
    const judged = [{ at: ROLLED_AT + 80_000, state: 'AwaitSteadyState', word: 'steady' }];
    expect(healthyAfter([fresh('a', 0)], {}, { judged })).toEqual([80]);
    expect(healthyAfter([fresh('a', 0)], {}, { judged: [{ ...judged[0]!, word: 'failed' }] })).toEqual([undefined]);
    expect(healthyAfter([fresh('a', 60)], {}, { judged })).toEqual([undefined]);
  });

  it('is that of its start where nothing checks it', () => {
    const unchecked = fresh('a', 0, { healthStatus: 'UNKNOWN' });
    expect(healthyAfter([unchecked], { hasTargets: false })).toEqual([30]);
    expect(healthyAfter([failed('b', { healthStatus: 'UNKNOWN' })], { hasTargets: false })).toEqual([undefined]);
  });

  it('is told with how much earlier it may have been', () => {
    const [life] = tasksOf({ service: service(), tasks: [old('a', 50), fresh('c', 0)] }, ROLES).tasks.slice(1);
    expect(life).toMatchObject({ healthyAt: ROLLED_AT + 50_000, healthyWithinSeconds: 20 });
  });
});

describe('of many tasks', () => {
  it('each that failed is kept, and forty others, the first and the last of each role among them', () => {
    const tasks = [
      ...Array.from({ length: 30 }, (_, index) => failed(`f${index}`)),
      ...Array.from({ length: 100 }, (_, index) => old(`o${index}`, 50, { createdAt: ROLLED_AT - 1e6 + index })),
      ...Array.from({ length: 100 }, (_, index) => fresh(`n${index}`, index)),
    ];
    const { tasks: kept, tasksLeftOut } = tasksOf({ service: service({ desiredCount: 100 }), tasks }, ROLES);
    const ids = kept.map(({ taskId }) => taskId);
    expect(ids.filter((id) => id.startsWith('f'))).toHaveLength(30);
    expect(ids).toHaveLength(70);
    expect(ids).toEqual(expect.arrayContaining(['o0', 'o99', 'n0', 'n99']));
    expect(tasksLeftOut).toEqual({ before: 80, new: 80, back: 0, other: 0 });
  });

  it('as many are kept as an entry of the history has room for, however much each says', () => {
    const wordy = Array.from({ length: 10 }, (_, index) => ({
      name: `c${index}`,
      exitCode: 1,
      reason: 'ü'.repeat(900),
    }));
    const tasks = Array.from({ length: 500 }, (_, index) => failed(`f${index}`, { containers: wordy }));
    const kept = tasksOf({ service: service(), tasks }, ROLES);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(62_000);
    expect(kept.tasks.length).toBeGreaterThan(5);
    expect(kept.tasks.length + kept.tasksLeftOut.new).toBe(500);
  });
});
