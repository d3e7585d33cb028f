import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { decisionsIn, statesIn } from '../../../cli/verbs/console/execution-told.ts';
import { chronicleOfRollout, type RolloutSeen } from '../../../cli/verbs/console/rollout-chronicle.ts';
import { troubleOf } from '../../../cli/verbs/console/trouble.ts';
import type { WatchedTask } from '../../../cli/verbs/console/watched-tasks.ts';
import { record } from '../../console/given-rollouts.ts';

const START = 1_800_000_000_000;
const moment = (seconds: number): Date => new Date(START + seconds * 1000);
const entered = (seconds: number, name: string, type = 'TaskStateEntered'): HistoryEvent =>
  ({ type, timestamp: moment(seconds), stateEnteredEventDetails: { name } }) as HistoryEvent;
const answered = (seconds: number, output: object): HistoryEvent =>
  ({
    type: 'TaskSucceeded',
    timestamp: moment(seconds),
    taskSucceededEventDetails: { output: JSON.stringify(output) },
  }) as HistoryEvent;

describe('an execution as its history tells it', () => {
  const events = [
    entered(0, 'AcceptIntent'),
    answered(0.3, {
      Payload: {
        word: 'roll',
        reason: 'Selected',
        message: 'Of arn:aws:ecs:us-east-1:123456789012:task-definition/api:3.',
      },
    }),
    entered(0.3, 'Decided?', 'ChoiceStateEntered'),
    entered(0.4, 'AwaitSteadyState'),
    answered(20, { word: 'wait' }),
    entered(20, 'AwaitSteadyState'),
    {
      type: 'TaskFailed',
      timestamp: moment(30),
      taskFailedEventDetails: { error: 'AwsUnavailable', cause: 'silent' },
    } as HistoryEvent,
    entered(30, 'RollBack'),
  ];
  it('is in a state until the next, waits in one however often it is entered, and is in no Choice', () => {
    expect(statesIn(events, START)).toEqual([
      { name: 'AcceptIntent', enteredAt: 0, leftAt: 0.4 },
      { name: 'AwaitSteadyState', enteredAt: 0.4, leftAt: 30 },
      { name: 'RollBack', enteredAt: 30 },
    ]);
    expect(
      statesIn([...events, { type: 'ExecutionAborted', timestamp: moment(40) } as HistoryEvent], START).at(-1),
    ).toEqual({ name: 'RollBack', enteredAt: 30, leftAt: 40 });
  });

  it('decided what its steps answered, with their errors, and names instead of ARNs', () => {
    expect(decisionsIn(events)).toEqual([
      { at: moment(0.3).toISOString(), state: 'AcceptIntent', word: 'roll', reason: 'Selected', message: 'Of api:3.' },
      { at: moment(30).toISOString(), state: 'AwaitSteadyState', word: 'AwsUnavailable', message: 'silent' },
    ]);
  });
});

describe('who made a deployment', () => {
  const OWN = 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:4';
  const OLD = 'arn:aws:ecs:us-east-1:123456789012:task-definition/api:3';
  const task = (startedBy: string, taskDefinitionArn: string, createdAt: number): WatchedTask => ({
    isGuessed: false,
    task: {
      taskArn: `arn:aws:ecs:us-east-1:123456789012:task/p/${startedBy}`,
      startedBy,
      taskDefinitionArn,
      createdAt: moment(createdAt),
      containers: [{ name: 'api', image: `r@sha256:${'a'.repeat(64)}` }],
    },
  });
  const seen = (tasks: readonly WatchedTask[], changes: Partial<RolloutSeen> = {}): RolloutSeen => ({
    service: 'p/api',
    rolloutId: 'r',
    startedAt: START,
    now: START + 100_000,
    image: '1.2.3',
    states: [
      { name: 'RollService', enteredAt: 1, leftAt: 2 },
      { name: 'RollBack', enteredAt: 50 },
    ],
    decisions: [],
    tasks,
    deployments: [],
    desiredCount: 2,
    nameOf: (digest) => digest.slice(7, 12),
    targets: [OWN],
    ...changes,
  });
  it.each([
    ['what began before it ran before', task('a', OWN, -5), 'before'],
    ['its own revision is its own', task('a', OWN, 5), 'rollout'],
    ['another revision is somebody else’s', task('a', OLD, 20), 'someone else'],
    ['what begins while it goes back is put back', task('a', OLD, 55), 'rollback'],
  ])('%s', (_, one, by) => {
    const chronicle = chronicleOfRollout(seen([one]));
    expect(chronicle.deployments).toMatchObject([{ id: 'a', by, image: 'aaaaa' }]);
    expect(chronicle.events.map(({ kind }) => kind)).toEqual(by === 'someone else' ? ['foreign'] : []);
  });

  it('another revision is ECS’s own way back where the record says so', () => {
    const ended = record({ outcome: 'ROLLED_BACK_BY_ECS', endedAt: moment(90).toISOString() });
    expect(chronicleOfRollout(seen([task('a', OLD, 20)], { record: ended })).deployments).toMatchObject([
      { by: 'ecs' },
    ]);
  });

  it('shows the tasks that were there meanwhile only', () => {
    const gone = { ...task('b', OLD, -500), task: { ...task('b', OLD, -500).task, stoppedAt: moment(-10) } };
    const later = task('c', OWN, 300);
    const ended = record({ endedAt: moment(90).toISOString() });
    const chronicle = chronicleOfRollout(seen([gone, later, task('d', OWN, 5)], { record: ended }));
    expect(chronicle.tasks.map(({ taskId }) => taskId)).toEqual(['d']);
  });
});

describe('trouble', () => {
  const thrown = (name: string, message: string, more: object = {}): Error =>
    Object.assign(new Error(message), { name, ...more });
  it.each([
    [thrown('ExpiredTokenException', 'x'), 'credentials', /^The AWS credentials have expired: get new ones/],
    [thrown('UnrecognizedClientException', 'x', { $metadata: {} }), 'credentials', /does not accept these credentials/],
    [
      thrown('AccessDeniedException', 'User: arn:x is not authorized to perform: ecs:ListTasks on resource: r'),
      'denied',
      /^arn:x may not ecs:ListTasks on r/,
    ],
    [thrown('TimeoutError', 'x'), 'silent', /does not answer/],
    [thrown('ResourceNotFoundException', 'x'), 'absent', /^rollouts-api is not deployed in us-east-1/],
    [new TypeError('a bug'), 'other', /^A bug\.$/],
  ])('%s is %s, in a sentence', (error, kind, message) => {
    expect(troubleOf(error, { stackName: 'rollouts-api', region: 'us-east-1' }, START)).toEqual({
      kind,
      message: expect.stringMatching(message) as string,
      since: moment(0).toISOString(),
    });
  });
});
