import { expect, it } from 'vitest';
import type { RolloutRecord } from '../../functions/rollout/ledger.ts';
import type { World } from '../../rehearsal/world.ts';
import { proveAnImage } from './proven-image.ts';
import { once, setting } from './setting.ts';

const GROUP = '/ecs/api';
const openWorld = setting({ logGroup: GROUP });
const CRASH = { behaviour: 'crash', afterSeconds: 5 } as const;
const LAST_WORDS = ['connecting to the database', 'Error: connection refused'];

async function lastRecord(world: World): Promise<RolloutRecord> {
  return (await world.history()).at(-1) as unknown as RolloutRecord;
}

/** Pushes an image that fails and says this; answers the record of its rollout, and what it told. */
async function fail(world: World, says = LAST_WORDS) {
  const digest = await world.push({ ...CRASH, says });
  const { outcome, path } = await world.untilRolloutEnds();
  const record = await lastRecord(world);
  expect(record.image!.digest).toBe(digest);
  return { outcome, path, record, task: record.failedTasks![0]!, told: JSON.stringify(world.notifications().at(-1)) };
}

it('the record keeps what a failed container wrote last, and the notification does not', async () => {
  const world = await openWorld();
  const good = await proveAnImage(world);
  const { outcome, path, record, task, told } = await fail(world);
  expect(outcome).toBe('ROLLED_BACK');
  expect(once(path).slice(-4)).toEqual(['AwaitRollback', 'Conclude', 'Ended well?', 'Failed']);
  expect(record.failedTasks).toEqual([
    expect.objectContaining({ container: 'api', exitCode: 1, logLines: LAST_WORDS }) as object,
  ]);
  expect(Object.keys(task)).not.toContain('logNote');
  expect(told).toContain(task.taskArn);
  expect(told).not.toContain('connection refused');
  expect((await world.service()).imageDigests).toEqual([good]);
});

it('the notification has as many of the last lines as are configured', async () => {
  const world = await setting({ logGroup: GROUP, notify: { logLines: 1 } })();
  await proveAnImage(world);
  const { task, told } = await fail(world);
  expect(task.logLines).toEqual(LAST_WORDS);
  expect(told).toContain('Error: connection refused');
  expect(told).not.toContain('connecting to the database');
});

it('lines that would steer a terminal or read backwards only say something', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  const { task } = await fail(world, [
    '\u001b[2J\u001b[31mred\u001b[0m',
    'user\u202egpj.exe',
    ...Array(40).fill('x'.repeat(300)),
  ]);
  expect(task.logLines).toHaveLength(13);
  expect(await fail(world, ['\u001b[2J\u001b[31mred\u001b[0m', 'user\u202egpj.exe'])).toMatchObject({
    task: { logLines: ['red', 'user gpj.exe'] },
  });
});

it('of a service that the stacks provision the log is known without being named', async () => {
  const world = await setting({ provision: { port: 8000, desiredCount: 1 } })();
  await world.push();
  expect((await world.untilRolloutEnds()).outcome).toBe('SUCCEEDED');
  await world.untilIdle();
  expect((await fail(world)).task).toMatchObject({ logLines: LAST_WORDS });
});

it('of a service whose log group is not named the record has the command that reads it', async () => {
  const world = await setting()();
  await proveAnImage(world);
  const { task } = await fail(world);
  const id = task.taskArn.split('/').at(-1);
  expect(task).toMatchObject({
    logNote: 'The log group is not one that rollouts may read: name it as logGroup in the configuration.',
    logCommand: `aws logs get-log-events --region us-east-1 --log-group-name /ecs/api --log-stream-name ecs/api/${id} --limit 20 --query 'events[].message' --output text`,
  });
  expect(task).not.toHaveProperty('logLines');
  expect(world.region.iam.asked.filter(({ action }) => action === 'logs:GetLogEvents')).toEqual([]);
});

it('of a task that never started nobody looks for a log', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  await world.push({ behaviour: 'unpullable' });
  await world.untilRolloutEnds();
  const [task] = (await lastRecord(world)).failedTasks!;
  expect(task).toMatchObject({ stopCode: 'TaskFailedToStart' });
  expect(Object.keys(task!).filter((key) => key.startsWith('log'))).toEqual([]);
});

it('of a container that has written nothing that can be read by then the record says so', async () => {
  const world = await openWorld();
  await proveAnImage(world);
  await world.push(CRASH);
  await world.untilRolloutEnds();
  expect((await lastRecord(world)).failedTasks).toMatchObject([
    {
      logNote: 'CloudWatch Logs had no line of it by then.',
      logCommand: expect.stringContaining('aws logs') as string,
    },
  ]);
});

interface Trouble {
  readonly name: string;
  readonly begin: (world: World) => void;
  readonly logNote: RegExp;
}

const match = { service: 'logs', operation: 'GetLogEvents' } as const;
const TROUBLES: readonly Trouble[] = [
  {
    name: 'is denied',
    begin: (world) => world.removePermission({ role: 'Conclude', action: 'logs:GetLogEvents' }),
    logNote: /^CloudWatch Logs did not show it: AccessDeniedException: .* logs:GetLogEvents/,
  },
  {
    name: 'is throttled',
    begin: ({ region }) =>
      void region.faults.start({ at: 'call', match, does: { kind: 'error', error: 'throttling', isApplied: false } }),
    logNote: /^CloudWatch Logs did not (show it: ThrottlingException|answer within 2 seconds)/,
  },
  {
    name: 'is never answered',
    begin: ({ region }) =>
      void region.faults.start({ at: 'call', match, does: { kind: 'lost', connection: 'silent', isApplied: false } }),
    logNote: /^CloudWatch Logs did not answer within 2 seconds\.$/,
  },
  {
    name: 'finds no group',
    begin: ({ region }) => void region.deleters['AWS::Logs::LogGroup']!({ current: { ref: GROUP } } as never),
    logNote: /^CloudWatch Logs has no such log group or stream\.$/,
  },
];

it.each(TROUBLES)(
  'where the reading $name, the rollout ends as it would, with a sentence',
  async ({ begin, logNote }) => {
    const world = await openWorld();
    const good = await proveAnImage(world);
    let concludesAt = 0;
    world.region.states.onStateEntered(({ state }) => {
      if (state !== 'Conclude') return;
      concludesAt = world.seconds;
      begin(world);
    });
    await world.push({ ...CRASH, says: LAST_WORDS });
    const { outcome, path } = await world.untilRolloutEnds();
    expect([outcome, path.filter((state) => state === 'Conclude')]).toEqual(['ROLLED_BACK', ['Conclude']]);
    expect(world.seconds - concludesAt).toBeLessThan(5);
    const [task] = (await lastRecord(world)).failedTasks!;
    expect(task!.logNote).toMatch(logNote);
    expect(task!.logCommand).toContain('aws logs get-log-events');
    expect((await world.service()).imageDigests).toEqual([good]);
  },
);
