import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ECSServiceException,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { SendTaskSuccessCommand, SFNClient, TaskTimedOut } from '@aws-sdk/client-sfn';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ecs as ecsClient, ledger as ledgerTable, sfn } from '../../../functions/aws/clients.ts';
import { settleWatch } from '../../../functions/steps/settle-watch.ts';
import { AGAIN } from '../../../functions/rollout/contradiction.ts';
import { waitingOf } from '../../../functions/rollout/lease.ts';
import type { LedgerState, Owner } from '../../../functions/rollout/ledger.ts';
import type { ServiceEvent } from '../../../functions/rollout/service-event.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import { deployment, digest, owner, ledger, MINUTE, NOW, revision, waiting, watch } from '../rollout/given.ts';
import { useEnvironment } from '../aws/environment.ts';

const ecs = mockClient(ECSClient);
const table = mockClient(DynamoDBClient);
const states = mockClient(SFNClient);
useEnvironment();
afterAll(() => {
  log.mockRestore();
  ecs.restore();
  table.restore();
  states.restore();
});
const log = vi.spyOn(console, 'log').mockImplementation(() => {});
const REACH = { ledger: ledgerTable, ecs: ecsClient, sfn };
const order: string[] = [];

const WAITING = owner({ phase: waiting(), targets: [revision(2)] });
const known = (owner: Owner): LedgerState => ledger({ owner });
const FAILED = verdict('failed', 'EssentialContainerExited', 'It crashed.');

beforeEach(() => {
  for (const mock of [ecs, table, states]) mock.reset();
  order.length = 0;
  log.mockClear();
  vi.useFakeTimers({ now: NOW });
  table.on(PutItemCommand).callsFake(() => (order.push('write'), {}));
  states.on(SendTaskSuccessCommand).callsFake(() => (order.push('answer'), {}));
});
afterEach(() => vi.useRealTimers());

/** ECS shows deployment 2 with this rollout state and one sound task. */
function shows(rolloutState: 'COMPLETED' | 'IN_PROGRESS'): void {
  const primary = {
    id: deployment(2),
    status: 'PRIMARY',
    taskDefinition: revision(2),
    rolloutState,
    desiredCount: 1,
    runningCount: 1,
    pendingCount: 0,
  };
  const counts = { desiredCount: 1, runningCount: 1, pendingCount: 0 };
  ecs.on(DescribeServicesCommand).resolves({ services: [{ status: 'ACTIVE', ...counts, deployments: [primary] }] });
  const containers = [{ name: 'app', lastStatus: 'RUNNING', imageDigest: digest('b') }];
  const task = { taskArn: 't', startedBy: deployment(2), lastStatus: 'RUNNING', desiredStatus: 'RUNNING', containers };
  ecs.on(ListTasksCommand).resolves({ taskArns: [] });
  ecs.on(ListTasksCommand, { desiredStatus: 'RUNNING' }).resolves({ taskArns: ['t'] });
  ecs.on(DescribeTasksCommand).resolves({ tasks: [{ ...task, taskDefinitionArn: revision(2) }] });
}

/** ECS answers nothing but this. */
function refuses(name: string, message: string): void {
  const fault = new ECSServiceException({ name, message, $fault: 'client', $metadata: {} });
  ecs.on(DescribeServicesCommand).rejects(fault);
}

const answered = (): unknown[] =>
  states.commandCalls(SendTaskSuccessCommand).map(({ args }) => ({
    token: args[0].input.taskToken,
    ...(JSON.parse(args[0].input.output!) as object),
  }));

