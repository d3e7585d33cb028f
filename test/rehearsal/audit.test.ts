import { describe, expect, it } from 'vitest';
import { EVERY_OUTCOME, OUTCOMES } from '../../functions/rollout/outcomes.ts';
import { audit, unexcused } from '../../rehearsal/audit/audit.ts';
import { leaseViolations } from '../../rehearsal/audit/ledger-rules.ts';
import { RULES, type Evidence, type Rule, type TrailEntry } from '../../rehearsal/audit/evidence.ts';
import { UNANNOUNCED } from '../../rehearsal/audit/record-rules.ts';
import type { TaskTruth } from '../../region/ecs/ecs.ts';
import type { OwnerView, LedgerView, RecordView } from '../../rehearsal/cell/ledger-view.ts';

const REPOSITORY = '123456789012.dkr.ecr.us-east-1.amazonaws.com/team/api';
const T0 = Date.UTC(2026, 0, 5, 9);
const at = (seconds: number): number => T0 + seconds * 1000;

/** Two rollouts as they should be: `one` succeeds and is proven, `two` is rolled back to it. */
const OWNER_ONE: OwnerView = {
  rolloutId: 'one',
  executionArn: 'execution:one',
  generation: 1,
  purpose: 'roll',
  phase: { name: 'preparing' },
  leaseUntil: at(600),
  deadline: at(1800),
  targets: [],
  rollbackTarget: { kind: 'revision', taskDefinition: 'api:1' },
  image: { digest: 'sha256:a' },
};
const OWNER_TWO: OwnerView = {
  ...OWNER_ONE,
  ...{ rolloutId: 'two', executionArn: 'execution:two', generation: 2 },
  ...{ leaseUntil: at(900), deadline: at(2100), image: { digest: 'sha256:b' } },
  rollbackTarget: { kind: 'revision', taskDefinition: 'api:2' },
};
const RECORD_ONE: RecordView = {
  rolloutId: 'one',
  executionArn: 'execution:one',
  outcome: 'SUCCEEDED',
  reason: 'EvidenceComplete',
  message: 'All tasks are healthy.',
  image: { digest: 'sha256:a' },
  taskDefinition: 'api:2',
  deploymentId: 'ecs-svc/2',
  startedAt: at(0),
  endedAt: at(100),
};
const RECORD_TWO: RecordView = {
  rolloutId: 'two',
  executionArn: 'execution:two',
  outcome: 'ROLLED_BACK',
  reason: 'ContainerExited',
  message: 'A container exited.',
  image: { digest: 'sha256:b' },
  taskDefinition: 'api:3',
  deploymentId: 'ecs-svc/3',
  startedAt: at(300),
  endedAt: at(500),
};
const LEDGER: LedgerView = { version: 1, updatedAt: at(0), verified: [], quarantine: [], outbox: [] };

function state(seconds: number, owner?: OwnerView, members: Partial<LedgerView> = {}): TrailEntry {
  return {
    kind: 'state',
    at: at(seconds),
    state: { ...LEDGER, updatedAt: at(seconds), ...(owner && { owner }), ...members },
  };
}
function register(seconds: number, rolloutId: string, taskDefinition: string): TrailEntry {
  return { kind: 'register', at: at(seconds), rolloutId, taskDefinition };
}
function copied(seconds: number, taskDefinition: string): Extract<TrailEntry, { kind: 'register' }> {
  const pinned = { copyOf: 'api:1', images: ['team/api@sha256:a', 'proxy:1'] };
  return { kind: 'register', at: at(seconds), rolloutId: undefined, taskDefinition, ...pinned };
}
function update(seconds: number, taskDefinition: string, isOurs = true): TrailEntry {
  return { kind: 'update', at: at(seconds), isOurs, taskDefinition };
}
function mutating(owner: OwnerView, seconds: number, target: string, members: Partial<OwnerView> = {}): TrailEntry {
  const targets = owner.rolloutId === 'two' && target === 'api:2' ? ['api:3', target] : [target];
  return state(seconds, { ...owner, phase: { name: 'mutating', since: at(seconds) }, targets, ...members });
}
function waiting(
  owner: OwnerView,
  seconds: number,
  kind: string,
  deadline: number,
  members: Partial<OwnerView> = {},
): TrailEntry {
  const watch = { kind, token: 'token', deploymentId: 'ecs-svc/1', deadline };
  return state(seconds, { ...owner, phase: { name: 'waiting', watch }, ...members });
}

/** The second rollout, which waits and has come so far. */
function progressing(
  seconds: number,
  deadline: number,
  progress: { readonly healthy: number; readonly old?: number },
): TrailEntry {
  const watch = { kind: 'steady', token: 'token', deploymentId: 'ecs-svc/1', deadline, progress };
  return state(seconds, { ...OWNER_TWO, phase: { name: 'waiting', watch }, targets: ['api:3'] });
}

