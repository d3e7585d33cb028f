import { expect, it } from 'vitest';
import { copyOf, neverChanges } from '../../region/deep-copy.ts';
import { createRegion } from '../../region/region.ts';

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
