import { beforeEach, describe, expect, it } from 'vitest';
import { deleteStack } from '../../../region/cloudformation/delete-stack.ts';
import { deployStack, type StackTarget } from '../../../region/cloudformation/deploy-stack.ts';
import { newCloudFormationState, type CloudFormationState } from '../../../region/cloudformation/model.ts';
import type { Kernel } from '../../../region/kernel/kernel.ts';
import type { ResourceRemoval } from '../../../region/service.ts';
import { bareTarget, shop, thing } from './stack-fixture.ts';

let calls: string[];
let target: StackTarget;
let state: CloudFormationState;
/** Things that cannot be deleted now, by `ref`. */
let inUse: Set<string>;

beforeEach(() => {
  calls = [];
  state = newCloudFormationState();
  inUse = new Set();
  target = fakeTarget();
});

function fakeTarget(): StackTarget {
  const bare = bareTarget();
  let made = 0;
  return {
    ...bare,
    resources: {
      'Test::Thing': (logicalId) => ({ ref: logicalId, attributes: {} }),
      'Test::Revision': () => ({ ref: `revision-${++made}`, attributes: {} }),
      'Test::Slow': (logicalId) => ({ ref: logicalId, attributes: {} }),
      'Test::Undeletable': (logicalId) => ({ ref: logicalId, attributes: {} }),
    },
    updaters: {
      'Test::Thing': { changeable: 'all', update: ({ current }) => current },
      'Test::Revision': {
        changeable: ['size'],
        replacing: ['name'],
        update: ({ current }) => (calls.push(`update ${current.ref}`), current),
      },
    },
    deleters: {
      'Test::Thing': remove,
      'Test::Revision': remove,
      'Test::Slow': (removal) => {
        const { kernel } = bare;
        const goneAt = kernel.now + 60_000;
        return () => kernel.now >= goneAt && (remove(removal), true);
      },
    },
  };
}

function remove({ current: { ref } }: ResourceRemoval): void {
  if (inUse.has(ref)) throw new Error(`${ref} is in use`);
  calls.push(`delete ${ref}`);
}

const deploy = (Resources: object) => deployStack(target, state, shop({ Resources }));
const remover = (retained: string[] = []) => deleteStack(target, state, 'Shop', retained);
const stack = () => state.stacks.get('Shop')!;
const told = (logicalId: string) =>
  (stack() ?? state.deletedStacks.at(-1)!).events
    .filter((event) => event.logicalId === logicalId)
    .map(({ status, reason }) => (reason === undefined ? status : `${status}: ${reason}`));

const revision = (properties: object, more: object = {}): object => ({
  Type: 'Test::Revision',
  Properties: properties,
  ...more,
});
const CHAIN = {
  First: thing({}),
  Second: thing({ uses: { Ref: 'First' } }),
  Third: thing({}, { DependsOn: ['Second'] }),
};

