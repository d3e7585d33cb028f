import { beforeEach, describe, expect, it } from 'vitest';
import { deployStack, type StackTarget } from '../../../region/cloudformation/deploy-stack.ts';
import type { DeployedStacks } from '../../../region/cloudformation/model.ts';
import { NotModelled, type ResourceChange } from '../../../region/service.ts';
import { shop, thing } from './stack-fixture.ts';

let calls: string[];
let region: StackTarget;
let stacks: DeployedStacks;

beforeEach(() => {
  calls = [];
  stacks = new Map();
  region = target();
});

function target(): StackTarget {
  let revision = 0;
  const register = () => ({ ref: `revision-${++revision}`, attributes: {} });
  return {
    account: '123456789012',
    region: 'us-east-1',
    registerAsset: () => {},
    ssmParameter: () => undefined,
    until: () => Promise.reject(new Error('nothing is awaited here')),
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
        update: ({ current }) => {
          const made = register();
          const remove = (ref: string) => () => void calls.push(`remove ${ref}`);
          return { ...made, removeReplaced: remove(current.ref), removeReplacement: remove(made.ref) };
        },
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
      'remove revision-2',
      'update Role {"size":1}',
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
    expect(calls.filter((call) => call.startsWith('remove'))).toEqual([]);
  });

  it('names what the rollback would delete, and leaves without the stack what is retained', async () => {
    const more = { ...stack(1, { fails: true }), New: thing({}), Kept: thing({}, { DeletionPolicy: 'Retain' }) };
    const Service = { ...more.Service, DependsOn: ['New', 'Kept'] };
    await expect(deploy({ ...more, Service })).rejects.toThrow(
      /; the stack was rolled back, but for the deletion of New \(Test::Thing\), which is not modelled$/,
    );
    calls = [];
    await deploy({ ...stack(1), New: thing({}), Kept: thing({}) });
    expect(calls).toEqual(['create Kept']);
  });

  it('says so when the rollback fails too', async () => {
    const failing = { ...target(), updaters: { 'Test::Thing': { changeable: 'all', update: refuse } } } as const;
    stacks = new Map();
    await deploy({ Thing: thing({}) }, failing);
    await expect(deploy({ Thing: thing({ size: 1 }) }, failing)).rejects.toThrow(
      'stack Shop, Thing (Test::Thing): refused; its rollback failed as well: refused',
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

it('refuses to play the end of a stack whose creation fails', async () => {
  const Resources = {
    Kept: thing({}, { DeletionPolicy: 'Retain' }),
    Thing: thing({}),
    Last: thing({ fails: true }, { DependsOn: ['Kept', 'Thing'] }),
  };
  await expect(deploy(Resources)).rejects.toThrow(
    'stack Shop, Last (Test::Thing): Last cannot be created; CloudFormation would delete the new stack again, except the retained Kept, which is not modelled',
  );
});