/** The same watch, with a verdict. */
function judged(owner: OwnerView, seconds: number, word: string): TrailEntry {
  const watch = { kind: 'bake', token: 'token', deploymentId: 'ecs-svc/1', deadline: at(700) };
  return state(seconds, {
    ...owner,
    phase: { name: 'waiting', watch, verdict: { word, reason: 'Any' } },
    targets: ['api:2'],
  });
}

/** A task of the service, RUNNING and sound unless `members` say otherwise. */
function sound(seconds: number, id: string, imageDigest: string, members: Partial<TaskTruth> = {}): TrailEntry {
  const task: TaskTruth = {
    at: at(seconds),
    ...{ cluster: 'prod', service: 'api', desiredCount: 2, taskArn: `task/${id}` },
    ...{ deploymentId: 'ecs-svc/1', taskDefinition: 'api:2' },
    ...{ lastStatus: 'RUNNING', desiredStatus: 'RUNNING', isSound: true },
    containers: [{ name: 'api', imageDigest, isRunning: true, health: 'UNKNOWN' }],
    ...members,
  };
  return { kind: 'task', at: task.at, task };
}

function gone(seconds: number): TrailEntry {
  return sound(seconds, 'two', 'sha256:a', { lastStatus: 'STOPPED', isSound: false });
}

const BACK = { deadline: at(2200), targets: ['api:3', 'api:2'] };
const TRAIL = {
  one: [
    state(1, OWNER_ONE),
    register(2, 'one', 'api:2'),
    mutating(OWNER_ONE, 3, 'api:2'),
    update(4, 'api:2'),
    waiting(OWNER_ONE, 5, 'steady', at(1800), { targets: ['api:2'] }),
    sound(35, 'one', 'sha256:a'),
    sound(36, 'two', 'sha256:a'),
    waiting(OWNER_ONE, 40, 'bake', at(700), { targets: ['api:2'] }),
    judged(OWNER_ONE, 99, 'steady'),
    state(100, { ...OWNER_ONE, phase: { name: 'concluding' }, targets: ['api:2'] }, { outbox: [RECORD_ONE] }),
    { kind: 'record', at: at(101), record: RECORD_ONE },
    { kind: 'live-image', at: at(102), isOurs: true, image: `${REPOSITORY}@sha256:a` },
    state(103),
  ],
  two: [
    state(301, OWNER_TWO),
    register(302, 'two', 'api:3'),
    mutating(OWNER_TWO, 303, 'api:3'),
    update(304, 'api:3'),
    waiting(OWNER_TWO, 305, 'steady', at(2100), { targets: ['api:3'] }),
    mutating(OWNER_TWO, 400, 'api:2', BACK),
    update(401, 'api:2'),
    waiting(OWNER_TWO, 402, 'rollback', at(2200), BACK),
    state(500, { ...OWNER_TWO, ...BACK, phase: { name: 'concluding' } }, { outbox: [RECORD_TWO] }),
    { kind: 'record', at: at(501), record: RECORD_TWO },
    state(503),
  ],
} satisfies Record<string, TrailEntry[]>;

const EXECUTION = { status: 'FAILED', hasConcluded: true, hasBegunToConclude: true, isOwn: false };
const EXECUTION_ONE = { ...EXECUTION, rolloutId: 'one', status: 'SUCCEEDED', outcome: 'SUCCEEDED', stoppedAt: at(104) };
const EXECUTION_TWO = { ...EXECUTION, rolloutId: 'two', outcome: 'ROLLED_BACK', stoppedAt: at(504) };
const NOTIFIED_ONE = { rolloutId: 'one', outcome: 'SUCCEEDED', told: RECORD_ONE };
const NOTIFIED_TWO = { rolloutId: 'two', outcome: 'ROLLED_BACK', told: RECORD_TWO };

const CHANGES_ONE = changesOf(RECORD_ONE);
const CHANGES_TWO = changesOf(RECORD_TWO);

/** What is put on the bus of a rollout: its start, and its end. */
function changesOf(record: RecordView) {
  return [
    { ...record, state: 'STARTED', outcome: null, message: 'It is selected.' },
    { ...record, state: 'ENDED' },
  ] as const;
}