describe('what leaves a template', () => {
  it('is deleted after everything else, each before what it needed, and the stack forgets it', async () => {
    await deploy({ ...CHAIN, Stays: thing({}) });
    await deploy({ Stays: thing({ size: 2 }), New: thing({}) });
    expect(calls).toEqual(['delete Third', 'delete Second', 'delete First']);
    expect([...stack().resources.keys()]).toEqual(['Stays', 'New']);
    expect([...stack().progress.keys()]).toEqual(['Stays', 'New']);
    expect(told('Shop').slice(2)).toEqual([
      'UPDATE_IN_PROGRESS: User Initiated',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_COMPLETE',
    ]);
    const order = stack().events.map(({ logicalId, status }) => `${logicalId} ${status}`);
    expect(order.indexOf('Third DELETE_IN_PROGRESS')).toBeGreaterThan(order.indexOf('New CREATE_COMPLETE'));
  });

  it('goes in the order of what it referred to last, not of when it was created', async () => {
    await deploy({ Old: thing({}), New: thing({}) });
    await deploy({ Old: thing({ uses: { Ref: 'New' } }), New: thing({}) });
    await deploy({ Other: thing({}) });
    expect(calls).toEqual(['delete Old', 'delete New']);
  });

  it('also by a condition that no longer holds, and by another logical id', async () => {
    const template = (Default: string) => ({
      Parameters: { Size: { Type: 'String', Default: 'large' } },
      Conditions: { IsLarge: { 'Fn::Equals': [{ Ref: 'Size' }, Default] } },
      Resources: { Large: thing({}, { Condition: 'IsLarge' }), [Default]: thing({}) },
    });
    await deployStack(target, state, shop(template('large')));
    await deployStack(target, state, shop(template('small')));
    expect(calls).toEqual(['delete large', 'delete Large']);
    expect([...stack().resources.keys()]).toEqual(['small']);
  });

  it.each(['Retain', 'RetainExceptOnCreate'])('goes on without the stack by %s', async (DeletionPolicy) => {
    await deploy({ Kept: thing({}, { DeletionPolicy }), Other: thing({}) });
    await deploy({ Other: thing({}) });
    expect(calls).toEqual([]);
    expect([...stack().resources.keys()]).toEqual(['Other']);
    expect(told('Kept').at(-1)).toBe('DELETE_SKIPPED');
  });

  it('is given up after three attempts; the update has succeeded', async () => {
    await deploy({ ...CHAIN, Stays: thing({}) });
    inUse.add('Second');
    const startedAt = target.kernel.now;
    await deploy({ Stays: thing({}) });
    expect(target.kernel.now).toBeGreaterThan(startedAt);
    expect(calls).toEqual(['delete Third', 'delete First']);
    const attempt = ['DELETE_IN_PROGRESS', 'DELETE_FAILED: Second is in use'];
    expect(told('Second').slice(2)).toEqual([...attempt, ...attempt, ...attempt]);
    expect(told('Shop').at(-1)).toBe('UPDATE_COMPLETE: Update successful. One or more resources could not be deleted.');
    inUse.clear();
    await deploy({ Stays: thing({ size: 2 }) });
    expect(calls).toHaveLength(2);
    expect(stack().reason).toBeUndefined();
  });

  it('is waited for', async () => {
    await deploy({ Slow: { Type: 'Test::Slow' }, Stays: thing({}) });
    const startedAt = target.kernel.now;
    await deploy({ Stays: thing({}) });
    expect(calls).toEqual(['delete Slow']);
    expect(target.kernel.now - startedAt).toBe(60_000);
  });

  it('is refused before anything changes when its deletion is not modelled', async () => {
    await deploy({ Odd: { Type: 'Test::Undeletable' }, Stays: thing({}) });
    const { length } = stack().events;
    await expect(deploy({ Stays: thing({ size: 2 }) })).rejects.toThrow(
      'stack Shop: the deletion of Odd (Test::Undeletable), which left the template, is not modelled',
    );
    expect(stack().events).toHaveLength(length);
  });
});

