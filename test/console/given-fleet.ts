import type { ChronicledTask } from '../../picture/chronicle.ts';
import type { RolloutDocument, ServiceDocument } from '../../console/documents.ts';
import { at, badPush, DAY, digest, OWNER, record, service, standing, task } from './given-rollouts.ts';

/** What nobody's page may take for markup, or for the end of a line. */
export const HOSTILE = '<img src=x onerror=alert(1)>\u202egnp.exe\u0007';
/** As long as AWS lets names be, all of them. */
export const LONG = `a-very-long-name-${'x'.repeat(238)}`;

/** When everything was read that the fleet tells. */
export const READ_AT = 125;

/** A rollout that bakes: half of its minute is over. */
export function baking(): RolloutDocument {
  const { record: _, ...rest } = badPush();
  const { endedAt: _end, ...rollout } = rest.chronicle.rollouts[0]!;
  const tasks = [
    task('11111111', 'ecs-svc/1', -86_400, { stoppingAt: 60, executionStoppedAt: 90 }),
    task('22222222', 'ecs-svc/1', -86_400, { stoppingAt: 61, executionStoppedAt: 91 }),
    task('33333333', 'ecs-svc/2', 5),
    task('44444444', 'ecs-svc/2', 6),
  ];
  const states = [
    { name: 'AwaitSteadyState', enteredAt: 0.5, leftAt: 95 },
    { name: 'Bake', enteredAt: 95 },
  ];
  return {
    ...rest,
    bake: { seconds: 60, startedAt: at(95) },
    deadline: at(2400),
    decisions: rest.decisions.slice(0, 2),
    chronicle: {
      ...rest.chronicle,
      endedAt: READ_AT,
      tasks,
      events: rest.chronicle.events.slice(0, 2),
      rollouts: [{ ...rollout, outcome: 'RUNNING', states }],
    },
  };
}

/** A bad push with the last words of its container. */
export function withEvidence(): RolloutDocument {
  const document = badPush();
  const logLines = [
    'INFO  checking schema',
    'ERROR schema is at 0041, this build needs 0042',
    'Traceback (most recent call last):',
    '  File "/app/main.py", line 61, in lifespan',
    'api.errors.SchemaError: run the migration first',
    HOSTILE,
  ];
  const failedTasks = document.record!.failedTasks.map((task) => ({ ...task, logLines }));
  return { ...document, record: { ...document.record!, failedTasks } };
}

/** 200 tasks of each image in 40 minutes, two of which failed on the way. */
export function large(): RolloutDocument {
  const document = badPush();
  const wave = (index: number): number => 6 + Math.floor(index / 20) * 226;
  const fresh = Array.from({ length: 200 }, (_, index): ChronicledTask =>
    task(`new${String(index).padStart(5, '0')}`, 'ecs-svc/2', wave(index) + (index % 20)),
  );
  const old = Array.from({ length: 200 }, (_, index): ChronicledTask =>
    task(`old${String(index).padStart(5, '0')}`, 'ecs-svc/1', -86_400, {
      stoppingAt: wave(index) + 126,
      executionStoppedAt: wave(index) + 160,
      stoppedAt: wave(index) + 170,
      stopCode: 'ServiceSchedulerInitiated',
    }),
  );
  const crash = fresh.slice(0, 2).map(({ healthyAt: _, ...one }) => ({
    ...one,
    taskId: `bad${one.taskId.slice(3)}`,
    executionStoppedAt: one.createdAt! + 25,
    stoppedAt: one.createdAt! + 45,
    stopCode: 'EssentialContainerExited',
    containers: [{ name: 'api', exitCode: 137 }],
  }));
  const states = [
    { name: 'AwaitSteadyState', enteredAt: 1, leftAt: 2394 },
    { name: 'Bake', enteredAt: 2394, leftAt: 2460 },
  ];
  const own = record({
    rolloutId: 'f3a90c11-2b7e-4d55-8c1e-90a1b2c3d4e5',
    startedAt: at(0),
    endedAt: at(2460),
    message: '200 of 200 tasks run exactly the expected digest and are healthy.',
  });
  return {
    ...document,
    rolloutId: own.rolloutId,
    record: own,
    bake: { seconds: 66, startedAt: at(2394) },
    decisions: document.decisions.slice(0, 2),
    chronicle: {
      ...document.chronicle,
      endedAt: 2460,
      tasks: [...old, ...fresh, ...crash],
      events: document.chronicle.events.slice(0, 2),
      desiredCounts: [{ at: 0, count: 200 }],
      deployments: document.chronicle.deployments.slice(0, 2),
      rollouts: [{ id: own.rolloutId, startedAt: 0, endedAt: 2460, outcome: 'SUCCEEDED', image: '12.0.4', states }],
    },
  };
}