const SOUND: Evidence = {
  executions: [EXECUTION_ONE, EXECUTION_TWO],
  trail: [...TRAIL.one, ...TRAIL.two],
  before: { liveImage: 'none', rolloutIds: [] },
  ledger: LEDGER,
  records: [RECORD_ONE, RECORD_TWO],
  notifications: [NOTIFIED_ONE, NOTIFIED_TWO],
  stateChanges: [...CHANGES_ONE, ...CHANGES_TWO],
  liveImage: `${REPOSITORY}@sha256:a`,
  repositoryUri: REPOSITORY,
  children: {},
  containers: ['api'],
  service: {
    taskDefinition: 'api:2',
    images: [`${REPOSITORY}@sha256:a`],
    imageDigests: ['sha256:a'],
    rolloutState: 'COMPLETED',
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    deployments: 1,
    deployedAt: at(401),
  },
  refusals: [],
  deadLetters: [],
};
/** The world after the first of the two. */
const AFTER_ONE: Evidence = {
  ...SOUND,
  executions: [EXECUTION_ONE],
  trail: TRAIL.one,
  records: [RECORD_ONE],
  notifications: [NOTIFIED_ONE],
  stateChanges: CHANGES_ONE,
  service: { ...SOUND.service!, deployedAt: at(4) },
};

/** A world in which a third execution started at 600 s and is what `members` say. */
function withThird(members: Partial<Evidence['executions'][number]>, rest: Partial<Evidence> = {}): Evidence {
  const third = { ...EXECUTION, rolloutId: 'three', outcome: 'NO_CHANGE', stoppedAt: at(610), ...members };
  return { ...SOUND, ...rest, executions: [...SOUND.executions, third] };
}

/** Puts entries where they belong in time. */
function inserted(trail: readonly TrailEntry[], ...entries: TrailEntry[]): TrailEntry[] {
  return [...trail, ...entries].sort((one, other) => one.at - other.at);
}

/** The sound world, in which the second rollout waits like this. */
function waitingSo(...waits: TrailEntry[]): Evidence {
  return {
    ...SOUND,
    trail: inserted(
      SOUND.trail.filter(({ at: when }) => when !== at(305)),
      ...waits,
    ),
  };
}

/** The sound world with another truth about the second task. */
function withTruth(second: TrailEntry): Evidence {
  const rest = SOUND.trail.filter(
    (entry) => entry.kind !== 'task' || entry.task.taskArn !== 'task/two' || entry.at < second.at,
  );
  return { ...SOUND, trail: inserted(rest, second) };
}

const RECORD_THREE: RecordView = {
  ...RECORD_TWO,
  rolloutId: 'three',
  executionArn: 'execution:three',
  endedAt: at(605),
};
const OWNER_THREE: OwnerView = {
  ...OWNER_TWO,
  ...{ rolloutId: 'three', executionArn: 'execution:three', leaseUntil: at(1200), deadline: at(2400) },
};

interface Wrong {
  readonly name: string;
  readonly rule: Rule;
  readonly evidence: Evidence;
  readonly finds: RegExp;
}