describe('a look at a watched service', () => {
  it('writes the verdict first and answers the token then', async () => {
    shows('COMPLETED');
    const settled = await settleWatch(REACH, known(WAITING), WAITING, watch());
    expect(settled).toMatchObject({ word: 'steady', at: NOW });
    expect(order).toEqual(['write', 'answer']);
    expect(answered()).toMatchObject([{ token: 'token-1', word: 'steady' }]);
    const item = table.commandCalls(PutItemCommand)[0]!.args[0].input.Item!;
    expect(waitingOf((unmarshall(item) as LedgerState).owner)?.verdict).toMatchObject({ word: 'steady' });
  });

  it('writes and answers nothing while nothing is decided', async () => {
    shows('IN_PROGRESS');
    expect(await settleWatch(REACH, known(WAITING), WAITING, watch())).toMatchObject({ word: 'wait' });
    expect(order).toEqual([]);
  });

  it('counts the tasks that run and that are wanted, but not where ECS does not tell', async () => {
    shows('IN_PROGRESS');
    await settleWatch(REACH, known(WAITING), WAITING, watch());
    const told = log.mock.calls.map(([line]) => JSON.parse(String(line)) as Record<string, unknown>);
    expect(told).toMatchObject([{ Service: 'default/web', RunningTasks: 1, DesiredTasks: 1 }]);
    expect(told[0]).toHaveProperty('_aws.Timestamp', NOW);
    log.mockClear();
    ecs.on(DescribeServicesCommand).resolves({ services: [{ status: 'ACTIVE', runningCount: 1, deployments: [] }] });
    await settleWatch(REACH, known(WAITING), WAITING, watch());
    expect(log.mock.calls).toEqual([]);
  });

  it('answers an earlier verdict again, whose answer was lost, without a look', async () => {
    const judged = { ...WAITING, phase: waiting({}, FAILED) };
    expect(await settleWatch(REACH, known(judged), judged, watch())).toEqual(FAILED);
    expect(order).toEqual(['answer']);
    expect(ecs.calls()).toHaveLength(0);
  });

  it('answers with the verdict of whoever was faster', async () => {
    shows('COMPLETED');
    loseTheRaceTo({ ...WAITING, phase: waiting({}, FAILED) });
    expect(await settleWatch(REACH, known(WAITING), WAITING, watch())).toEqual(FAILED);
    expect(answered()).toMatchObject([{ token: 'token-1', word: 'failed' }]);
  });

  it('answers nobody when the watch is over by now', async () => {
    shows('COMPLETED');
    loseTheRaceTo(WAITING, 'token-2');
    await settleWatch(REACH, known(WAITING), WAITING, watch());
    expect(answered()).toEqual([]);
  });

  it('is over without an error when the step has timed out', async () => {
    shows('COMPLETED');
    states.on(SendTaskSuccessCommand).rejects(new TaskTimedOut({ message: 'x', $metadata: {} }));
    expect(await settleWatch(REACH, known(WAITING), WAITING, watch())).toMatchObject({ word: 'steady' });
  });

  it('that AWS does not allow for a while is repeated until the deadline, and then told as what it is', async () => {
    refuses('ThrottlingException', 'Rate exceeded');
    await expect(settleWatch(REACH, known(WAITING), WAITING, watch())).rejects.toThrow('Rate exceeded');
    expect(answered()).toEqual([]);
    vi.setSystemTime(watch().deadline);
    expect(await settleWatch(REACH, known(WAITING), WAITING, watch())).toMatchObject({
      word: 'failed',
      reason: 'NobodyCouldLook',
      message: 'Nobody could look at the service by the deadline: ThrottlingException: Rate exceeded',
    });
    expect(answered()).toMatchObject([{ word: 'failed' }]);
  });

  it('writes progress once, and answers nobody', async () => {
    shows('IN_PROGRESS');
    const slow = watch({ progressSeconds: 600, deadline: NOW + MINUTE });
    const before = owner({ ...WAITING, phase: { name: 'waiting', watch: slow } });
    expect(await settleWatch(REACH, known(before), before, slow)).toMatchObject({ word: 'wait' });
    expect(order).toEqual(['write']);
    vi.setSystemTime(NOW + 2 * MINUTE);
    const { owner: after } = unmarshall(table.commandCalls(PutItemCommand)[0]!.args[0].input.Item!) as LedgerState;
    const written = waitingOf(after)!.watch;
    expect(written).toMatchObject({ progress: { healthy: 1 }, deadline: NOW + 10 * MINUTE });
    await settleWatch(REACH, known(after!), after!, written);
    expect(order).toEqual(['write']);
  });

  it('counts progress before it judges: what was made since the look before is not lost', async () => {
    shows('IN_PROGRESS');
    const due = watch({ progressSeconds: 600, deadline: NOW - MINUTE });
    const late = owner({ ...WAITING, phase: { name: 'waiting', watch: due } });
    expect(await settleWatch(REACH, known(late), late, due)).toMatchObject({ word: 'wait' });
  });

  it('that AWS does not allow says nothing of progress: only the last deadline ends it', async () => {
    refuses('ThrottlingException', 'Rate exceeded');
    const due = watch({ progressSeconds: 600, deadline: NOW - MINUTE });
    const late = owner({ ...WAITING, phase: { name: 'waiting', watch: due } });
    await expect(settleWatch(REACH, known(late), late, due)).rejects.toThrow('Rate exceeded');
    vi.setSystemTime(late.deadline);
    expect(await settleWatch(REACH, known(late), late, due)).toMatchObject({ reason: 'NobodyCouldLook' });
  });

  it.each([
    ['a way back has as long again as it may take to get on', 'rollback', 9 * MINUTE],
    ['a bake has no longer than its own deadline', 'bake', -MINUTE],
  ] as const)('that AWS does not allow is the last one when it is too late: %s', async (_case, kind, last) => {
    refuses('ThrottlingException', 'Rate exceeded');
    const due = watch({ kind, progressSeconds: 600, deadline: NOW - MINUTE, until: kind === 'bake' ? NOW : undefined });
    const late = owner({ ...WAITING, deadline: NOW - 2 * MINUTE, phase: { name: 'waiting', watch: due } });
    const state = { ...known(late), updatedAt: NOW - 3 * MINUTE };
    vi.setSystemTime(NOW + last - 1);
    await expect(settleWatch(REACH, state, late, due)).rejects.toThrow('Rate exceeded');
    vi.setSystemTime(NOW + last);
    expect(await settleWatch(REACH, state, late, due)).toMatchObject({ reason: 'NobodyCouldLook' });
  });

  it('does not look for healthy tasks while that would gain nothing', async () => {
    shows('IN_PROGRESS');
    const fresh = watch({ progressSeconds: 600, deadline: NOW + 10 * MINUTE });
    const begun = owner({ ...WAITING, phase: { name: 'waiting', watch: fresh } });
    expect(await settleWatch(REACH, known(begun), begun, fresh)).toMatchObject({ word: 'wait' });
    const lists = ecs.commandCalls(ListTasksCommand).map(({ args }) => args[0].input.desiredStatus);
    expect(lists).toEqual(['STOPPED']);
    expect(order).toEqual([]);
  });

  it.each([
    ['and as many run as it needs', ['t'], ['RUNNING']],
    ['though none runs', [], ['RUNNING', 'STOPPED']],
  ])('asks what has stopped of a deployment that claims to be completed, %s', async (_, taskArns, wanted) => {
    shows('COMPLETED');
    ecs.on(ListTasksCommand, { desiredStatus: 'RUNNING' }).resolves({ taskArns });
    await settleWatch(REACH, known(WAITING), WAITING, watch());
    expect(ecs.commandCalls(ListTasksCommand).map(({ args }) => args[0].input.desiredStatus)).toEqual(wanted);
  });

  it('that AWS refuses for good to the function of an event is no verdict, not even after the deadline', async () => {
    refuses('AccessDeniedException', 'No.');
    vi.setSystemTime(watch().deadline);
    await expect(settleWatch(REACH, known(WAITING), WAITING, watch())).rejects.toThrow('No.');
    expect(answered()).toEqual([]);
  });

  it('that AWS refuses for good to the function of the step is a verdict at once, since nobody believes a failure', async () => {
    refuses('AccessDeniedException', 'No.');
    expect(await settleWatch({ ...REACH, isStep: true }, known(WAITING), WAITING, watch())).toMatchObject({
      word: 'failed',
      reason: 'NobodyMayLook',
      message: 'AWS refuses every look at the service: AccessDeniedException: No.',
    });
    expect(order).toEqual(['write', 'answer']);
    const item = table.commandCalls(PutItemCommand)[0]!.args[0].input.Item!;
    expect((unmarshall(item) as LedgerState).quarantine).toEqual([]);
  });

  it.each([
    ['from the event to the verdict', NOW - 800, 0.8],
    ['never below zero', NOW + 5000, 0],
  ])('measures the detection lag %s', async (_case, eventAt, lag) => {
    shows('COMPLETED');
    await settleWatch(REACH, known(WAITING), WAITING, watch(), completed(eventAt));
    expect(answered()).toMatchObject([{ detectionLagSeconds: lag }]);
  });

  it('claims no detection lag where no event woke it', async () => {
    shows('COMPLETED');
    await settleWatch(REACH, known(WAITING), WAITING, watch());
    expect(answered()[0]).not.toHaveProperty('detectionLagSeconds');
  });

  it('knows the revision that is taken back from a foreign one', async () => {
    shows('COMPLETED');
    const back = watch({ kind: 'rollback', taskDefinition: revision(1), deploymentId: deployment(3) });
    const going = { ...WAITING, phase: { name: 'waiting', watch: back } as const, targets: [revision(2), revision(1)] };
    expect(await settleWatch(REACH, known(going), going, back)).toMatchObject({ word: 'wait' });
    const foreign = { ...going, targets: [revision(1)] };
    expect(await settleWatch(REACH, known(foreign), foreign, back)).toMatchObject({ word: 'foreign' });
  });

  it('judges by the time of the ledger when its own clock is behind', async () => {
    shows('IN_PROGRESS');
    const late = watch({ deadline: NOW + MINUTE });
    const state = { ...known({ ...WAITING, phase: { name: 'waiting', watch: late } }), updatedAt: NOW + MINUTE };
    expect(await settleWatch(REACH, state, WAITING, late)).toMatchObject({
      word: 'failed',
      reason: 'DeadlineExceeded',
    });
  });
});

