import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeSteadiness, type Surroundings } from '../../../functions/rollout/judge-steadiness.ts';
import { needsTasks, type Observation, type ServiceFacts } from '../../../functions/rollout/service-facts.ts';
import type { Watch } from '../../../functions/rollout/watch.ts';
import {
  AROUND,
  BASELINE,
  crashed,
  deployment,
  deploymentFacts,
  digest,
  MINUTE,
  NOW,
  revision,
  service,
  task,
  watch,
} from './given.ts';

const SOUND = [task('one'), task('two')];
const judge = (
  observation: Observation,
  watched: Partial<Watch> = {},
  now = NOW,
  around: Surroundings = AROUND,
): ReturnType<typeof judgeSteadiness> => judgeSteadiness(observation, watch(watched), around, now);
const seen = (
  changes: Partial<ServiceFacts> = {},
  running = SOUND,
  stopped: readonly ReturnType<typeof task>[] = [],
): Observation => ({ service: service(changes), tasks: { running, stopped } });
const rolling = {
  deployments: [deploymentFacts(2, { rolloutState: 'IN_PROGRESS', runningCount: 1, pendingCount: 1 })],
};

describe('steady', () => {
  it('takes our COMPLETED deployment, alone, with every task showing the pushed digest', () => {
    expect(judge(seen())).toMatchObject({
      word: 'steady',
      reason: 'EvidenceComplete',
      message: '2 of 2 tasks run exactly the expected digest and are healthy.',
    });
  });

  it('takes a child of the pushed index for the index', () => {
    const running = SOUND.map((one) => ({
      ...one,
      containers: [{ name: 'app', lastStatus: 'RUNNING', imageDigest: digest('c') }],
    }));
    expect(judge(seen({}, running), { imageDigests: [digest('b'), digest('c')] }).word).toBe('steady');
  });

  it('takes tasks without a health check', () => {
    const { healthStatus: _health, ...unchecked } = task('two');
    expect(judge(seen({}, [task('one', { healthStatus: 'UNKNOWN' }), unchecked])).word).toBe('steady');
  });

  it('does not mind a stopped deployment that still is listed without tasks', () => {
    const old = deploymentFacts(1, { status: 'ACTIVE', runningCount: 0 });
    expect(judge(seen({ deployments: [deploymentFacts(2), old] })).word).toBe('steady');
  });

  it('does not mind tasks that are being stopped', () => {
    const leaving = task('old', { startedBy: deployment(1), taskDefinition: revision(1), desiredStatus: 'STOPPED' });
    expect(judge(seen({}, [...SOUND, leaving])).word).toBe('steady');
  });

  it('counts a rollback to a service of zero tasks, where nothing can be shown', () => {
    expect(judge(seen({ desiredCount: 0, runningCount: 0 }, []), { kind: 'rollback' })).toMatchObject({
      word: 'steady',
      reason: 'NothingRuns',
    });
  });
});

