import { beforeEach, describe, expect, it } from 'vitest';
import { deleteStack } from '../../../region/cloudformation/delete-stack.ts';
import { deployStack, type StackTarget } from '../../../region/cloudformation/deploy-stack.ts';
import { newCloudFormationState, type CloudFormationState } from '../../../region/cloudformation/model.ts';
import { NotModelled, type ResourceChange, type ResourceRemoval } from '../../../region/service.ts';
import { bareTarget, shop, thing } from './stack-fixture.ts';

let calls: string[];
let region: StackTarget;
let stacks: CloudFormationState;

beforeEach(() => {
  calls = [];
  stacks = newCloudFormationState();
  region = target();
});

function target(): StackTarget {
  let revision = 0;
  const register = () => ({ ref: `revision-${++revision}`, attributes: {} });
  return {
    ...bareTarget(),
    deleters: { 'Test::Thing': (removal) => remove(removal), 'Test::Revision': (removal) => remove(removal) },
    resources: {
      'Test::Thing': (logicalId, { fails }) => {
        if (fails) throw new Error(`${logicalId} cannot be created`);
        calls.push(`create ${logicalId}`);
        return { ref: logicalId, attributes: {} };
      },
      'Test::Revision': register,
    },
    updaters: {
      'Test::Thing': { changeable: ['size', 'fails', 'uses', 'kept'], update: (change) => updateThing(change) },
      'Test::Revision': {
        changeable: 'all',
        update: register,
      },
    },
  };
}

function updateThing({ logicalId, current, after }: ResourceChange) {
  calls.push(`update ${logicalId} ${JSON.stringify(after)}`);
  if (after['fails'] === 'unmodelled') throw new NotModelled('this');
  if (after['fails']) throw new Error(`${logicalId} did not stabilize`);
  return current;
}

function remove({ logicalId, current: { ref }, properties }: ResourceRemoval): void {
  if (properties['stays']) throw new Error(`${logicalId} is in use`);
  calls.push(`delete ${ref}`);
}

const status = () => stacks.stacks.get('Shop')!.status;

const deploy = (Resources: object, to = region) => deployStack(to, stacks, shop({ Resources }));

/** A stack whose last resource refers to the others, as a service does. */
const stack = (size: number, service: object = {}, revision: object = {}) => ({
  Role: thing({ size }),
  Group: thing({ size: 7, kept: 'yes' }),
  Revision: { Type: 'Test::Revision', Properties: { size }, ...revision },
  Service: thing({ uses: { Ref: 'Revision' }, kept: 'yes', ...service }, { DependsOn: ['Role', 'Group'] }),
});