describe('what is replaced', () => {
  it('is deleted at the end; what has changed in place is not', async () => {
    await deploy({ One: revision({ name: 'a', size: 1 }), Two: revision({ name: 'b', size: 1 }) });
    await deploy({ One: revision({ name: 'A', size: 1 }), Two: revision({ name: 'b', size: 2 }) });
    expect(calls).toEqual(['update revision-2', 'delete revision-1']);
    expect(stack().resources.get('One')?.ref).toBe('revision-3');
    expect(stack().progress.get('One')).toMatchObject({ status: 'UPDATE_COMPLETE', physicalId: 'revision-3' });
  });

  it('goes on without the stack by the UpdateReplacePolicy Retain, whatever its DeletionPolicy is', async () => {
    await deploy({ One: revision({ name: 'a' }) });
    await deploy({ One: revision({ name: 'A' }, { UpdateReplacePolicy: 'Retain' }) });
    expect(calls).toEqual([]);
    expect(stack().resources.get('One')?.ref).toBe('revision-2');
    await deploy({ One: revision({ name: 'B' }, { DeletionPolicy: 'Retain' }) });
    expect(calls).toEqual(['delete revision-2']);
  });

  it.each([
    [{ UpdateReplacePolicy: 'RetainExceptOnCreate' }, /UpdateReplacePolicy RetainExceptOnCreate is not modelled/],
    [{ DeletionPolicy: 'Snapshot' }, /One's DeletionPolicy Snapshot is not modelled: it is Delete or Retain or/],
  ])('is refused with a policy that there is not: %o', async (policy, problem) => {
    await expect(deploy({ One: revision({}, policy) })).rejects.toThrow(problem);
    expect(state.stacks.size).toBe(0);
  });

  it('is never another type', async () => {
    await deploy({ One: revision({}) });
    await expect(deploy({ One: thing({}) })).rejects.toThrow(
      'Update of resource type is not permitted. The new template modifies resource type of the following resources: [One]',
    );
  });
});

describe('a whole stack', () => {
  it('is deleted in the reverse order of its references; its name is free for another stack', async () => {
    await deploy(CHAIN);
    const { id } = stack();
    await remover();
    expect(calls).toEqual(['delete Third', 'delete Second', 'delete First']);
    expect(state.stacks.size).toBe(0);
    expect(state.deletedStacks).toMatchObject([{ id, status: 'DELETE_COMPLETE', deletedAt: target.kernel.now }]);
    await deploy(CHAIN);
    expect(stack().id).not.toBe(id);
    expect(stack().id.startsWith(id.slice(0, id.lastIndexOf('/')))).toBe(true);
  });

  it('stays when something of it does, and is deleted later, or without that', async () => {
    await deploy({ ...CHAIN, Kept: thing({}, { DeletionPolicy: 'Retain' }) });
    inUse.add('Second');
    await expect(remover()).rejects.toThrow(
      'stack Shop: The following resource(s) failed to delete: [Second]. Second (Test::Thing): Second is in use',
    );
    expect(calls).toEqual(['delete Third', 'delete First']);
    expect(stack()).toMatchObject({
      status: 'DELETE_FAILED',
      reason: 'The following resource(s) failed to delete: [Second]. ',
    });
    await expect(deploy(CHAIN)).rejects.toThrow('is in DELETE_FAILED state and can not be updated.');
    await expect(remover(['First'])).rejects.toThrow('The specified resources to retain must be in a valid state.');
    await remover(['Second']);
    expect(calls).toEqual(['delete Third', 'delete First']);
    expect([told('Second').at(-1), told('Kept').at(-1)]).toEqual(['DELETE_SKIPPED', 'DELETE_SKIPPED']);
    expect(state.stacks.size).toBe(0);
  });

  it('is deleted once what stood in the way has gone', async () => {
    await deploy(CHAIN);
    inUse.add('First');
    await expect(remover()).rejects.toThrow('[First]');
    inUse.clear();
    await remover();
    expect(calls).toEqual(['delete Third', 'delete Second', 'delete First']);
  });

  it('leaves resources behind on request only after it has failed', async () => {
    await deploy(CHAIN);
    await expect(remover(['First'])).rejects.toThrow(
      'specify which resources to retain only when the stack is in the DELETE_FAILED state.',
    );
    expect(stack().status).toBe('CREATE_COMPLETE');
  });

  it('is refused while it is updated', async () => {
    await deploy({ Slow: { Type: 'Test::Slow' }, Stays: thing({}) });
    const problems: string[] = [];
    const remove = () => remover().catch((problem: Error) => void problems.push(problem.message));
    (target.kernel as Kernel).after(10_000, 'timer', 'somebody deletes it', remove);
    await deploy({ Stays: thing({}) });
    expect(problems).toEqual([
      `Stack [${stack().id}] cannot be deleted while in status UPDATE_COMPLETE_CLEANUP_IN_PROGRESS`,
    ]);
    expect(stack().status).toBe('UPDATE_COMPLETE');
  });

  it('is refused by a name that no stack has', async () => {
    await expect(remover()).rejects.toThrow('Stack with id Shop does not exist');
  });
});

it('a deployment without any change tells nothing', async () => {
  await deploy(CHAIN);
  const { length } = stack().events;
  await deploy(CHAIN);
  expect(stack().events).toHaveLength(length);
});

it('keeps the latest thousand events', async () => {
  for (let size = 0; size < 300; size++) await deploy({ Thing: thing({ size }) });
  expect(stack().events).toHaveLength(1_000);
  expect(told('Shop').at(-1)).toBe('UPDATE_COMPLETE');
});
