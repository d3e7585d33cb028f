import { describe, expect, it } from 'vitest';
import { recordProgress } from '../../../functions/rollout/lease.ts';
import { advance, boundOf, firstDeadline, isWorthCounting } from '../../../functions/rollout/progress.ts';
import { needsTasks, type Observation } from '../../../functions/rollout/service-facts.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import type { Watch } from '../../../functions/rollout/watch.ts';
import {
  deployment,
  deploymentFacts,
  ledger,
  MINUTE,
  NOW,
  owner,
  revision,
  service,
  task,
  waiting,
  watch,
} from './given.ts';

const OWNER = { deadline: NOW + 60 * MINUTE };
const slow = (changes: Partial<Watch> = {}): Watch =>
  watch({ progressSeconds: 600, deadline: NOW + 5 * MINUTE, ...changes });

/** So many healthy tasks of the watched deployment, and so many of the one before. */
function seen(healthy: number, old: number): Observation {
  const running = Array.from({ length: healthy }, (_, index) => task(`new-${index}`));
  const ours = deploymentFacts(2, { rolloutState: 'IN_PROGRESS', runningCount: healthy });
  const before = deploymentFacts(1, { status: 'ACTIVE', runningCount: old });
  return {
    service: service({ desiredCount: 4, deployments: [ours, before] }),
    tasks: { running, stopped: [] },
  };
}

describe('progress', () => {
  it('is the first healthy task, and moves the deadline', () => {
    expect(advance(slow(), seen(1, 4), OWNER, NOW)).toEqual(
      slow({ progress: { healthy: 1 }, deadline: NOW + 10 * MINUTE }),
    );
  });

  it('is one old task less than ever, however many new ones are healthy', () => {
    expect(advance(slow(), seen(0, 3), OWNER, NOW)).toMatchObject({ progress: { healthy: 0, old: 3 } });
    const later = slow({ progress: { healthy: 2, old: 3 } });
    expect(advance(later, seen(1, 2), OWNER, NOW)).toMatchObject({ progress: { healthy: 2, old: 2 } });
  });

  it.each<[string, Watch, Observation]>([
    ['as many as before', slow({ progress: { healthy: 2, old: 3 } }), seen(2, 3)],
    ['fewer, after more: tasks that come and go', slow({ progress: { healthy: 2, old: 3 } }), seen(1, 4)],
    ['nothing yet', slow(), seen(0, 4)],
    ['more old tasks than the service wants, of several deployments', slow(), seen(0, 6)],
    ['no old tasks where none were ever counted: a launch', slow(), seen(0, 0)],
    ['no service', slow(), {}],
    ['another deployment that is PRIMARY', slow({ deploymentId: deployment(9) }), seen(1, 1)],
    ['more of them in a watch that an earlier release began', watch(), seen(2, 1)],
    ['more of them in a bake that an earlier release began', watch({ kind: 'bake', until: NOW + MINUTE }), seen(2, 1)],
  ])('is not %s', (_case, before, observation) => {
    expect(advance(before, observation, OWNER, NOW)).toBe(before);
  });

  it.each([
    ['are unhealthy', { healthStatus: 'UNHEALTHY' }],
    ['have another digest', { containers: [{ name: 'app', lastStatus: 'RUNNING' }] }],
    ['are being stopped', { desiredStatus: 'STOPPED' }],
    ['are of another deployment', { startedBy: deployment(1) }],
  ])('is not made by tasks that %s', (_case, changes) => {
    const observation = { ...seen(1, 4), tasks: { running: [task('one', changes)], stopped: [] } };
    expect(advance(slow(), observation, OWNER, NOW).progress).toBeUndefined();
  });

  it('is not made by tasks that have passed no health check yet', () => {
    expect(advance(slow(), seen(1, 4), OWNER, NOW).progress).toEqual({ healthy: 1 });
    expect(advance(slow({ checked: ['app'] }), seen(1, 4), OWNER, NOW).progress).toBeUndefined();
  });

  it('is not made by old tasks that are replaced by old tasks, which start', () => {
    const before = deploymentFacts(1, { status: 'ACTIVE', runningCount: 2, pendingCount: 1 });
    const deployments = [deploymentFacts(2, { rolloutState: 'IN_PROGRESS' }), before];
    const watched = slow({ progress: { healthy: 0, old: 3 } });
    expect(advance(watched, { service: service({ deployments }) }, OWNER, NOW)).toBe(watched);
  });

  it('is not made by counts that ECS did not tell', () => {
    const unknown = deploymentFacts(1, { status: 'ACTIVE', runningCount: Number.NaN });
    const deployments = [deploymentFacts(2, { rolloutState: 'IN_PROGRESS' }), unknown];
    const before = slow({ progress: { healthy: 0, old: 3 } });
    expect(advance(before, { service: service({ deployments }) }, OWNER, NOW)).toBe(before);
  });

  it("moves no roll's deadline past the owner's, and none back", () => {
    const late = slow({ deadline: NOW + 59 * MINUTE });
    expect(advance(late, seen(1, 4), OWNER, NOW + 55 * MINUTE).deadline).toBe(OWNER.deadline);
    expect(advance(late, seen(1, 4), OWNER, NOW).deadline).toBe(late.deadline);
  });

  it('moves the deadline of a way back for as long as it gets on', () => {
    const back = slow({ kind: 'rollback' });
    expect(advance(back, seen(1, 4), OWNER, NOW + 55 * MINUTE).deadline).toBe(NOW + 65 * MINUTE);
  });
});