describe('wait', () => {
  const two = task('two');
  it.each<[string, Observation]>([
    ['the deployment is in progress', seen(rolling)],
    [
      'the rollout state is one of the future',
      seen({ deployments: [deploymentFacts(2, { rolloutState: 'SETTLED' })] }),
    ],
    ['there is no PRIMARY deployment', seen({ deployments: [deploymentFacts(2, { status: 'ACTIVE' })] })],
    ['there is no deployment at all', seen({ deployments: [] })],
    ['the status of the service is one of the future', seen({ status: 'MIGRATING' })],
    [
      'another deployment still has a running task',
      seen({ deployments: [deploymentFacts(2), deploymentFacts(1, { status: 'ACTIVE', runningCount: 1 })] }),
    ],
    [
      'another deployment still has a pending task',
      seen({
        deployments: [deploymentFacts(2), deploymentFacts(1, { status: 'X', runningCount: 0, pendingCount: 1 })],
      }),
    ],
    [
      'another deployment does not tell its counts',
      seen({ deployments: [deploymentFacts(2), deploymentFacts(1, { status: 'ACTIVE', runningCount: Number.NaN })] }),
    ],
    ['ECS did not tell the desired count', seen({ desiredCount: Number.NaN })],
    ['the tasks were not looked at', { service: service() }],
    ['a task is missing', seen({}, [two])],
    ['a task is still pending', seen({}, [task('one', { lastStatus: 'PENDING' }), two])],
    ['a task has a status of the future', seen({}, [task('one', { lastStatus: 'HIBERNATED' }), two])],
    ['a task is unhealthy', seen({}, [task('one', { healthStatus: 'UNHEALTHY' }), two])],
    ['a health status is one of the future', seen({}, [task('one', { healthStatus: 'DEGRADED' }), two])],
    ['a task of another deployment still runs', seen({}, [...SOUND, task('old', { startedBy: deployment(1) })])],
    ['a task is being stopped', seen({}, [task('one', { desiredStatus: 'STOPPED' }), two])],
  ])('as long as %s', (_case, observation) => {
    expect(judge(observation).word).toBe('wait');
    const failed = judge(observation, { deadline: NOW });
    expect(failed).toMatchObject({ word: 'failed', reason: 'DeadlineExceeded' });
  });

  it.each([
    ['shows no digest', [{ name: 'app' }]],
    ['lacks the configured container', []],
  ])('as long as a task %s, and then says so', (_case, containers) => {
    const observation = seen({}, [task('one', { containers }), two]);
    expect(judge(observation).word).toBe('wait');
    expect(judge(observation, { deadline: NOW })).toMatchObject({
      word: 'failed',
      reason: 'DigestUnknown',
      message: `ECS does not show which image container app of task ${task('one').taskArn} runs, so nothing is proven.`,
    });
  });

  it('until the deadline, to the millisecond, and then tells the counts', () => {
    expect(judge(seen(rolling), {}, NOW + 30 * MINUTE - 1).word).toBe('wait');
    const late = judge(seen({ ...rolling, runningCount: 1, pendingCount: 1 }), {}, NOW + 30 * MINUTE);
    expect(late.message).toBe(
      'No steady state by the deadline: 1 running, 1 pending of 2 desired. If it only needs longer, raise deadlineSeconds.',
    );
  });

  it('without progress, and then tells how far it had come and which setting to raise', () => {
    const stalled = { progressSeconds: 600, deadline: NOW, progress: { healthy: 1 } };
    expect(judge(seen(rolling), stalled, NOW - 1).word).toBe('wait');
    expect(judge(seen({ ...rolling, runningCount: 3 }), stalled).message).toBe(
      'No progress for 600 s: at most 1 of 2 new tasks were healthy (3 running, 0 pending of 2 desired in all). If it only needs longer, raise progressSeconds.',
    );
    const late = judge(seen(rolling), { ...stalled, deadline: AROUND.deadline }, AROUND.deadline);
    expect(late).toMatchObject({ word: 'failed', reason: 'DeadlineExceeded' });
    expect(late.message).toMatch(/^No steady state by the deadline: at most 1 of 2 new .* raise deadlineSeconds\.$/);
  });

  it('and then repeats what ECS says that it cannot do, since the watch began and nothing else', () => {
    const event = (at: number, message: string) => ({ at, message: `(service web) ${message}` });
    const unable = 'was unable to place a task. Reason: Capacity is unavailable at this time.';
    const late = (events: ServiceFacts['events']): string =>
      judge(seen({ ...rolling, events }), { deadline: NOW, since: NOW - MINUTE }).message;
    const counts = 'No steady state by the deadline: 2 running, 0 pending of 2 desired.';
    const remedy = 'If it only needs longer, raise deadlineSeconds.';
    const more = `${unable} For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.`;
    expect(
      late([
        event(NOW, 'has started 1 tasks: (task 1).'),
        event(NOW - 1, more),
        event(NOW - 2, 'was unable to place a pig'),
      ]),
    ).toBe(`${counts} ECS says that it ${unable} ${remedy}`);
    expect(late([event(NOW - MINUTE - 1, more)])).toBe(`${counts} ${remedy}`);
    expect(late([event(NOW, 'has started 1 tasks: (task 1).')])).toBe(`${counts} ${remedy}`);
    expect(late([])).toBe(`${counts} ${remedy}`);
    const failed = 'deployment failed: tasks failed to start.';
    expect(late([event(NOW, failed)])).toBe(`${counts} ECS says: ${failed} ${remedy}`);
  });

  it('never turns evidence that is complete into a missed deadline', () => {
    expect(judge(seen(), { deadline: NOW - MINUTE }).word).toBe('steady');
  });

  it('until the bake is over, to the millisecond', () => {
    const bake = { kind: 'bake', until: NOW + MINUTE } as const;
    expect(judge(seen(), bake, NOW + MINUTE - 1).word).toBe('wait');
    expect(judge(seen(), bake, NOW + MINUTE).word).toBe('steady');
  });

  it.each<[string, boolean, string | undefined, number]>([
    ['a minute after a task came in for another one that nothing checks', false, undefined, NOW + 100_000],
    ['as configured, where the container has a health check', false, 'HEALTHY', NOW + MINUTE],
    ['as configured, where a load balancer checks', true, undefined, NOW + MINUTE],
  ])('until the bake is over: %s', (_case, hasTargets, healthStatus, over) => {
    const [container] = task('late').containers;
    const late = task('late', { startedAt: NOW + 40_000, containers: [{ ...container!, healthStatus }] });
    const observed = seen({ hasTargets }, [task('one', { startedAt: NOW }), late]);
    const bake = { kind: 'bake', until: NOW + MINUTE, deadline: NOW + 20 * MINUTE } as const;
    expect(judge(observed, bake, over - 1).word).toBe('wait');
    expect(judge(observed, bake, over).word).toBe('steady');
  });

  it('until the bake is over, and no longer for tasks that come in after it, or a service that scales would wait for ever', () => {
    const bake = { kind: 'bake', until: NOW + MINUTE, deadline: NOW + 20 * MINUTE } as const;
    const scaled = seen({ hasTargets: false }, [task('one'), task('two', { startedAt: NOW + 110_000 })]);
    expect(judge(scaled, bake, NOW + 119_999).word).toBe('wait');
    expect(judge(scaled, bake, NOW + 120_000).word).toBe('steady');
  });
});