const WRONG: readonly Wrong[] = [
  {
    name: 'a rollout that owned the service and left no record',
    rule: 'record',
    evidence: { ...SOUND, records: [RECORD_ONE], notifications: [NOTIFIED_ONE] },
    finds: /^Rollout two owned the service and ended ROLLED_BACK, without a record\.$/,
  },
  {
    name: 'a rollout that died while it owned the service, and that nobody closed',
    rule: 'record',
    evidence: withThird(
      { status: 'ABORTED', outcome: 'ABORTED', hasConcluded: false, hasBegunToConclude: false },
      { trail: inserted(SOUND.trail, state(600, OWNER_THREE)) },
    ),
    finds: /^Rollout three owned the service and ended ABORTED, without a record\.$/,
  },
  {
    name: 'a rollout that concluded without the service and left no record',
    rule: 'record',
    evidence: withThird({}),
    finds: /^Rollout three concluded and ended NO_CHANGE, without a record\.$/,
  },
  {
    name: 'a record of a rollout that decided nothing',
    rule: 'record',
    evidence: withThird(
      { outcome: 'AwsRefused', hasConcluded: false, hasBegunToConclude: false },
      { records: [...SOUND.records, { ...RECORD_THREE, outcome: 'SUPERSEDED' }] },
    ),
    finds: /^Rollout three never owned the service nor concluded, yet there is a record of it: SUPERSEDED\.$/,
  },
  {
    name: 'a record that says something else than the execution',
    rule: 'record',
    evidence: withThird({}, { records: [...SOUND.records, { ...RECORD_THREE, outcome: 'SUPERSEDED' }] }),
    finds: /^Rollout three ended NO_CHANGE, and its record says SUPERSEDED\.$/,
  },
  {
    name: 'a record of a rollout that never was',
    rule: 'record',
    evidence: { ...SOUND, records: [...SOUND.records, { ...RECORD_THREE, outcome: 'NO_CHANGE' }] },
    finds: /^There is a record of rollout three \(NO_CHANGE\), which never was\.$/,
  },
  {
    name: 'a record that was written again, and differently',
    rule: 'record',
    evidence: {
      ...SOUND,
      trail: inserted(SOUND.trail, { kind: 'record', at: at(502), record: { ...RECORD_TWO, endedAt: at(502) } }),
    },
    finds: /^The record of rollout two was written as ROLLED_BACK \(ContainerExited, .*08:20.*\) and then as .*08:22/,
  },
  {
    name: 'an outcome that nobody was told of',
    rule: 'notification',
    evidence: { ...SOUND, notifications: [NOTIFIED_ONE] },
    finds: /^Rollout two \(ROLLED_BACK\) was announced 0 times, not 1\.$/,
  },
  {
    name: 'an outcome that was told twice',
    rule: 'notification',
    evidence: { ...SOUND, notifications: [NOTIFIED_ONE, NOTIFIED_TWO, NOTIFIED_TWO] },
    finds: /^Rollout two \(ROLLED_BACK\) was announced 2 times, not 1\.$/,
  },
  {
    name: 'a stopped rollout that was told of beside its recovery',
    rule: 'notification',
    evidence: {
      ...SOUND,
      records: [{ ...RECORD_ONE, outcome: 'ABORTED', settledBy: 'two' }, RECORD_TWO],
      notifications: [
        { ...NOTIFIED_ONE, outcome: 'ABORTED', told: { ...RECORD_ONE, outcome: 'ABORTED' } },
        NOTIFIED_TWO,
      ],
    },
    finds: /^Rollout two \(ROLLED_BACK\) was announced 1 times, not 0\.$/,
  },
  {
    name: 'a stopped rollout that was told of though nobody could put things right',
    rule: 'notification',
    evidence: {
      ...SOUND,
      records: [
        { ...RECORD_ONE, outcome: 'ABORTED', settledBy: 'two' },
        { ...RECORD_TWO, outcome: 'FAILED_ROLLBACK' },
      ],
      notifications: [{ ...NOTIFIED_ONE, outcome: 'ABORTED', told: { ...RECORD_ONE, outcome: 'ABORTED' } }],
    },
    finds: /^Rollout one \(ABORTED\) was announced 1 times, not 0\.$/,
  },
  {
    name: 'an outcome that is nobody’s business',
    rule: 'notification',
    evidence: withThird(
      {},
      {
        records: [...SOUND.records, { ...RECORD_THREE, outcome: 'NO_CHANGE' }],
        notifications: [
          ...SOUND.notifications,
          { rolloutId: 'three', outcome: 'NO_CHANGE', told: { ...RECORD_THREE, outcome: 'NO_CHANGE' } },
        ],
      },
    ),
    finds: /^Rollout three \(NO_CHANGE\) was announced 1 times, not 0\.$/,
  },
  {
    name: 'a notification that says something else than the record',
    rule: 'notification',
    evidence: { ...SOUND, notifications: [NOTIFIED_ONE, { ...NOTIFIED_TWO, outcome: 'SUCCEEDED' }] },
    finds: /^Rollout two was announced as SUCCEEDED, unlike its record\.$/,
  },
  {
    name: 'a notification of a rollout that has no record',
    rule: 'notification',
    evidence: { ...SOUND, notifications: [...SOUND.notifications, { ...NOTIFIED_TWO, rolloutId: 'three' }] },
    finds: /^Rollout three was announced as ROLLED_BACK, unlike its record\.$/,
  },
  {
    name: 'a rollout of which no event tells',
    rule: 'event',
    evidence: { ...SOUND, stateChanges: [...CHANGES_ONE, CHANGES_TWO[0]] },
    finds: /^No event tells of rollout two \(ROLLED_BACK\)\.$/,
  },
  {
    name: 'an event that says something else than the record',
    rule: 'event',
    evidence: { ...SOUND, stateChanges: [...SOUND.stateChanges, { ...CHANGES_TWO[1], outcome: 'SUCCEEDED' }] },
    finds: /^An event tells of rollout two as SUCCEEDED, unlike its record\.$/,
  },
  {
    name: 'a rollout of whose start no event tells',
    rule: 'event',
    evidence: { ...SOUND, stateChanges: [...CHANGES_ONE, CHANGES_TWO[1]] },
    finds: /^No event tells that rollout two started\.$/,
  },
  {
    name: 'a start of what was never rolled',
    rule: 'event',
    evidence: { ...SOUND, stateChanges: [...SOUND.stateChanges, { ...CHANGES_TWO[0], taskDefinition: 'api:9' }] },
    finds: /^An event tells that rollout two rolls api:9: it does not\.$/,
  },
  {
    name: 'a second forward revision',
    rule: 'revision',
    evidence: { ...SOUND, trail: inserted(SOUND.trail, register(302.5, 'two', 'api:4')) },
    finds: /^Rollout two registered api:3, api:4: one is enough\.$/,
  },
  {
    name: 'a revision of a recovery',
    rule: 'revision',
    evidence: withThird(
      { outcome: 'ROLLED_BACK' },
      {
        records: [...SOUND.records, RECORD_THREE],
        notifications: [...SOUND.notifications, { ...NOTIFIED_TWO, rolloutId: 'three' }],
        trail: inserted(
          SOUND.trail,
          state(600, { ...OWNER_THREE, purpose: 'recover' }),
          register(601, 'three', 'api:4'),
          state(605, { ...OWNER_THREE, purpose: 'recover', phase: { name: 'concluding' } }),
          state(606),
        ),
      },
    ),
    finds: /^Rollout three registered api:4: a recovery registers none\.$/,
  },
  {
    name: 'a revision without the tag',
    rule: 'revision',
    evidence: {
      ...SOUND,
      trail: inserted(SOUND.trail, { kind: 'register', at: at(302.5), rolloutId: undefined, taskDefinition: 'api:4' }),
    },
    finds: /^api:4 was registered for no rollout, which never was\.$/,
  },
  {
    name: 'a second copy of one revision',
    rule: 'revision',
    evidence: { ...SOUND, trail: inserted(SOUND.trail, copied(302.5, 'api:4'), copied(302.6, 'api:5')) },
    finds: /^api:5 is a second copy of api:1 with the same images\.$/,
  },
  {
    name: 'a copy that pins nothing',
    rule: 'revision',
    evidence: { ...SOUND, trail: inserted(SOUND.trail, { ...copied(302.5, 'api:4'), images: ['team/api:live'] }) },
    finds: /^api:4, a copy of api:1, pins no image\.$/,
  },
  {
    name: 'a deadline that a step moved',
    rule: 'deadline',
    evidence: { ...SOUND, trail: inserted(SOUND.trail, mutating(OWNER_TWO, 303.5, 'api:3', { deadline: at(2103) })) },
    finds:
      /^The deadline of rollout two moved from 2026-01-05T09:35:00.000Z to 2026-01-05T09:35:03.000Z \(mutating\)\.$/,
  },
  {
    name: 'a rollback whose deadline a second attempt moved',
    rule: 'deadline',
    evidence: {
      ...SOUND,
      trail: inserted(SOUND.trail, mutating(OWNER_TWO, 430, 'api:2', { ...BACK, deadline: at(2230) })),
    },
    finds: /^The deadline of rollout two moved .*\(mutating\)\.$/,
  },
  {
    name: 'a watch that waits longer than the deadline',
    rule: 'deadline',
    evidence: {
      ...SOUND,
      trail: inserted(SOUND.trail, waiting(OWNER_TWO, 304.5, 'steady', at(2160), { targets: ['api:3'] })),
    },
    finds:
      /^Rollout two waits \(steady\) until 2026-01-05T09:36:00.000Z, and its deadline is 2026-01-05T09:35:00.000Z\.$/,
  },
  {
    name: 'a watch whose deadline moved although tasks only came and went',
    rule: 'deadline',
    evidence: waitingSo(
      progressing(304.5, at(1500), { healthy: 1, old: 1 }),
      progressing(304.6, at(1600), { healthy: 1, old: 1 }),
    ),
    finds:
      /^Rollout two waits \(steady\) until 2026-01-05T09:26:40.000Z, and its deadline is 2026-01-05T09:25:00.000Z\.$/,
  },
  {
    name: 'a watch whose deadline progress moved beyond the last one',
    rule: 'deadline',
    evidence: waitingSo(progressing(304.5, at(1500), { healthy: 1 }), progressing(304.6, at(2160), { healthy: 2 })),
    finds:
      /^Rollout two waits \(steady\) until 2026-01-05T09:36:00.000Z, and its deadline is 2026-01-05T09:35:00.000Z\.$/,
  },
  {
    name: 'a bake that begins anew',
    rule: 'deadline',
    evidence: {
      ...SOUND,
      trail: inserted(SOUND.trail, waiting(OWNER_ONE, 60, 'bake', at(720), { targets: ['api:2'] })),
    },
    finds:
      /^Rollout one waits \(bake\) until 2026-01-05T09:12:00.000Z, and its deadline is 2026-01-05T09:11:40.000Z\.$/,
  },
  {
    name: 'a service that is taken from an owner that lives',
    rule: 'lease',
    evidence: { ...SOUND, trail: inserted(SOUND.trail, state(60, OWNER_TWO)) },
    finds: /^Rollout one lost the service to two \(waiting\), though it ran and its lease had not run out\.$/,
  },
  {
    name: 'an owner that is dropped before it concluded',
    rule: 'lease',
    evidence: { ...SOUND, trail: inserted(SOUND.trail, state(60)) },
    finds: /^Rollout one lost the service to nobody \(waiting\), though it ran and its lease had not run out\.$/,
  },
  {
    name: 'a service that is taken over while a dead owner’s change may be in flight',
    rule: 'lease',
    evidence: {
      ...SOUND,
      executions: [EXECUTION_ONE, { ...EXECUTION_TWO, stoppedAt: at(303) }],
      trail: inserted(SOUND.trail, state(303.5, OWNER_THREE)),
    },
    finds: /^Rollout two lost the service to three \(mutating\), while it might still have changed the service\.$/,
  },
  {
    name: 'a change of the service that nobody announced',
    rule: 'lease',
    evidence: { ...SOUND, trail: inserted(SOUND.trail, update(200, 'api:2')) },
    finds: /^The service was changed to api:2 while nobody owned the service\.$/,
  },
  {
    name: 'a change of the service to another revision than the announced one',
    rule: 'lease',
    evidence: { ...SOUND, trail: inserted(SOUND.trail, update(303.5, 'api:1')) },
    finds: /^The service was changed to api:1 while rollout two was mutating\.$/,
  },
  {
    name: 'a live image that is not the one proven last',
    rule: 'live-image',
    evidence: { ...SOUND, liveImage: 'none' },
    finds: /^The live image is none, and the one that was proven last is .*@sha256:a\.$/,
  },
  {
    name: 'a live image that nothing has proven',
    rule: 'live-image',
    evidence: {
      ...SOUND,
      trail: inserted(SOUND.trail, { kind: 'live-image', at: at(502), isOurs: true, image: `${REPOSITORY}@sha256:b` }),
    },
    finds: /^The live image became .*@sha256:b, and what was proven last was .*@sha256:a\.$/,
  },
  {
    name: 'a live image in another account or Region',
    rule: 'live-image',
    evidence: { ...SOUND, repositoryUri: REPOSITORY.replace('us-east-1', 'eu-west-1') },
    finds: /^The live image became .*us-east-1.*, and what was proven last was .*eu-west-1.*\.$/,
  },
  {
    name: 'an outbox that is not empty',
    rule: 'outbox',
    evidence: { ...SOUND, ledger: { ...LEDGER, outbox: [RECORD_TWO] } },
    finds: /^The record of rollout two \(ROLLED_BACK\) still waits in the outbox\.$/,
  },
  {
    name: 'a service that is still owned',
    rule: 'owner',
    evidence: { ...SOUND, ledger: { ...LEDGER, owner: OWNER_TWO } },
    finds: /^Rollout two still owns the service \(preparing\), and no rollout runs\.$/,
  },
  {
    name: 'a place in the queue that nobody will take',
    rule: 'owner',
    evidence: { ...SOUND, ledger: { ...LEDGER, pending: { rolloutId: 'three', executionArn: 'execution:three' } } },
    finds: /^Rollout three still waits for the service, and no rollout runs\.$/,
  },
  {
    name: 'a success with another image on the tasks',
    rule: 'service',
    evidence: { ...AFTER_ONE, service: { ...AFTER_ONE.service!, imageDigests: ['sha256:a', 'sha256:x'] } },
    finds: /^Rollout one ended SUCCEEDED, but tasks run sha256:x, not sha256:a\.$/,
  },
  {
    name: 'a success on another revision',
    rule: 'service',
    evidence: { ...AFTER_ONE, service: { ...AFTER_ONE.service!, taskDefinition: 'api:1' } },
    finds: /^Rollout one ended SUCCEEDED, but the service is on api:1, not api:2\.$/,
  },
  {
    name: 'a success that is not steady',
    rule: 'service',
    evidence: { ...AFTER_ONE, service: { ...AFTER_ONE.service!, rolloutState: 'IN_PROGRESS', runningCount: 1 } },
    finds: /^Rollout one ended SUCCEEDED, but its deployment is IN_PROGRESS with 1 of 2 tasks\.$/,
  },
  {
    name: 'a rollback that put nothing back',
    rule: 'service',
    evidence: { ...SOUND, service: { ...SOUND.service!, taskDefinition: 'api:3' } },
    finds: /^Rollout two ended ROLLED_BACK, but the service is on api:3, not api:2\.$/,
  },
  {
    name: 'a launch that was not taken back',
    rule: 'service',
    evidence: {
      ...AFTER_ONE,
      executions: [{ ...EXECUTION_ONE, status: 'FAILED', outcome: 'FAILED_NO_ROLLBACK_TARGET' }],
      trail: [state(1, { ...OWNER_ONE, rollbackTarget: { kind: 'nothing', taskDefinition: 'api:1' } }), state(100)],
      records: [{ ...RECORD_ONE, outcome: 'FAILED_NO_ROLLBACK_TARGET' }],
    },
    finds: /^Rollout one ended FAILED_NO_ROLLBACK_TARGET, but the service wants 2 tasks, not none\.$/,
  },
  {
    name: 'a staged revision that runs',
    rule: 'service',
    evidence: { ...AFTER_ONE, records: [{ ...RECORD_ONE, outcome: 'STAGED' }] },
    finds: /^Rollout one ended STAGED, but the service wants 2 tasks, not none\.$/,
  },
  {
    name: 'a success of which one task ran another image',
    rule: 'truth',
    evidence: withTruth(sound(36, 'two', 'sha256:z')),
    finds:
      /^Rollout one ended SUCCEEDED, and of 2 tasks at most 1 truly ran sha256:a and were sound before its verdict\.$/,
  },
  {
    name: 'a success of which one task never came up',
    rule: 'truth',
    evidence: withTruth(sound(36, 'two', 'sha256:a', { lastStatus: 'PENDING', isSound: false })),
    finds: /at most 1 truly ran sha256:a/,
  },
  {
    name: 'a success by early criteria that do not let other images stay',
    rule: 'truth',
    evidence: withTruth(sound(36, 'two', 'sha256:z', { earlySuccess: { neededCount: 1, isDeferred: false } })),
    finds: /of 1 tasks at most 1 truly ran sha256:a/,
  },
  {
    name: 'a success by early criteria that ask for more',
    rule: 'truth',
    evidence: withTruth(sound(36, 'two', 'sha256:z', { earlySuccess: { neededCount: 2, isDeferred: true } })),
    finds: /of 2 tasks at most 1 truly ran sha256:a/,
  },
  {
    name: 'a success after a task had gone',
    rule: 'truth',
    evidence: withTruth(sound(60, 'two', 'sha256:a', { lastStatus: 'STOPPED', isSound: false })),
    finds: /at most 1 truly ran sha256:a/,
  },
  {
    name: 'a success of which a configured container was down',
    rule: 'truth',
    evidence: { ...SOUND, containers: ['api', 'side'] },
    finds: /at most 0 truly ran sha256:a/,
  },
  {
    name: 'a success that nobody judged',
    rule: 'truth',
    evidence: { ...SOUND, trail: SOUND.trail.filter((entry) => entry.at !== at(99)) },
    finds: /^Rollout one ended SUCCEEDED, and the ledger never held a verdict that says so\.$/,
  },
  {
    name: 'a permission that is missing',
    rule: 'permission',
    evidence: { ...SOUND, refusals: [{ role: 'Roll', action: 'ecs:UpdateService', resource: 'arn:api' }] },
    finds: /^Roll was refused ecs:UpdateService on arn:api; nobody took it away\.$/,
  },
  {
    name: 'an event that reached nobody',
    rule: 'dead-letter',
    evidence: { ...SOUND, deadLetters: ['no such function'] },
    finds: /^An event was not delivered: no such function$/,
  },
];

