import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { copyOf, neverChanges } from '../../region/deep-copy.ts';
import { createRegion, type Region } from '../../region/region.ts';

const RULE = { ScheduleExpression: 'rate(1 minute)', State: 'ENABLED', Targets: [] };

it('copies plain data deeply, with what is shared shared and what refers to itself', () => {
  const shared = { at: new Date(5), bytes: new Uint8Array([1, 2]) };
  const large = neverChanges({ text: 'a' });
  const data = {
    large,
    map: new Map([['a', new Set([1])]]),
    list: [shared, shared],
    nothing: undefined,
    self: {} as object,
  };
  data.self = data;
  const copy = copyOf(data);
  expect(copy).toEqual(data);
  expect(copy.self).toBe(copy);
  expect(copy.large).toBe(large);
  expect(copy.list[0]).toBe(copy.list[1]);
  copy.list[0]!.bytes[0] = 9;
  copy.map.get('a')!.add(2);
  expect(shared.bytes[0]).toBe(1);
  expect(data.map.get('a')!.size).toBe(1);
});

it('copies times as times, and no copy moves the original', () => {
  const data = { at: new Date(5), list: [new Date(7)] };
  const copy = copyOf(data);
  copy.at.setTime(9);
  copy.list[0]!.setTime(9);
  expect([copy.at.getTime(), data.at.getTime(), data.list[0]!.getTime()]).toEqual([9, 5, 7]);
});

it('lets a region begin with the calls of another one, counted on from there', async () => {
  const first = createRegion();
  await sent(first);
  const copy = first.copy();
  const second = createRegion({ from: copy });
  expect(second.calls).toEqual(first.calls);
  expect(second.calls.map(({ operation }) => operation)).toEqual(['DescribeRepositories']);
  expect(second.counters).toEqual(first.counters);

  const sequences: number[] = [];
  second.onPark(({ sequence }) => {
    sequences.push(sequence);
    return 'proceed';
  });
  await sent(second);
  expect(sequences).toEqual([2, 2]);
  expect([first, second].map(({ counters }) => counters.wireCalls)).toEqual([1, 2]);
  expect([first, second, copy].map(({ calls }) => calls.length)).toEqual([1, 2, 1]);
});

it('lets a region begin with the assets of another one, and none that come later reach the other', async () => {
  const assets = mkdtempSync(join(tmpdir(), 'region-copy-'));
  writeFileSync(join(assets, 'index.js'), "exports.handler = async () => 'it ran';");
  const first = createRegion();
  first.registerAsset('code.zip', assets);
  const second = createRegion({ from: first.copy() });
  const third = createRegion({ from: second.copy() });
  second.registerAsset('code.zip', join(assets, 'nowhere'));
  for (const region of [first, third]) expect(await ranIn(region)).toMatchObject({ payload: 'it ran' });
  expect(await ranIn(second)).toMatchObject({ error: 'Runtime.ImportModuleError' });
});

it('lets a region begin where another one was, with its ticks due when they were, and neither changes the other', async () => {
  const first = createRegion();
  await first.resources['AWS::Events::Rule']!('Rule', RULE, 'stack');
  first.ecr.createRepository({ repositoryName: 'api' });
  await first.kernel.runFor(90_000);
  const second = createRegion({ from: first.copy(), seed: 2 });
  expect(second.kernel.now).toBe(first.kernel.now);
  expect(second.kernel.scheduled).toEqual(first.kernel.scheduled);

  const ticks: number[] = [];
  second.events.setDelivery(() => {
    ticks.push(second.kernel.now);
    return 'never';
  });
  second.ecr.createRepository({ repositoryName: 'web' });
  await second.kernel.runFor(60_000);
  expect(ticks).toEqual([first.kernel.now + 30_000]);
  const named = { repositoryNames: ['web'] };
  await expect(first.call({ kind: 'operator' }, 'ecr', 'DescribeRepositories', named)).rejects.toThrow(/web/);
});

it('draws after a new seed what a region draws that begins with a copy', async () => {
  const first = createRegion({ seed: 1 });
  first.kernel.random.next();
  const second = createRegion({ from: first.copy(), seed: 7 });
  first.reseed(7);
  expect(first.kernel.random.hex(16)).toBe(second.kernel.random.hex(16));
  expect(first.faults.state).toEqual(second.faults.state);
});

it('refuses to be copied while anything runs, goes wrong, or is scheduled that no state tells of', () => {
  const region = createRegion();
  region.kernel.after(1_000, 'timer', 'something of a test', () => undefined);
  expect(() => region.copy()).toThrow('only be copied at rest: "something of a test" is scheduled');
  const running = createRegion();
  running.kernel.track({ label: 'lambda web', isSettled: () => true });
  expect(() => running.copy()).toThrow('only be copied at rest: lambda web is running');
  const faulty = createRegion();
  faulty.faults.start({ at: 'delivery', does: { kind: 'lose' } });
  expect(() => faulty.copy()).toThrow('only be copied at rest: something went wrong in it');
  expect(createRegion().isAtRest()).toBe(true);
});

/** One call of the operator, without HTTP; answers when it has been answered. */
async function sent(region: Region): Promise<void> {
  let answers = 0;
  region.direct.send({
    service: 'ecr',
    operation: 'DescribeRepositories',
    accessKeyId: 'OPERATOR',
    read: () => ({}),
    write: (_shape, output) => output,
    isGone: () => false,
    onAnswer: () => answers++,
    onCut: () => undefined,
  });
  await region.kernel.runUntil(() => answers > 0, 'an answer', 1_000);
}

/** What a function answers that is created from the asset. */
async function ranIn(region: Region): Promise<unknown> {
  const trusted = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = { Version: '2012-10-17', Statement: [trusted] };
  const role = await region.resources['AWS::IAM::Role']!('Role', { AssumeRolePolicyDocument }, 'stack');
  const created = await region.resources['AWS::Lambda::Function']!(
    'Function',
    {
      FunctionName: 'handler',
      Code: { S3Bucket: 'assets', S3Key: 'code.zip' },
      Handler: 'index.handler',
      Role: role.attributes!['Arn'],
      Runtime: 'nodejs24.x',
    },
    'stack',
  );
  let ended: unknown;
  region.lambda.invoke({
    functionArn: String(created.attributes!['Arn']),
    payload: {},
    caller: { kind: 'operator' },
    onEnd: (result) => (ended = result),
  });
  await region.kernel.runUntil(() => ended !== undefined, 'an answer', 60_000);
  return ended;
}