describe('early success', () => {
  const early = (healthyPercent: number, isDeferred: boolean) => ({ earlySuccess: { healthyPercent, isDeferred } });
  const OLD = deploymentFacts(1, { status: 'ACTIVE', runningCount: 1 });
  const oldTask = task('old', { startedBy: deployment(1), taskDefinition: revision(1) });
  const starting = task('two', { lastStatus: 'PENDING', containers: [] });

  it('takes as many sound tasks as the service asks for, and says so', () => {
    const verdict = judge(seen({ ...early(50, false), desiredCount: 3 }, [task('one'), task('two')]));
    expect(verdict).toMatchObject({ word: 'steady', reason: 'EvidenceComplete' });
    expect(verdict.message).toBe(
      '2 of 3 tasks run exactly the expected digest and are healthy. By the early success criteria of the service that is enough.',
    );
    expect(judge(seen({ ...early(50, false), desiredCount: 2 }, [task('one'), starting])).word).toBe('steady');
    expect(judge(seen({ ...early(100, false) })).message).not.toContain('early');
  });

  it.each([
    ['fewer than that are sound', early(51, false), [task('one'), starting], 'wait'],
    ['none is sound, however few are enough', early(0, false), [starting], 'wait'],
    ['one runs another image', early(50, false), [task('one'), task('two', wrong())], 'failed'],
  ] as const)('is none where %s', (_case, criteria, running, word) => {
    expect(judge(seen({ ...criteria, desiredCount: 2 }, [...running])).word).toBe(word);
  });

  it('does not wait for the old tasks where they go only afterwards, and says so', () => {
    const both = { deployments: [deploymentFacts(2), OLD] };
    const verdict = judge(seen({ ...both, ...early(100, true) }, [...SOUND, oldTask]));
    expect(verdict.word).toBe('steady');
    expect(verdict.message).toMatch(/1 of another revision still run until ECS has cleaned up\.$/);
    expect(judge(seen({ ...both, ...early(100, false) }, [...SOUND, oldTask])).word).toBe('wait');
    expect(judge(seen({ ...early(100, false) }, [...SOUND, oldTask])).word).toBe('wait');
  });

  it('is nothing that ECS has not said', () => {
    const begun = deploymentFacts(2, { rolloutState: 'IN_PROGRESS' });
    expect(judge(seen({ ...early(50, true), deployments: [begun] })).word).toBe('wait');
  });
});

function wrong(): Partial<ReturnType<typeof task>> {
  return { containers: [{ name: 'app', lastStatus: 'RUNNING', imageDigest: digest('c') }] };
}

describe('a stale read', () => {
  it('right after our update shows the old deployment, COMPLETED and alone, and proves nothing', () => {
    const old = deploymentFacts(1, { createdAt: BASELINE.createdAt });
    const running = [task('old', { startedBy: deployment(1), taskDefinition: revision(1) })];
    expect(judge(seen({ desiredCount: 1, deployments: [old] }, running)).word).toBe('wait');
  });

  it('right after our update shows the new deployment with no counts yet, and proves nothing', () => {
    const started = deploymentFacts(2, { rolloutState: 'IN_PROGRESS', desiredCount: 0, runningCount: 0 });
    const old = deploymentFacts(1, { status: 'ACTIVE' });
    expect(judge(seen({ deployments: [started, old] })).word).toBe('wait');
  });

  it('right after the update back shows the revision that is taken back, which nobody else deployed', () => {
    const back = { kind: 'rollback', deploymentId: deployment(3), taskDefinition: revision(1) } as const;
    const targets = [revision(2), revision(1)];
    expect(judge(seen(), back, NOW, { ...AROUND, targets }).word).toBe('wait');
    expect(judge(seen(), back, NOW, { ...AROUND, targets: [] }).word).toBe('foreign');
  });

  it('shows the revision that is taken back once more, when someone forces a new deployment of it', () => {
    const back = { kind: 'rollback', deploymentId: deployment(3), taskDefinition: revision(1), since: NOW } as const;
    const around = { ...AROUND, targets: [revision(2), revision(1)] };
    const forced = (createdAt: number) =>
      judge(seen({ deployments: [deploymentFacts(9, { taskDefinition: revision(2), createdAt })] }), back, NOW, around);
    expect(forced(NOW).word).toBe('wait');
    expect(forced(NOW + 1)).toMatchObject({
      word: 'foreign',
      reason: 'ForcedNewDeployment',
      message: expect.stringMatching(
        /^Someone forced a new deployment of web:2, which this rollout was taking back/,
      ) as string,
    });
  });

  it('right after the update back shows the baseline that ECS had restored before, unlike a rollback of the rollback', () => {
    const back = { kind: 'rollback', deploymentId: deployment(3), taskDefinition: revision(9), since: NOW } as const;
    const restored = (createdAt: number): Observation =>
      seen({ deployments: [deploymentFacts(1, { createdAt, rolloutState: 'IN_PROGRESS' })] });
    expect(judge(restored(NOW - 1), back).word).toBe('wait');
    expect(judge(restored(NOW + 1), back)).toMatchObject({ word: 'failed', reason: 'CircuitBreaker' });
  });
});