describe('the auditor', () => {
  it.each([
    ['of two rollouts', SOUND],
    ['of one', AFTER_ONE],
    [
      'of none',
      { ...AFTER_ONE, executions: [], trail: [], records: [], notifications: [], stateChanges: [], liveImage: 'none' },
    ],
    [
      'whose deadline progress moved',
      waitingSo(
        progressing(304.5, at(1500), { healthy: 1 }),
        progressing(304.6, at(1600), { healthy: 2 }),
        progressing(304.7, at(2100), { healthy: 2, old: 1 }),
      ),
    ],
  ])('finds nothing in a sound world %s', (_of, evidence) => {
    expect(audit(evidence)).toEqual([]);
  });

  it.each(WRONG)('finds $name', ({ rule, evidence, finds }) => {
    const [first] = audit(evidence).filter((violation) => violation.rule === rule);
    expect(first?.sentence).toMatch(finds);
  });

  it('was shown a world for every rule', () => {
    expect(new Set(WRONG.map(({ rule }) => rule))).toEqual(new Set(Object.keys(RULES)));
  });

  it('knows which outcomes are announced', () => {
    const silent = EVERY_OUTCOME.filter((outcome) => !OUTCOMES[outcome].isAnnounced);
    expect(UNANNOUNCED).toEqual(silent);
  });
});

