import type { Chronicle, ChronicledEvent, ChronicledRollout, ChronicledTask } from '../../picture/chronicle.ts';

/** 2026-01-05T09:00:00Z */
const BEGAN_AT = Date.UTC(2026, 0, 5, 9);

/** A task that came up within half a minute and serves on. */
export function task(taskId: string, createdAt: number, changes: Partial<ChronicledTask> = {}): ChronicledTask {
  return {
    taskId,
    deploymentId: 'ecs-svc/2',
    createdAt,
    pullStartedAt: createdAt + 11,
    pullStoppedAt: createdAt + 17,
    startedAt: createdAt + 19,
    healthyAt: createdAt + 29,
    containers: [{ name: 'api' }],
    ...changes,
  };
}

/** A task that was there before and went, to make room. */
export function former(taskId: string, stoppingAt: number): ChronicledTask {
  return {
    taskId,
    deploymentId: 'ecs-svc/1',
    createdAt: -900,
    pullStartedAt: -889,
    pullStoppedAt: -883,
    startedAt: -881,
    healthyAt: 0,
    stoppingAt,
    executionStoppedAt: stoppingAt + 3,
    stoppedAt: stoppingAt + 23,
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/2)',
    containers: [{ name: 'api', exitCode: 143 }],
  };
}

/** A rollout that watches for most of its time. */
export function rollout(
  id: string,
  startedAt: number,
  endedAt: number,
  changes: Partial<ChronicledRollout> = {},
): ChronicledRollout {
  return {
    id,
    startedAt,
    endedAt,
    outcome: 'SUCCEEDED',
    message: '2 of 2 tasks run exactly the expected digest and are healthy.',
    image: 'v2',
    states: [
      { name: 'Configure', enteredAt: startedAt, leftAt: startedAt },
      { name: 'AcceptIntent', enteredAt: startedAt, leftAt: startedAt + 1 },
      { name: 'RollService', enteredAt: startedAt + 1, leftAt: startedAt + 2 },
      { name: 'AwaitSteadyState', enteredAt: startedAt + 2, leftAt: endedAt - 1 },
      { name: 'Conclude', enteredAt: endedAt - 1, leftAt: endedAt },
    ],
    ...changes,
  };
}

/** One push that goes well: two tasks take the place of two others. */
export function chronicle(changes: Partial<Chronicle> = {}): Chronicle {
  return {
    service: 'prod/api',
    beganAt: BEGAN_AT,
    endedAt: 300,
    rollouts: [rollout('r-1', 0.2, 70)],
    deployments: [
      { id: 'ecs-svc/1', revision: 'api:1', image: 'v1', by: 'before', beganAt: 0 },
      { id: 'ecs-svc/2', revision: 'api:2', image: 'v2', by: 'rollout', beganAt: 8 },
    ],
    tasks: [former('aaaaaaaa11', 40), former('aaaaaaaa22', 42), task('bbbbbbbb11', 8), task('bbbbbbbb22', 9)],
    desiredCounts: [{ at: 0, count: 2 }],
    events: [
      { at: 0, kind: 'push', text: 'team/api:v2 (sha256:0123456789ab)' },
      { at: 1, kind: 'decided', text: 'AcceptIntent: roll (Selected): The tag policy selects v2.' },
      { at: 8, kind: 'ecs', text: 'ECS deployment ecs-svc/2 in progress.' },
      { at: 69, kind: 'decided', text: 'WakeRollout: steady (EvidenceComplete): 2 of 2 tasks run it.' },
      { at: 70, kind: 'ended', text: 'SUCCEEDED' },
    ],
    ...changes,
  };
}