describe("ECS's circuit breaker", () => {
  const reason = 'ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.';

  it.each([
    ['by its reason', { createdAt: BASELINE.createdAt, rolloutState: 'IN_PROGRESS', rolloutStateReason: reason }],
    ['by createdAt, which it resets, once it is COMPLETED', { createdAt: NOW }],
    ['by both', { createdAt: NOW, rolloutState: 'IN_PROGRESS', rolloutStateReason: reason }],
  ])('brings the baseline back under its old id and is recognised %s', (_case, changes) => {
    const verdict = judge(seen({ deployments: [deploymentFacts(1, changes)] }));
    expect(verdict).toMatchObject({ word: 'rolled-back-by-ecs', reason: 'CircuitBreaker' });
    expect(verdict.message).toContain('ecs-svc/1');
  });

  it('brings back a COMPLETED deployment that was not the one before ours, and is recognised by its reason', () => {
    const older = deploymentFacts(7, { createdAt: NOW, rolloutState: 'IN_PROGRESS', rolloutStateReason: reason });
    expect(judge(seen({ deployments: [older] }))).toMatchObject({
      word: 'rolled-back-by-ecs',
      reason: 'CircuitBreaker',
    });
    const back = {
      kind: 'rollback',
      deploymentId: deployment(3),
      taskDefinition: revision(9),
      since: NOW - 1,
    } as const;
    expect(judge(seen({ deployments: [older] }), back)).toMatchObject({ word: 'failed', reason: 'CircuitBreaker' });
    expect(judge(seen({ deployments: [older] }), { ...back, since: NOW }).word).toBe('wait');
  });

  it('brings back a deployment that is older than the baseline, and is recognised though that is COMPLETED by then', () => {
    const around = { ...AROUND, baseline: { ...BASELINE, older: [deployment(7)] } };
    const since = NOW - MINUTE;
    const older = (createdAt: number) => seen({ deployments: [deploymentFacts(7, { createdAt })] });
    expect(judge(older(since + 1), { since }, NOW, around)).toMatchObject({
      word: 'rolled-back-by-ecs',
      reason: 'CircuitBreaker',
    });
    // Its age is its old one in a read that is older than our deployment.
    expect(judge(older(since), { since }, NOW, around).word).toBe('wait');
    expect(judge(older(0), { since }, NOW, around).word).toBe('wait');
    expect(judge(older(since + 1), { since, kind: 'rollback' }, NOW, around).word).toBe('failed');
    expect(judge(older(since + 1), { since }).word).toBe('foreign');
  });

  it('is not read out of a baseline whose age nobody knows', () => {
    const verdict = judge(seen({ deployments: [deploymentFacts(1, { createdAt: NOW })] }), {}, NOW, {
      ...AROUND,
      baseline: { ...BASELINE, createdAt: 0 },
    });
    expect(verdict.word).toBe('wait');
  });

  it('fails the deployment and leaves it when rollback is off', () => {
    const failed = deploymentFacts(2, {
      rolloutState: 'FAILED',
      rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.',
    });
    expect(judge(seen({ deployments: [failed] }))).toMatchObject({
      word: 'failed',
      reason: 'DeploymentFailed',
      message: 'ECS deployment circuit breaker: tasks failed to start.',
    });
  });
});