describe('what the auditor lets pass', () => {
  const RUNNING = {
    status: 'RUNNING',
    outcome: 'RUNNING',
    hasConcluded: false,
    hasBegunToConclude: false,
    stoppedAt: undefined,
  };

  it('takes a change whose every attempt has ended without one for over', () => {
    const dead = (uncertain: number): Evidence => ({
      ...SOUND,
      executions: [EXECUTION_ONE, { ...EXECUTION_TWO, stoppedAt: at(303) }],
      trail: inserted(
        SOUND.trail,
        state(303.4, { ...OWNER_TWO, phase: { name: 'mutating', since: at(303), uncertain }, targets: ['api:3'] }),
        state(303.5, OWNER_THREE),
      ),
    });
    const early = /^Rollout two lost the service to three \(mutating\), while it might still have changed/;
    expect(leaseViolations(dead(1)).filter((sentence) => early.test(sentence))).toHaveLength(1);
    expect(leaseViolations(dead(0)).filter((sentence) => early.test(sentence))).toEqual([]);
  });

  it.each<[string, Evidence]>([
    [
      'a success by early criteria, with a task of before that goes later',
      withTruth(sound(36, 'two', 'sha256:z', { earlySuccess: { neededCount: 1, isDeferred: true } })),
    ],
    ['a task that went in the moment between the look and the verdict', withTruth(gone(98))],
    [
      'a task that is on its way out beside those that are wanted',
      withTruth(sound(98, 'old', 'sha256:z', { desiredStatus: 'STOPPED' })),
    ],
    [
      'a service that was scaled in, which only the task that went tells',
      {
        ...SOUND,
        trail: inserted(
          withTruth(sound(36, 'two', 'sha256:a', { desiredCount: 3 })).trail,
          sound(60, 'three', 'sha256:a', { lastStatus: 'STOPPED', isSound: false }),
        ),
      },
    ],
    ['one task more while ECS replaces another', { ...SOUND, service: { ...SOUND.service!, runningCount: 3 } }],
    ['a tick that had nothing to repair', withThird({ isOwn: true })],
    [
      'a service that is taken from an owner that stood still until somebody redrove it',
      {
        ...SOUND,
        executions: [EXECUTION_ONE, EXECUTION_TWO].map((one) => ({
          ...one,
          stoodStill: [{ from: at(59), until: at(500) }],
        })),
        trail: inserted(SOUND.trail, state(60, OWNER_TWO)),
      },
    ],
    [
      'what a rollout that runs has not done yet',
      withThird(RUNNING, {
        ledger: { ...LEDGER, owner: OWNER_THREE, outbox: [RECORD_THREE] },
        trail: inserted(SOUND.trail, state(600, OWNER_THREE)),
      }),
    ],
    [
      'a service that is taken over from the dead, or from one whose lease has run out',
      withThird(RUNNING, {
        executions: SOUND.executions,
        ledger: { ...LEDGER },
        trail: inserted(
          SOUND.trail,
          state(520, OWNER_ONE),
          state(530, OWNER_TWO),
          state(2000, OWNER_THREE),
          state(9000),
        ),
      }),
    ],
    [
      'what somebody else deployed after the last outcome',
      {
        ...AFTER_ONE,
        trail: inserted(AFTER_ONE.trail, update(200, 'api:9', false)),
        service: { ...AFTER_ONE.service!, taskDefinition: 'api:9', deployedAt: at(200) },
      },
    ],
    [
      'the children of an index',
      {
        ...AFTER_ONE,
        children: { 'sha256:a': ['sha256:amd64'] },
        service: { ...AFTER_ONE.service!, imageDigests: ['sha256:amd64'] },
      },
    ],
    ['a record that is written again as it was', { ...SOUND, trail: [...SOUND.trail, TRAIL.two[9]!] }],
    [
      'a history that is older than the world',
      {
        ...AFTER_ONE,
        executions: [],
        trail: [],
        notifications: [],
        stateChanges: [],
        before: { liveImage: `${REPOSITORY}@sha256:a`, rolloutIds: ['one'] },
      },
    ],
  ])('is %s', (_what, evidence) => {
    expect(audit(evidence)).toEqual([]);
  });
});

describe('excuses', () => {
  const VIOLATIONS = [
    { rule: 'outbox', sentence: 'A record waits.' },
    { rule: 'owner', sentence: 'A record waits.' },
  ] as const;

  it.each(['record waits', /^A record/])(
    'cover what matches %s of the rule that they name, and nothing else',
    (matcher) => {
      const violations = [...VIOLATIONS, { rule: 'outbox', sentence: 'Two wait.' }] as const;
      expect(unexcused(violations, [{ rule: 'outbox', matcher, reason: 'SNS is down' }])).toEqual([
        'owner: A record waits.',
        'outbox: Two wait.',
      ]);
    },
  );

  it('are violations themselves when nothing needs them', () => {
    const excuse = { rule: 'outbox', matcher: /^Two/, reason: 'SNS is down' } as const;
    expect(unexcused([VIOLATIONS[0]], [excuse])).toEqual([
      'outbox: A record waits.',
      'outbox: no violation matches /^Two/, yet it is excused (SNS is down).',
    ]);
  });
});
