import type { ChronicledTask } from '../../picture/chronicle.ts';
import type { RolloutDocument, RolloutRecord, ServiceDocument, Standing } from '../../console/documents.ts';

/** A moment on the day of every example. */
export const DAY = Date.parse('2026-11-28T15:00:00Z');

/** So many seconds after it, ISO 8601. */
export function at(seconds: number): string {
  return new Date(DAY + seconds * 1000).toISOString();
}

/** A digest of one repeated digit. */
export function digest(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

/** A record of a rollout that succeeded, but for what a test says. */
export function record(changes: Partial<RolloutRecord> = {}): RolloutRecord {
  return {
    rolloutId: '925cb346-0000-4000-8000-000000000001',
    executionArn: 'arn:aws:states:us-east-1:123456789012:execution:rollouts-api:925cb346-0000-4000-8000-000000000001',
    outcome: 'SUCCEEDED',
    reason: 'EvidenceComplete',
    message: '2 of 2 tasks run exactly the expected digest and are healthy.',
    intent: 'push',
    request: null,
    image: { digest: digest('3'), tag: '1.2.3' },
    taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:4',
    startedAt: at(0),
    endedAt: at(120),
    detectionLagSeconds: null,
    failedTasks: [],
    ...changes,
  };
}

/** What `status` says of a service on which nothing happens, but for what a test says. */
export function standing(changes: Partial<Standing> = {}): Standing {
  return {
    account: '123456789012',
    region: 'us-east-1',
    running: {
      taskDefinition: 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:3',
      digest: digest('2'),
      tags: ['1.2.2'],
      desiredCount: 2,
      runningCount: 2,
      pendingCount: 0,
      since: at(-86_400),
      proven: true,
    },
    rollout: null,
    pending: null,
    pin: null,
    held: null,
    selected: null,
    quarantine: [],
    last: null,
    proven: [],
    ...changes,
  };
}

/** A service on which nothing happens, but for what a test says. */
export function service(changes: Partial<ServiceDocument> = {}): ServiceDocument {
  return { service: 'production/api', readAt: at(0), standing: standing(), history: [], ...changes };
}

/** What holds a service while 1.2.3 is rolled. */
export const OWNER: NonNullable<Standing['rollout']> = {
  rolloutId: record().rolloutId,
  executionArn: record().executionArn,
  executionStatus: 'RUNNING',
  purpose: 'roll',
  request: null,
  image: { digest: digest('3'), tag: '1.2.3' },
  startedAt: at(0),
  deadline: at(1200),
  cause: null,
};

/** A task that came up in half a minute and serves. */
export function task(
  taskId: string,
  deploymentId: string,
  createdAt: number,
  changes: Partial<ChronicledTask> = {},
): ChronicledTask {
  return {
    taskId,
    deploymentId,
    createdAt,
    pullStartedAt: createdAt + 10,
    pullStoppedAt: createdAt + 16,
    startedAt: createdAt + 18,
    healthyAt: createdAt + 30,
    containers: [],
    ...changes,
  };
}

/** A bad push, as it is told when it is over: both new tasks exit, and what ran before is put back. */
export function badPush(): RolloutDocument {
  const crash = {
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [{ name: 'api', exitCode: 1 }],
  };
  const failed = (id: string, createdAt: number): ChronicledTask => {
    const { healthyAt: _, ...rest } = task(id, 'ecs-svc/2', createdAt, {
      executionStoppedAt: createdAt + 23,
      stoppedAt: createdAt + 44,
      ...crash,
    });
    return rest;
  };
  const message =
    'Essential container in task exited; container api exited with code 1. After the rollback: 2 of 2 tasks run exactly the expected digest and are healthy.';
  const failedTasks = [
    {
      taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/production/c9ecb65f',
      container: 'api',
      exitCode: 1,
      stopCode: 'EssentialContainerExited',
      reason: 'Essential container in task exited',
    },
  ];
  const decided = [
    { at: at(0.1), state: 'AcceptIntent', word: 'roll', reason: 'Selected', message: 'The tag policy selects 1.2.3.' },
    { at: at(0.4), state: 'RollService', word: 'rolled', reason: 'Updated', message: 'ECS deploys api:4.' },
    {
      at: at(50),
      state: 'AwaitSteadyState',
      word: 'failed',
      reason: 'EssentialContainerExited',
      message: 'container api exited with code 1',
    },
    { at: at(120), state: 'Conclude', word: 'ROLLED_BACK', reason: 'EssentialContainerExited', message },
  ];
  return {
    rolloutId: record().rolloutId,
    executionArn: record().executionArn,
    service: 'production/api',
    record: record({
      outcome: 'ROLLED_BACK',
      reason: 'EssentialContainerExited',
      message,
      failedTasks,
      detectionLagSeconds: 0.24,
    }),
    decisions: decided,
    gaps: [],
    bake: { seconds: 60 },
    chronicle: {
      service: 'production/api',
      beganAt: DAY,
      endedAt: 120,
      rollouts: [
        {
          id: record().rolloutId,
          startedAt: 0,
          endedAt: 120,
          outcome: 'ROLLED_BACK',
          image: '1.2.3',
          states: [
            { name: 'AcceptIntent', enteredAt: 0, leftAt: 0.1 },
            { name: 'RollService', enteredAt: 0.2, leftAt: 0.4 },
            { name: 'AwaitSteadyState', enteredAt: 0.4, leftAt: 50 },
            { name: 'RollBack', enteredAt: 50, leftAt: 50.2 },
            { name: 'AwaitRollback', enteredAt: 50.2, leftAt: 119.8 },
            { name: 'Conclude', enteredAt: 119.8, leftAt: 120 },
          ],
        },
      ],
      deployments: [
        { id: 'ecs-svc/1', revision: 'api:3', image: '1.2.2', by: 'before', beganAt: -86_400 },
        { id: 'ecs-svc/2', revision: 'api:4', image: '1.2.3', by: 'rollout', beganAt: 0.3 },
        { id: 'ecs-svc/3', revision: 'api:3', image: '1.2.2', by: 'rollback', beganAt: 50.1 },
      ],
      tasks: [
        task('0eac2f43', 'ecs-svc/1', -86_400, { stoppingAt: 110, executionStoppedAt: 112 }),
        task('02f30c05', 'ecs-svc/1', -86_400, { stoppingAt: 110, executionStoppedAt: 112 }),
        failed('c9ecb65f', 6),
        failed('8af7f4f9', 7),
        task('c87b65be', 'ecs-svc/3', 56),
        task('5bd98d1d', 'ecs-svc/3', 57),
      ],
      desiredCounts: [{ at: 0, count: 2 }],
      events: decided.map((one) => ({
        at: (Date.parse(one.at) - DAY) / 1000,
        kind: 'decided',
        text: `${one.state}: ${one.word} (${one.reason}): ${one.message}`,
      })),
    },
  };
}