describe('a look that an event contradicts', () => {
  const doubting = (looks: number): Owner => ({
    ...WAITING,
    phase: { name: 'waiting', watch: watch(), doubt: { event: completed(NOW), looks } },
  });

  it('is counted first, and then told to be repeated, without a verdict', async () => {
    shows('IN_PROGRESS');
    const settled = await settleWatch(REACH, known(WAITING), WAITING, watch(), completed(NOW - 50));
    expect(settled).toEqual(AGAIN);
    expect(order).toEqual(['write', 'answer']);
    expect(answered()).toEqual([{ token: 'token-1', ...AGAIN }]);
    expect(written()).toMatchObject({ doubt: { event: completed(NOW - 50), looks: 1 } });
    expect(written()).not.toHaveProperty('verdict');
  });

  it('is held against the same event when it is repeated, three times in all', async () => {
    shows('IN_PROGRESS');
    expect(await settleWatch(REACH, known(doubting(2)), doubting(2), watch())).toEqual(AGAIN);
    expect(written()).toMatchObject({ doubt: { looks: 3 } });
    expect(await settleWatch(REACH, known(doubting(3)), doubting(3), watch())).toMatchObject({ word: 'wait' });
    expect(answered()).toHaveLength(1);
  });

  it('is told once more to the same token, and counted once, when the event comes twice or its answer was lost', async () => {
    shows('IN_PROGRESS');
    const doubt = { event: completed(NOW), looks: 3 };
    const told: Owner = { ...WAITING, phase: { name: 'waiting', watch: watch(), doubt } };
    const state = { ...known(told), tokens: { watch: 'token-1', doubted: 'token-1' } };
    expect(await settleWatch(REACH, state, told, watch(), completed(NOW))).toEqual(AGAIN);
    expect(order).toEqual(['answer']);
  });

  it('has its lag measured from the event once it shows what that said', async () => {
    shows('COMPLETED');
    vi.setSystemTime(NOW + 5200);
    expect(await settleWatch(REACH, known(doubting(1)), doubting(1), watch())).toMatchObject({ word: 'steady' });
    expect(answered()).toMatchObject([{ word: 'steady', detectionLagSeconds: 5.2 }]);
  });

  it('has no lag where the event said something else', async () => {
    shows('COMPLETED');
    vi.setSystemTime(NOW + 20 * MINUTE);
    const stopped: ServiceEvent = { kind: 'task', deploymentId: deployment(2), at: NOW, says: 'stopped', taskArn: 'x' };
    const before: Owner = {
      ...WAITING,
      phase: { name: 'waiting', watch: watch(), doubt: { event: stopped, looks: 1 } },
    };
    const judged = await settleWatch(REACH, known(before), before, watch());
    expect([judged.word, judged.detectionLagSeconds]).toEqual(['steady', undefined]);
  });

  it('stays in doubt whatever another event says of something else', async () => {
    shows('COMPLETED');
    const event = { kind: 'task', deploymentId: deployment(2), at: NOW, taskArn: 't' } as const;
    const doubt = { event: { ...event, says: 'stopped' } as const, looks: 1 };
    const before: Owner = { ...WAITING, phase: { name: 'waiting', watch: watch(), doubt } };
    const other = { ...event, at: NOW + 1, says: undefined, taskArn: 'other' };
    expect(await settleWatch(REACH, known(before), before, watch(), other)).toEqual(AGAIN);
    expect(written()).toMatchObject({ doubt: { event: { taskArn: 't' }, looks: 2 } });
    expect(written()).not.toHaveProperty('verdict');
  });

  it.each([
    ['another has judged meanwhile', waiting({}, FAILED), 'token-1'],
    ['the watch is over', waiting(), 'token-2'],
  ])('is told to nobody when %s', async (_case, phase, token) => {
    shows('IN_PROGRESS');
    loseTheRaceTo({ ...WAITING, phase }, token);
    const settled = await settleWatch(REACH, known(WAITING), WAITING, watch(), completed(NOW));
    expect(settled).toMatchObject({ word: 'wait' });
    expect(answered()).toEqual([]);
  });
});

/** What was written last of the phase. */
function written(): Owner['phase'] | undefined {
  const item = table.commandCalls(PutItemCommand).at(-1)!.args[0].input.Item!;
  return (unmarshall(item) as LedgerState).owner?.phase;
}

/** ECS says that deployment 2 is COMPLETED. */
function completed(at: number): ServiceEvent {
  return { kind: 'deployment', deploymentId: deployment(2), at, says: 'completed' };
}

/** Another writer is faster, and leaves this owner. */
function loseTheRaceTo(faster: Owner, token = 'token-1'): void {
  const Item = marshall(
    { service: 'default/web', entry: 'state', ...known(faster), tokens: { watch: token }, version: 8 },
    { removeUndefinedValues: true },
  ) as Record<string, never>;
  table.on(PutItemCommand).rejectsOnce(new ConditionalCheckFailedException({ message: 'x', $metadata: {} }));
  table.on(GetItemCommand).resolves({ Item });
}
