import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import { useEnvironment } from '../aws/environment.ts';
import { useWire } from '../aws/wire.ts';
import { deployment, ledger, owner, revision, waiting } from '../rollout/given.ts';

useEnvironment();
const wire = useWire();
afterAll(() => void vi.restoreAllMocks());
beforeEach(() => void vi.spyOn(console, 'log').mockReturnValue());
// Each test has an instance of its own, which has found nothing yet.
beforeEach(() => void vi.resetModules());

const failed = verdict('failed', 'EssentialContainerExited', 'It crashed.');
const WATCHED = owner({ phase: waiting(), targets: [revision(2)] });
const JUDGED = owner({ phase: waiting({}, failed), targets: [revision(2)] });

const answer = (body: object) => [{ text: JSON.stringify(body) }];
const holding = (change: Partial<LedgerState>): void => {
  const Item = marshall(ledger(change), { removeUndefinedValues: true });
  wire.answers = { ...wire.answers, GetItem: answer({ Item }), SendTaskSuccess: answer({}) };
};

const stop = (number: number, before = 0): object => ({
  'detail-type': 'ECS Task State Change',
  detail: {
    startedBy: deployment(number),
    lastStatus: 'STOPPED',
    stopCode: 'EssentialContainerExited',
    stoppedAt: new Date(Date.now() - before).toISOString(),
  },
});

/** A new instance: what it asks of AWS for each of these events, one after the other. */
async function callsFor(events: readonly (() => object)[]): Promise<string[][]> {
  const { logger } = await import('../../../functions/aws/log.ts');
  for (const level of ['info', 'error'] as const) vi.spyOn(logger, level).mockReturnValue();
  const { handler } = await import('../../../functions/wake-rollout.ts');
  const calls: string[][] = [];
  for (const event of events) {
    wire.requests.length = 0;
    await handler(event()).catch(() => undefined);
    calls.push(wire.requests.map(({ operation }) => operation));
  }
  return calls;
}

it('reads once for many tasks that stopped before it read, while nobody watches', async () => {
  holding({});
  const before = stop(2, 50);
  expect(await callsFor([() => before, () => before, () => stop(2, 50_000), () => stop(2, -50)])).toEqual([
    ['GetItem'],
    [],
    [],
    ['GetItem'],
  ]);
});

it('reads once for tasks of before that nobody watches, and each time for those of what is watched', async () => {
  holding({ owner: WATCHED });
  wire.answers['DescribeServices'] = answer({ services: [] });
  wire.answers['PutItem'] = answer({});
  const [old, ours] = [stop(1, 50), stop(2, 50)];
  expect((await callsFor([() => old, () => old, () => ours])).map((calls) => calls.slice(0, 2))).toEqual([
    ['GetItem'],
    [],
    ['GetItem', 'DescribeServices'],
  ]);
});

it('answers a verdict once for the tasks that stopped before it was read', async () => {
  holding({ owner: JUDGED, tokens: { watch: 'token' } });
  const before = stop(2, 50);
  expect(await callsFor([() => before, () => before])).toEqual([['GetItem', 'SendTaskSuccess'], []]);
});

it('reads again for a task that stopped while what was read is told', async () => {
  holding({ owner: JUDGED, tokens: { watch: 'token' } });
  // Each look at the clock takes a second: reading and telling take some.
  let clock = Date.now();
  const spied = vi.spyOn(Date, 'now').mockImplementation(() => (clock += 1000));
  const beganAt = clock;
  const meanwhile = (): object => {
    const event = stop(2) as { detail: object };
    return { ...event, detail: { ...event.detail, stoppedAt: new Date((beganAt + clock) / 2).toISOString() } };
  };
  const read = ['GetItem', 'SendTaskSuccess'];
  expect(await callsFor([() => stop(2, 60_000), meanwhile])).toEqual([read, read]);
  spied.mockRestore();
});

it('reads and answers again as long as Step Functions has not taken the verdict', async () => {
  holding({ owner: JUDGED, tokens: { watch: 'token' } });
  wire.answers['SendTaskSuccess'] = [{ status: 400, text: JSON.stringify({ __type: 'AccessDeniedException' }) }];
  const before = stop(2, 50);
  const read = ['GetItem', 'SendTaskSuccess'];
  expect(await callsFor([() => before, () => before])).toEqual([read, read]);
});

/** A watch that goes on: ECS deploys, and the deadline is hours away. */
const underWay = (): void => {
  const deadline = Date.now() + 3_600_000;
  const phase = waiting({ deadline });
  holding({ owner: owner({ phase, targets: [revision(2)], deadline }), tokens: { watch: 'token' } });
  const primary = { id: deployment(2), status: 'PRIMARY', taskDefinition: revision(2), rolloutState: 'IN_PROGRESS' };
  const service = { status: 'ACTIVE', desiredCount: 2, runningCount: 0, pendingCount: 2, deployments: [primary] };
  wire.answers['DescribeServices'] = answer({ services: [service] });
  wire.answers['ListTasks'] = answer({ taskArns: [] });
  wire.answers['PutItem'] = answer({});
};

it.each([
  ['decided nothing', 120_000, 'wait'],
  ['is to be repeated', 50, 'again'],
])('looks for each task of what is watched while a look %s', async (_case, before, word) => {
  underWay();
  const { logger } = await import('../../../functions/aws/log.ts');
  const event = stop(2, before);
  const calls = await callsFor([() => event, () => event]);
  expect(calls.map((each) => each.slice(0, 2))).toEqual([
    ['GetItem', 'DescribeServices'],
    ['GetItem', 'DescribeServices'],
  ]);
  expect(vi.mocked(logger.info).mock.lastCall).toMatchObject(['verdict', { verdict: { word } }]);
});

it('asks nothing for a task that never ran because of trouble that passes', async () => {
  holding({ owner: WATCHED });
  const detail = {
    ...(stop(2) as { detail: object }).detail,
    stopCode: 'TaskFailedToStart',
    stoppedReason: 'CannotPullContainerError: dial tcp: i/o timeout',
    containers: [{ name: 'app' }],
  };
  expect(await callsFor([() => ({ ...stop(2), detail })])).toEqual([[]]);
});