describe('the bound of a watch', () => {
  it('is the time without progress, or what is left until the last deadline', () => {
    expect(firstDeadline(OWNER, NOW, 600)).toBe(NOW + 10 * MINUTE);
    expect(firstDeadline(OWNER, NOW, 7200)).toBe(OWNER.deadline);
    expect(firstDeadline(OWNER, NOW, undefined)).toBe(OWNER.deadline);
  });

  it('is told by the name of its setting', () => {
    expect(boundOf(slow(), OWNER)).toBe('progressSeconds');
    expect(boundOf(slow({ deadline: OWNER.deadline }), OWNER)).toBe('deadlineSeconds');
    expect(boundOf(watch(), OWNER)).toBe('deadlineSeconds');
  });
});

describe('healthy tasks are counted', () => {
  const needed = (runningCount: number, changes: Partial<Watch> = {}): boolean => {
    const deployments = [deploymentFacts(2, { rolloutState: 'IN_PROGRESS', runningCount })];
    return needsTasks(service({ deployments }), slow(changes)).running;
  };

  it('only where more may be healthy than ever: a call is a call', () => {
    expect(needed(0)).toBe(false);
    expect(needed(1)).toBe(true);
    expect(needed(2, { progress: { healthy: 2 } })).toBe(false);
    expect(needed(3, { progress: { healthy: 2 } })).toBe(true);
    expect(needed(3, { progressSeconds: undefined })).toBe(false);
  });
});

it('is not counted while it would gain nothing: short rolls cost no call more', () => {
  const fresh = slow({ deadline: NOW + 10 * MINUTE });
  expect(isWorthCounting(fresh, NOW + 99_999)).toBe(false);
  expect(isWorthCounting(fresh, NOW + 100_000)).toBe(true);
  expect(isWorthCounting(watch(), NOW + 60 * MINUTE)).toBe(false);
});

describe('progress is written', () => {
  const state = (changes: Partial<Watch> = {}, judged?: ReturnType<typeof verdict>): ReturnType<typeof ledger> =>
    ledger({ owner: owner({ ...OWNER, phase: waiting({ ...slow(), ...changes }, judged), targets: [revision(2)] }) });

  it('beside the watch that the token belongs to', () => {
    const { owner: after } = recordProgress(state(), 'token-1', seen(1, 4), NOW)!;
    expect(after!.phase).toMatchObject({ watch: { progress: { healthy: 1 } } });
    expect(after!.deadline).toBe(OWNER.deadline);
  });

  it('only when there is any, and the watch is neither over nor judged', () => {
    expect(recordProgress(state(), 'token-1', seen(0, 4), NOW)).toBeUndefined();
    expect(recordProgress(state(), 'token-2', seen(1, 4), NOW)).toBeUndefined();
    expect(recordProgress(state({}, verdict('failed', 'Any', 'Any.')), 'token-1', seen(1, 4), NOW)).toBeUndefined();
    expect(recordProgress(ledger({ owner: owner() }), 'token-1', seen(1, 4), NOW)).toBeUndefined();
    // Whoever was faster has seen more.
    const faster = state({ progress: { healthy: 2 } });
    expect(recordProgress(faster, 'token-1', seen(1, 4), NOW)).toBeUndefined();
  });
});