const past = Array.from({ length: 14 }, (_, index) =>
  record({
    rolloutId: `past-${index}`,
    outcome: index % 5 === 3 ? 'ROLLED_BACK' : index % 7 === 5 ? 'HELD' : 'SUCCEEDED',
    image: { digest: digest('2'), tag: `1.2.${2 - index}` },
    intent: index % 6 === 4 ? 'rollback' : 'push',
    request: index % 6 === 4 ? { rollback: true, reason: 'p99 doubled' } : null,
    startedAt: at(-(index + 1) * 400_000),
    endedAt: at(-(index + 1) * 400_000 + 90 + index * 7),
    failedTasks: index % 5 === 3 ? badPush().record!.failedTasks : [],
    message:
      index % 5 === 3 ? badPush().record!.message : '2 of 2 tasks run exactly the expected digest and are healthy.',
  }),
);

/** A service of each kind. */
export function fleet(): ServiceDocument[] {
  const readAt = at(READ_AT);
  const of = (changes: Partial<ServiceDocument>): ServiceDocument => service({ readAt, ...changes });
  const bad = badPush().record!;
  const quarantine = [
    {
      digest: digest('3'),
      tags: ['1.2.3'],
      reason: 'EssentialContainerExited',
      rolloutId: bad.rolloutId,
      since: at(50),
    },
  ];
  return [
    of({
      service: 'production/checkout',
      history: [
        record({
          outcome: 'FAILED_ROLLBACK',
          message:
            'Container checkout exited with code 137. The rollback failed too: no capacity in us-east-1a. 1 of 3 tasks serve 3.14.0.',
        }),
        ...past,
      ],
      standing: standing({ running: { ...standing().running!, runningCount: 1, desiredCount: 3 } }),
    }),
    of({
      service: 'staging/api',
      standing: standing({ rollout: { ...OWNER, rolloutId: baking().rolloutId } }),
      rolling: { ...baking(), service: 'staging/api' },
      history: past,
    }),
    of({
      service: 'production/api',
      history: [bad, ...past],
      standing: standing({
        quarantine,
        last: bad,
        proven: [{ digest: digest('1'), tag: '1.2.1', provenAt: at(-400_000) }],
      }),
    }),
    of({
      service: 'production/orders',
      standing: standing({
        pin: { rolloutId: 'past-4', since: at(-4000) },
        held: { digest: digest('5'), tag: '7.3.3' },
      }),
      history: past,
    }),
    {
      service: 'production/ledger-export',
      history: [],
      trouble: {
        kind: 'denied',
        message: 'Your role may not ecs:DescribeServices on service/production/ledger-export.',
        since: at(0),
      },
    },
    of({
      service: 'production/tile-renderer',
      history: [large().record!, ...past],
      standing: standing({
        running: { ...standing().running!, tags: ['12.0.4'], runningCount: 200, desiredCount: 200 },
      }),
    }),
    of({
      service: `production/${LONG}`,
      history: [
        record({
          image: { digest: digest('6'), tag: HOSTILE },
          outcome: 'ROLLED_BACK',
          message: HOSTILE,
          endedAt: at(-500),
        }),
      ],
      standing: standing({ running: { ...standing().running!, tags: [LONG.slice(0, 128)] } }),
    }),
    of({ service: 'production/web', history: [] }),
  ];
}

/** Rollouts in full, by id. */
export function rollouts(): Map<string, RolloutDocument> {
  return new Map([withEvidence(), large()].map((document) => [document.rolloutId, document]));
}

/** The moment at which the fleet was read, milliseconds since the epoch. */
export const FLEET_NOW = DAY + READ_AT * 1000;