describe('a deployment of which one resource fails', () => {
  beforeEach(async () => {
    await deploy(stack(1));
    calls = [];
  });

  it('gives all that changed its former properties again, the latest first, and says why', async () => {
    await expect(deploy(stack(2, { fails: true }))).rejects.toThrow(
      'stack Shop, Service (Test::Thing): Service did not stabilize; the stack was rolled back',
    );
    expect(calls).toEqual([
      'update Role {"size":2}',
      'update Service {"uses":"revision-2","kept":"yes","fails":true}',
      'update Service {"uses":"revision-1","kept":"yes"}',
      'update Role {"size":1}',
      'delete revision-2',
    ]);
  });

  it('is followed by one that finds what was there before', async () => {
    await expect(deploy(stack(2, { fails: true }))).rejects.toThrow('rolled back');
    calls = [];
    await deploy(stack(1));
    expect(calls).toEqual([]);
    await deploy(stack(1, { size: 3 }));
    expect(calls).toEqual(['update Service {"uses":"revision-1","kept":"yes","size":3}']);
  });

  it('leaves a replacement where the template retains it', async () => {
    const retained = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' };
    await deploy(stack(1, {}, retained));
    await expect(deploy(stack(2, { fails: true }, retained))).rejects.toThrow('rolled back');
    expect(calls.filter((call) => call.startsWith('delete'))).toEqual([]);
  });

  it('gives what it left alone its former policies and references again', async () => {
    const Kept = (DeletionPolicy: string) => thing({}, { DeletionPolicy });
    const after = (DependsOn: string) => thing({}, { DependsOn });
    await deploy({ Kept: Kept('Retain'), One: after('Other'), Other: thing({}), ...stack(1) });
    const next = { Kept: Kept('Delete'), One: thing({}), Other: after('One'), ...stack(1, { fails: true }) };
    await expect(deploy(next)).rejects.toThrow('rolled back');
    calls = [];
    await deleteStack(region, stacks, 'Shop', []);
    expect(calls).not.toContain('delete Kept');
    expect(calls.indexOf('delete One')).toBeLessThan(calls.indexOf('delete Other'));
  });

  it('deletes what it had created, the latest first, and leaves without the stack what is retained', async () => {
    const more = {
      ...stack(1, { fails: true }),
      New: thing({}),
      Newer: thing({ uses: { Ref: 'New' } }),
      Kept: thing({}, { DeletionPolicy: 'Retain' }),
      NotKept: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
    };
    const Service = { ...more.Service, DependsOn: ['Newer', 'Kept', 'NotKept'] };
    await expect(deploy({ ...more, Service })).rejects.toThrow(/; the stack was rolled back$/);
    expect(status()).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(calls.filter((call) => call.startsWith('delete'))).toEqual(['delete NotKept', 'delete Newer', 'delete New']);
    calls = [];
    await deploy({ ...stack(1), New: thing({}), Kept: thing({}) });
    expect(calls).toEqual(['create New', 'create Kept']);
  });

  it('names what it had created and could not delete again, after three attempts', async () => {
    const more = { ...stack(1, { fails: true }), New: thing({ stays: true }) };
    const Service = { ...more.Service, DependsOn: ['New'] };
    await expect(deploy({ ...more, Service })).rejects.toThrow(
      'the stack was rolled back, but what it had created could not be deleted: New (Test::Thing): New is in use',
    );
    const { reason, events } = stacks.stacks.get('Shop')!;
    expect([status(), reason]).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'One or more resources could not be deleted.']);
    expect(events.filter((event) => event.status === 'DELETE_FAILED')).toHaveLength(3);
  });

  it('says so when the rollback fails too', async () => {
    const failing = { ...target(), updaters: { 'Test::Thing': { changeable: 'all', update: refuse } } } as const;
    stacks = newCloudFormationState();
    await deploy({ Thing: thing({}) }, failing);
    await expect(deploy({ Thing: thing({ size: 1 }) }, failing)).rejects.toThrow(
      'stack Shop, Thing (Test::Thing): refused; its rollback failed as well: refused',
    );
    expect(status()).toBe('UPDATE_ROLLBACK_FAILED');
    await expect(deploy({ Thing: thing({}) })).rejects.toThrow(
      'is in UPDATE_ROLLBACK_FAILED state and can not be updated.',
    );
  });

  it('is not rolled back when it only is not modelled', async () => {
    await expect(deploy(stack(2, { fails: 'unmodelled' }))).rejects.toThrow(/is not modelled by this region$/);
    expect(calls).toHaveLength(2);
  });
});

function refuse(): never {
  throw new Error('refused');
}

describe('a stack of which one resource cannot be created', () => {
  const resources = (thingProperties: object = {}) => ({
    Kept: thing({}, { DeletionPolicy: 'Retain' }),
    NotKept: thing({}, { DeletionPolicy: 'RetainExceptOnCreate' }),
    Thing: thing(thingProperties),
    Last: thing({ fails: true }, { DependsOn: ['Kept', 'NotKept', 'Thing'] }),
  });

  it('loses what it had, the latest first, but for what is retained, and can only be deleted', async () => {
    await expect(deploy(resources())).rejects.toThrow(
      'stack Shop, Last (Test::Thing): Last cannot be created; the stack was rolled back, and can only be deleted',
    );
    expect(calls.slice(3)).toEqual(['delete Thing', 'delete NotKept']);
    const told = stacks.stacks.get('Shop')!.events.filter(({ logicalId }) => logicalId === 'Shop');
    expect(told.map((event) => [event.status, event.reason])).toEqual([
      ['CREATE_IN_PROGRESS', 'User Initiated'],
      ['ROLLBACK_IN_PROGRESS', 'The following resource(s) failed to create: [Last]. Rollback requested by user.'],
      ['ROLLBACK_COMPLETE', undefined],
    ]);
    expect(stacks.stacks.get('Shop')!.resources.size).toBe(0);
    await expect(deploy({ Thing: thing({}) })).rejects.toThrow(
      /^stack Shop: Stack:arn:aws:cloudformation:us-east-1:123456789012:stack\/Shop\/\S+ is in ROLLBACK_COMPLETE state and can not be updated\.$/,
    );
    await deleteStack(region, stacks, 'Shop', []);
    await deploy({ Thing: thing({}) });
    expect(status()).toBe('CREATE_COMPLETE');
  });

  it('says so when something cannot be deleted again', async () => {
    await expect(deploy(resources({ stays: true }))).rejects.toThrow(
      'its rollback failed as well: The following resource(s) failed to delete: [Thing]. Thing (Test::Thing): Thing is in use',
    );
    expect(status()).toBe('ROLLBACK_FAILED');
  });
});