describe('foreign', () => {
  it.each<[string, Observation, Partial<Watch>, RegExp]>([
    ['another deployment', seen({ deployments: [deploymentFacts(9)] }), {}, /web:9 \(ecs-svc\/9\)/],
    [
      'another deployment of our own revision',
      seen({ deployments: [deploymentFacts(9, { taskDefinition: revision(2) })] }),
      {},
      /ecs-svc\/9/,
    ],
    [
      'another revision under our id',
      seen({ deployments: [deploymentFacts(2, { taskDefinition: revision(9) })] }),
      {},
      /web:9 /,
    ],
    [
      'another deployment on the way back',
      seen({ deployments: [deploymentFacts(9)] }),
      { kind: 'rollback', taskDefinition: revision(1), deploymentId: deployment(3) },
      /ecs-svc\/9/,
    ],
    [
      'a second deployment of the rollback target',
      seen({ deployments: [deploymentFacts(9, { taskDefinition: revision(2) })] }),
      { kind: 'rollback' },
      /ecs-svc\/9/,
    ],
    [
      'a deployment of what a dead rollout had rolled, going forward',
      seen({ deployments: [deploymentFacts(9, { taskDefinition: revision(2) })] }),
      { taskDefinition: revision(3), deploymentId: deployment(3) },
      /ecs-svc\/9/,
    ],
    ['a service that is gone', {}, {}, /MISSING/],
    ['a service that drains', seen({ status: 'DRAINING' }), {}, /DRAINING/],
    ['a service that was deleted', seen({ status: 'INACTIVE' }), {}, /INACTIVE/],
  ])('is %s, whatever its state', (_case, observation, watched, message) => {
    const verdict = judge(observation, watched);
    expect(verdict).toMatchObject({ word: 'foreign', message: expect.stringMatching(message) as unknown });
    expect(judge(observation, { ...watched, deadline: 0 }).word).toBe('foreign');
  });
});