/** A push whose tasks exit: the first three fail, and what ran before is put back. */
export function badPush(): Chronicle {
  const failed = (taskId: string, createdAt: number): ChronicledTask =>
    task(taskId, createdAt, {
      stoppingAt: createdAt + 26,
      executionStoppedAt: createdAt + 24,
      stoppedAt: createdAt + 46,
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'api', exitCode: 1 }],
    });
  const { healthyAt: _, ...neverHealthy } = failed('cccccccc33', 20);
  const states = rollout('r-1', 0.2, 130).states.slice(0, 3);
  return chronicle({
    rollouts: [
      rollout('r-1', 0.2, 130, {
        outcome: 'ROLLED_BACK',
        message: 'api exited with code 1. After the rollback: 2 of 2 tasks run v1.',
        states: [
          ...states,
          { name: 'AwaitSteadyState', enteredAt: 2.2, leftAt: 60 },
          { name: 'RollBack', enteredAt: 60, leftAt: 61 },
          { name: 'AwaitRollback', enteredAt: 61, leftAt: 130 },
        ],
      }),
    ],
    deployments: [
      ...chronicle().deployments,
      { id: 'ecs-svc/3', revision: 'api:1', image: 'v1', by: 'rollback', beganAt: 62 },
    ],
    tasks: [
      former('aaaaaaaa11', 40),
      failed('cccccccc11', 8),
      failed('cccccccc22', 9),
      neverHealthy,
      task('dddddddd11', 70, { deploymentId: 'ecs-svc/3' }),
    ],
    events: [
      ...chronicle().events.slice(0, 3),
      { at: 12, until: 50, kind: 'fault', text: 'throttling: One call in eight is throttled.' },
      { at: 20, kind: 'foreign', text: 'deploys the same anew' },
      { at: 60, kind: 'decided', text: 'WakeRollout: failed (TaskFailed): api exited with code 1.' },
      { at: 130, kind: 'ended', text: 'ROLLED_BACK' },
    ],
  });
}

/** Twelve rollouts over hours, most of them near to one another, of two hundred tasks and forty minutes the first. */
export function large(): Chronicle {
  const starts = [0, 2500, 2503, 2520, 2600, 9000, 9001, 9200, 20_000, 20_400, 31_000, 40_000];
  const brief = (at: number): Partial<ChronicledRollout> => ({
    outcome: 'NO_CHANGE',
    states: [{ name: 'AcceptIntent', enteredAt: at, leftAt: at + 1 }],
  });
  const rollouts = starts.map((at, index) =>
    index % 3 === 1
      ? rollout(`r-${index}`, at, at + 1, brief(at))
      : rollout(`r-${index}`, at, index === 0 ? 2400 : at + 95),
  );
  const old = Array.from({ length: 200 }, (_, index) => former(`a${index}`.padEnd(10, '0'), 120 + index * 11));
  const young = Array.from({ length: 200 }, (_, index) =>
    task(
      `b${index}`.padEnd(10, '0'),
      10 + index * 11,
      index % 50 === 7
        ? { stopCode: 'EssentialContainerExited', executionStoppedAt: 40 + index * 11, stoppedAt: 60 + index * 11 }
        : {},
    ),
  );
  const events = starts.flatMap((at, index): ChronicledEvent[] => [
    { at, kind: 'push', text: `team/api:1.0.${index} (sha256:0123456789ab)` },
    { at: at + 1, kind: 'decided', text: 'AcceptIntent: roll (Selected): The tag policy selects it.' },
    { at: rollouts[index]!.endedAt!, kind: 'ended', text: 'SUCCEEDED' },
  ]);
  return chronicle({
    endedAt: 40_200,
    rollouts,
    tasks: [...old, ...young],
    desiredCounts: [{ at: 0, count: 200 }],
    events: events.sort((one, other) => one.at - other.at),
  });
}

const SCRIPT = '<script>alert(1)</script>';
const ATTRIBUTE = `" onmouseover="alert(1)' x='`;
const BIDI = 'v\u202egnp.exe\u2066\u2069';
const LONG = `${'W'.repeat(252)}end`;

/** Names that want to be more than text, turn the reading round, or have no end. */
export const HOSTILE = [SCRIPT, ATTRIBUTE, BIDI, LONG, '&lt;b&gt;', ']]>\u0000--><!--', 'a\u2028b\ud800c'] as const;

/** A push all whose names are one hostile one. */
export function hostile(name: string): Chronicle {
  const given = badPush();
  return {
    ...given,
    service: name,
    rollouts: given.rollouts.map((one) => ({
      ...one,
      id: name,
      outcome: name,
      message: name,
      image: name,
      states: one.states.map((state) => ({ ...state, name })),
    })),
    deployments: given.deployments.map((one) => ({ ...one, revision: name, image: name })),
    tasks: given.tasks.map((one, index) => ({
      ...one,
      taskId: `${index}${name}`,
      stopCode: name,
      stoppedReason: name,
      containers: [{ name, exitCode: 1, reason: name }],
    })),
    events: given.events.map((event) => ({ ...event, text: name })),
  };
}