describe('failed', () => {
  const cannotPull = crashed('x', {
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'CannotPullContainerError: failed to resolve ref: not found',
    containers: [],
  });

  it('is said at the first stop whose cause would come again', () => {
    expect(judge(seen(rolling, [], [cannotPull]))).toMatchObject({ word: 'failed', reason: 'ImageCannotBePulled' });
    const containers = [{ name: 'agent', image: 'ghcr.io/agent:1' }];
    const stoppedReason = 'CannotPullContainerError: failed to resolve ref ghcr.io/agent:1: not found';
    const agent = { ...cannotPull, stoppedReason, containers };
    expect(judge(seen(rolling, [], [agent]))).toMatchObject({ word: 'failed', reason: 'SidecarCannotBePulled' });
  });

  it('is said at the second crash, not at the first', () => {
    expect(judge(seen(rolling, [], [crashed('x')])).word).toBe('wait');
    expect(judge(seen(rolling, [], [crashed('x'), crashed('y')]))).toMatchObject({
      word: 'failed',
      reason: 'EssentialContainerExited',
      message: 'Essential container in task exited; container app exited with code 1',
    });
  });

  it('is said with the cause of the newest crash, in whatever order ECS lists them', () => {
    const newest = crashed('y', { containers: [{ name: 'app', exitCode: 2 }] });
    expect(judge(seen(rolling, [], [newest, crashed('x', { stoppedAt: NOW - 1 })])).message).toContain('code 2');
  });

  it.each(['bake', 'rollback'] as const)('is said at the first crash during a %s', (kind) => {
    expect(judge(seen({}, SOUND, [crashed('x')]), { kind, until: NOW + MINUTE }).word).toBe('failed');
  });

  it.each<[string, ReturnType<typeof crashed>]>([
    ['of another deployment', crashed('x', { startedBy: deployment(1) })],
    ['of a task that nobody started', { ...crashed('x'), startedBy: '' }],
    ['from before the watch', crashed('x', { stoppedAt: NOW - MINUTE - 1 })],
    ['that the scheduler ordered, exit code 137 or not', scheduled()],
    ['that a person ordered', crashed('x', { stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user' })],
    ['of a Spot interruption', crashed('x', { stopCode: 'SpotInterruption' })],
    [
      'for want of capacity',
      crashed('x', { stopCode: 'TaskFailedToStart', stoppedReason: 'Capacity is unavailable at this time.' }),
    ],
  ])('is not said for a stop %s', (_case, stop) => {
    expect(judge(seen({}, SOUND, [stop, stop, stop]), { kind: 'bake', until: NOW + MINUTE }).word).toBe('wait');
  });

  it('counts a stop that has no time stamp yet', () => {
    const { stoppedAt: _at, ...untimed } = crashed('x');
    expect(judge(seen({}, SOUND, [untimed]), { kind: 'bake', until: NOW + MINUTE }).word).toBe('failed');
  });

  it('is said when a task runs another image than the one that was pushed', () => {
    const wrong = task('two', { containers: [{ name: 'app', imageDigest: digest('f') }] });
    expect(judge(seen({}, [task('one'), wrong]))).toMatchObject({ word: 'failed', reason: 'WrongDigest' });
  });

  it('does not look at the digests of sidecars', () => {
    const sidecar = { name: 'proxy', imageDigest: digest('f') };
    const running = SOUND.map((one) => ({ ...one, containers: [...one.containers, sidecar] }));
    expect(judge(seen({}, running)).word).toBe('steady');
  });
});

describe("tasks that cannot start for trouble that is not the image's", () => {
  const busy = (name: string, changes: object = {}): ReturnType<typeof crashed> =>
    crashed(name, {
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'CannotPullContainerError: unexpected status code https://r/x: 503 Service Unavailable',
      containers: [],
      ...changes,
    });
  const trouble = { reason: 'ServiceTrouble', message: expect.stringContaining('503 Service Unavailable') as string };
  const failed = seen({ deployments: [deploymentFacts(2, { rolloutState: 'FAILED', desiredCount: 0 })] }, []);
  const restored = seen({ deployments: [deploymentFacts(1, { createdAt: NOW, rolloutState: 'IN_PROGRESS' })] }, []);
  const seenWith = ({ service }: Observation, stopped: ReturnType<typeof crashed>[]): Observation => ({
    ...{ service: service! },
    tasks: { running: [], stopped },
  });

  it('wait, and are the reason when they last until the deadline', () => {
    const observation = seen(rolling, [], [busy('x'), busy('y'), busy('z')]);
    expect(judge(observation)).toMatchObject({ word: 'wait', ...trouble });
    expect(judge(observation, {}, watch().deadline)).toMatchObject({ word: 'failed', ...trouble });
  });

  it('are no reason any more once a task of the image stopped after them', () => {
    const later = busy('y', { stoppedAt: NOW - 1 });
    expect(judge(seen(rolling, [], [crashed('x'), later]), {}, watch().deadline).reason).toBe('DeadlineExceeded');
  });

  it.each([
    ['ECS gives the deployment up', failed, 'failed'],
    ['ECS rolls back', restored, 'rolled-back-by-ecs'],
  ])('stay what they are when %s for them', (_case, observation, word) => {
    expect(judge(seenWith(observation, [busy('x'), busy('y'), crashed('z')]))).toMatchObject({ word, ...trouble });
  });

  it.each([
    ['ECS gives the deployment up', failed, 'DeploymentFailed'],
    ['ECS rolls back', restored, 'CircuitBreaker'],
  ])('excuse no image that failed beside them when %s, and its newest cause is told', (_case, observation, reason) => {
    const newest = crashed('z', { containers: [{ name: 'app', exitCode: 2 }] });
    const oldest = crashed('y', { stoppedAt: NOW - 1 });
    const judged = judge(seenWith(observation, [newest, busy('x'), oldest]));
    expect(judged).toMatchObject({
      reason,
      message: expect.stringMatching(/container app exited with code 2$/) as string,
    });
    const cannot = crashed('x', { stopCode: 'TaskFailedToStart', stoppedReason: 'exec format error', containers: [] });
    expect(judge(seenWith(observation, [busy('x'), cannot])).reason).toBe(reason);
  });

  it('wait for a place, and are the reason when there is none until the deadline', () => {
    const message = '(service web) was unable to place a task. Reason: Capacity is unavailable at this time.';
    const none = { runningCount: 0, pendingCount: 0, rolloutState: 'IN_PROGRESS' };
    const placed = (counts: object): ReturnType<typeof judge> =>
      judge(seen({ deployments: [deploymentFacts(2, counts)], events: [{ at: NOW, message }] }, []), {
        deadline: NOW,
      });
    expect(placed(none)).toMatchObject({
      word: 'failed',
      reason: 'TasksNotPlaced',
      message: 'ECS says that it was unable to place a task. Reason: Capacity is unavailable at this time.',
    });
    expect(placed({ ...none, pendingCount: 1 }).reason).toBe('DeadlineExceeded');
  });
});

describe('a configured container that is not essential', () => {
  const beside = (changes: object): ReturnType<typeof task>[] =>
    ['one', 'two'].map((name) =>
      task(name, {
        containers: [
          { name: 'app', lastStatus: 'STOPPED', imageDigest: digest('b'), ...changes },
          { name: 'proxy', lastStatus: 'RUNNING' },
        ],
      }),
    );

  it('fails the rollout when it exited with an error in two tasks that go on', () => {
    const exited = beside({ exitCode: 3, reason: 'Boom' });
    expect(judge(seen({}, exited))).toMatchObject({
      word: 'failed',
      reason: 'ContainerExited',
      message: 'The task runs on, but container app exited with code 3 (Boom).',
    });
    expect(judge(seen({}, [exited[0]!, SOUND[1]!])).word).toBe('wait');
    // One that ECS never replaces is no accident any more by then, and the cause of the end.
    expect(judge(seen({}, [exited[0]!, SOUND[1]!]), {}, watch().deadline)).toMatchObject({
      word: 'failed',
      reason: 'ContainerExited',
      message: 'The task runs on, but container app exited with code 3 (Boom).',
    });
    expect(judge(seen({}, [exited[0]!, SOUND[1]!]), { kind: 'bake' }).word).toBe('failed');
    const alone = seen({ desiredCount: 1, runningCount: 1 }, [exited[0]!]);
    expect(judge(alone).word).toBe('failed');
  });

  it('waits for one that ended with 0 until the deadline, and then says so', () => {
    const done = seen({}, beside({ exitCode: 0 }));
    expect(judge(done).word).toBe('wait');
    expect(judge(done, {}, watch().deadline)).toMatchObject({
      word: 'failed',
      reason: 'ContainerEnded',
      message:
        'The task runs on, but container app exited with code 0, and no other configured container runs beside it. If it is meant to end, set mayEnd in the configuration.',
    });
    expect(judge(done, { mayEnd: true }).word).toBe('steady');
  });

  it('waits for one that fails its health check until the deadline, and then says so', () => {
    const sick = seen({}, beside({ lastStatus: 'RUNNING', healthStatus: 'UNHEALTHY' }));
    expect(judge(sick).word).toBe('wait');
    expect(judge(sick, {}, watch().deadline)).toMatchObject({ word: 'failed', reason: 'ContainerUnhealthy' });
    // Of one that ECS counts as unhealthy, and replaces, nobody says that it counts as healthy.
    const counted = sick.tasks!.running.map((one) => ({ ...one, healthStatus: 'UNHEALTHY' }));
    expect(judge(seen({}, counted), {}, watch().deadline).reason).toBe('DeadlineExceeded');
  });
});

describe('staged', () => {
  it.each(['steady', 'bake'] as const)('is said in %s when the service is to run zero tasks', (kind) => {
    const verdict = judge(seen({ desiredCount: 0, runningCount: 0 }, []), { kind });
    expect(verdict).toMatchObject({ word: 'staged', reason: 'DesiredCountZero' });
  });

  it('waits until ECS has COMPLETED even that', () => {
    expect(judge(seen({ ...rolling, desiredCount: 0 }, [])).word).toBe('wait');
  });
});

describe('whatever ECS answers', () => {
  const status = fc.constantFrom('RUNNING', 'PENDING', 'STOPPED', 'DEPROVISIONING', 'HIBERNATED');
  const count = fc.oneof(fc.nat(3), fc.constant(Number.NaN));
  const aTask = fc
    .record({
      startedBy: fc.constantFrom(deployment(1), deployment(2), deployment(9)),
      lastStatus: status,
      desiredStatus: fc.constantFrom('RUNNING', 'STOPPED'),
      healthStatus: fc.constantFrom('HEALTHY', 'UNHEALTHY', 'UNKNOWN', 'DEGRADED'),
      container: fc.record({
        lastStatus: fc.constantFrom('RUNNING', 'RUNNING', 'STOPPED', 'PENDING', undefined),
        healthStatus: fc.constantFrom(undefined, 'HEALTHY', 'UNKNOWN', 'UNHEALTHY'),
        exitCode: fc.constantFrom(undefined, 0, 3),
        imageDigest: fc.constantFrom(digest('b'), digest('c'), digest('f'), undefined),
      }),
    })
    .map(({ container, ...rest }) => task('any', { ...rest, containers: [{ name: 'app', ...container }] }));
  const aDeployment = fc.record({
    number: fc.constantFrom(1, 2, 9),
    of: fc.constantFrom(1, 2),
    status: fc.constantFrom('PRIMARY', 'PRIMARY', 'ACTIVE', 'INACTIVE'),
    rolloutState: fc.constantFrom('COMPLETED', 'COMPLETED', 'IN_PROGRESS', 'FAILED', 'SETTLED'),
    runningCount: count,
    pendingCount: count,
    createdAt: fc.constantFrom(BASELINE.createdAt, NOW),
  });
  const observation = fc
    .record({
      status: fc.constantFrom('ACTIVE', 'ACTIVE', 'ACTIVE', 'DRAINING', 'MIGRATING'),
      desiredCount: count,
      deployments: fc.array(aDeployment, { maxLength: 2 }),
      running: fc.array(aTask, { maxLength: 3 }),
      stopped: fc.array(fc.constantFrom(crashed('x'), scheduled()), { maxLength: 2 }),
    })
    .map(({ running, stopped, deployments, ...rest }): Observation => {
      const shown = deployments.map(({ number, of, ...facts }) =>
        deploymentFacts(number, { ...facts, taskDefinition: revision(of) }),
      );
      return { service: service({ ...rest, deployments: shown }), tasks: { running, stopped } };
    });
  const accepted = [digest('b'), digest('c')];
  const kinds = fc.constantFrom('steady', 'bake', 'rollback') as fc.Arbitrary<Watch['kind']>;

  /** The evidence, written down a second time and in another way. */
  function isProven({ service: facts, tasks }: Observation, kind: Watch['kind']): boolean {
    const [primary, ...others] = facts!.deployments.filter((one) => one.status === 'PRIMARY');
    const isOurs = primary?.id === deployment(2) && primary.taskDefinition === revision(2);
    const isDone = primary?.rolloutState === 'COMPLETED';
    if (facts!.status !== 'ACTIVE' || !isOurs || !isDone || others.some(({ id }) => id !== primary?.id)) return false;
    if (facts!.desiredCount === 0) return kind === 'rollback';
    const staying = tasks!.running.filter((one) => one.desiredStatus === 'RUNNING');
    const areAllOurs = staying.every(
      (one) =>
        one.startedBy === deployment(2) &&
        one.lastStatus === 'RUNNING' &&
        ['HEALTHY', 'UNKNOWN'].includes(one.healthStatus!) &&
        one.containers[0]?.lastStatus === 'RUNNING' &&
        one.containers[0].healthStatus !== 'UNHEALTHY' &&
        accepted.some((known) => known === one.containers[0]?.imageDigest),
    );
    return areAllOurs && facts!.desiredCount >= 1 && staying.length >= facts!.desiredCount;
  }

  it('is called steady only on the whole evidence', () => {
    const words = new Set<string>();
    fc.assert(
      fc.property(observation, kinds, (given, kind) => {
        const { word } = judge(given, { kind, imageDigests: accepted });
        words.add(word);
        expect(word === 'steady' && !isProven(given, kind)).toBe(false);
      }),
      { numRuns: 3000, seed: 20260102 },
    );
    // The property means something only if the generator reached every kind of end.
    expect([...words].sort()).toEqual(['failed', 'foreign', 'rolled-back-by-ecs', 'staged', 'steady', 'wait']);
  });

  it('is never waited for beyond the deadline', () => {
    fc.assert(
      fc.property(observation, (given) => {
        expect(judge(given, { deadline: NOW }).word).not.toBe('wait');
      }),
    );
  });
});

describe('which tasks are worth their calls', () => {
  it.each<[string, object, Watch['kind'], object]>([
    ['a deployment that is in progress', rolling, 'steady', { running: false, stopped: true }],
    [
      'a deployment that has just been created',
      { deployments: [deploymentFacts(2, { rolloutState: 'IN_PROGRESS', desiredCount: 0 })] },
      'steady',
      { running: false, stopped: false },
    ],
    ['a COMPLETED deployment', {}, 'steady', { running: true, stopped: false }],
    [
      'a COMPLETED deployment that lost tasks',
      { deployments: [deploymentFacts(2, { failedTasks: 1 })] },
      'rollback',
      { running: true, stopped: true },
    ],
    ['a COMPLETED deployment that bakes', {}, 'bake', { running: true, stopped: true }],
    [
      'a deployment that ECS gave up',
      { deployments: [deploymentFacts(2, { rolloutState: 'FAILED', desiredCount: 0 })] },
      'steady',
      { running: false, stopped: true },
    ],
    [
      'a deployment that another one replaced',
      { deployments: [deploymentFacts(1), deploymentFacts(2, { status: 'ACTIVE', desiredCount: 0 })] },
      'steady',
      { running: false, stopped: true },
    ],
    ['a deployment that has gone', { deployments: [deploymentFacts(1)] }, 'steady', { running: false, stopped: true }],
  ])('%s', (_case, changes, kind, needed) => {
    expect(needsTasks(service(changes), watch({ kind }))).toEqual(needed);
  });
});

function scheduled(): ReturnType<typeof crashed> {
  return crashed('x', {
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/2)',
    containers: [{ name: 'app', exitCode: 137 }],
  });
}

it('tells of a rollback that failed what runs now, and of nothing else', () => {
  const gone = crashed('x', { stoppedReason: 'gone' });
  const looked = seen({ ...rolling, runningCount: 1, desiredCount: 2 }, [], [gone, gone]);
  expect(judge(looked, { kind: 'rollback' }).message).toMatch(/^gone.*\. 1 of 2 tasks run\.$/);
  expect(judge(looked).message).not.toMatch(/tasks run/);
});

describe('health checks that never pass', () => {
  const unhealthy = (name: string): ReturnType<typeof task> =>
    crashed(name, { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed container health checks' });
  const failing = seen(rolling, [], [unhealthy('one'), unhealthy('two')]);
  const outOfTarget = (name: string): ReturnType<typeof task> =>
    crashed(name, { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed ELB health checks in (x)' });
  const unreachable = seen(rolling, [], [outOfTarget('one'), outOfTarget('two')]);

  it('raise the suspicion of another port than the configured one', () => {
    expect(judge(unreachable, { port: 8000 })).toMatchObject({
      word: 'failed',
      reason: 'FailedHealthChecks',
      message: expect.stringMatching(/health checks.*Does the image listen on port 8000, as configured\?$/) as string,
    });
  });

  it('raise it without a number where none is configured', () => {
    expect(judge(unreachable).message).toMatch(/Does the image listen on the port that the task definition maps\?$/);
  });

  it('of the container itself may fail for their command, or for want of time', () => {
    expect(judge(failing, { port: 8000 }).message).toMatch(
      / port 8000, as configured, and does its health check's command succeed in it within startPeriod and retries\?$/,
    );
  });

  it('are no question of ports once they had passed', () => {
    expect(judge(failing, { kind: 'bake', until: NOW + MINUTE, port: 8000 }).message).not.toMatch(/listen/);
  });
});
