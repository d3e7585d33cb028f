import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ContainerDefinition$, RegisterTaskDefinitionRequest$, TaskDefinition$ } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  droppedCredentials,
  lostMembers,
  nextRevision,
  pinnedCopy,
  type RawTag,
  type RawTaskDefinition,
} from '../../../functions/rollout/next-revision.ts';
import { digest } from './given.ts';
import { repositoryElsewhere } from '../../elsewhere.ts';

const IMAGE = `${repositoryElsewhere('team/web')}@${digest('b')}`;
const change = (...containers: string[]): Parameters<typeof nextRevision>[2] => ({
  containers,
  image: IMAGE,
  rolloutId: 'r1',
});
const ROLLOUT = { key: 'rollouts:rollout-id', value: 'r1' };
const ALL = JSON.parse(readFileSync('test/fixtures/all-members-task-definition.json', 'utf8')) as RawTaskDefinition & {
  containerDefinitions: RawTaskDefinition[];
};

/** Members that ECS answers and does not accept. The SDK's schemas are tuples whose fifth place has the member names. */
const membersOf = (schema: unknown): string[] => (schema as string[][])[4]!;
const OUTPUT_ONLY = membersOf(TaskDefinition$).filter(
  (member) => !membersOf(RegisterTaskDefinitionRequest$).includes(member),
);

describe('the next revision', () => {
  it('leaves out exactly what ECS answers but does not accept', () => {
    expect(OUTPUT_ONLY).toHaveLength(9);
    const everything = Object.fromEntries(membersOf(TaskDefinition$).map((member) => [member, 'x']));
    const sent = Object.keys(nextRevision(everything, [], change()));
    expect(sent.sort()).toEqual([...membersOf(RegisterTaskDefinitionRequest$)].sort());
  });

  it('keeps every other member of a definition that has them all, those of the future included', () => {
    expect(withoutMembers(nextRevision(ALL, [], change('app')), 'tags')).toEqual(
      expected(ALL, (name) => name === 'app'),
    );
  });

  it('is tested on a definition that has every member of the API', () => {
    const known = membersOf(TaskDefinition$).filter((member) => !(member in ALL));
    const knownOfContainer = membersOf(ContainerDefinition$).filter(
      (member) => !(member in ALL.containerDefinitions[0]!),
    );
    expect({ known, knownOfContainer }).toEqual({ known: [], knownOfContainer: [] });
  });

  it('changes the image of the named containers only, even where others run the same one', () => {
    const { containerDefinitions } = nextRevision(ALL, [], change('proxy')) as typeof ALL;
    expect(containerDefinitions.map(({ image }) => image)).toEqual([ALL.containerDefinitions[0]!['image'], IMAGE]);
  });

  it('keeps members by names that JavaScript treats in special ways', () => {
    const labels = JSON.parse('{"__proto__": "a", "constructor": "b"}') as object;
    const current = { family: 'web', containerDefinitions: [{ name: 'app', dockerLabels: labels }] };
    expect(JSON.stringify(nextRevision(current, [], change('app')))).toContain('{"__proto__":"a","constructor":"b"}');
  });

  it('drops explicit nulls at every level, and nothing else that is empty', () => {
    const current = {
      family: 'web',
      pidMode: null,
      volumes: [],
      containerDefinitions: [
        { name: 'app', user: null, logConfiguration: { secretOptions: null, options: {} }, cpu: 0 },
      ],
    };
    expect(withoutMembers(nextRevision(current, [], change()), 'tags')).toEqual({
      family: 'web',
      volumes: [],
      containerDefinitions: [{ name: 'app', logConfiguration: { options: {} }, cpu: 0 }],
    });
  });

  it.each<[string, RawTag[], RawTag[]]>([
    ['is added where there are none', [], [ROLLOUT]],
    ['replaces that of an earlier rollout', [{ key: 'rollouts:rollout-id', value: 'r0' }], [ROLLOUT]],
    [
      'stands beside the tags of people, while those of AWS stay behind',
      [
        { key: 'team', value: 'web' },
        { key: 'aws:cloudformation:stack-name', value: 's' },
        { key: 'awsome', value: 'kept' },
        { key: 'empty' },
      ],
      [{ key: 'team', value: 'web' }, { key: 'awsome', value: 'kept' }, { key: 'empty' }, ROLLOUT],
    ],
  ])('carries the tag of its rollout, which %s', (_case, tags, sent) => {
    expect(nextRevision(ALL, tags, change('app'))['tags']).toEqual(sent);
  });

  it('is the same again when it is made from itself', () => {
    const once = nextRevision(ALL, [], change('app'));
    expect(nextRevision(once, [], change('app'))).toEqual(once);
  });

  it('does without credentials of another registry where its image goes in, and says where', () => {
    const repositoryCredentials = { credentialsParameter: 'arn:of:a:secret' };
    const containerDefinitions = ['app', 'proxy'].map((name) => ({
      name,
      image: 'ghcr.io/a/b',
      repositoryCredentials,
    }));
    const current = { family: 'web', containerDefinitions };
    expect(nextRevision(current, [], change('app'))['containerDefinitions']).toEqual([
      { name: 'app', image: IMAGE },
      containerDefinitions[1],
    ]);
    expect(droppedCredentials(current, ['app'])).toBe(
      'The new revision has no repositoryCredentials for app, as its image is in ECR.',
    );
    expect(droppedCredentials(nextRevision(current, [], change('app')), ['app'])).toBeUndefined();
    // What is put back is pulled from where it came.
    const copy = pinnedCopy(current, [], { app: 'ghcr.io/a/b@sha256:0' })['containerDefinitions'] as object[];
    expect(copy[0]).toEqual({ ...containerDefinitions[0], image: 'ghcr.io/a/b@sha256:0' });
  });

  it('leaves the definition that it is made from as it was', () => {
    const before = structuredClone(ALL);
    nextRevision(ALL, [], change('app'));
    expect(ALL).toEqual(before);
  });

  it('keeps whatever members there are', () => {
    const member = fc.string({ minLength: 1 }).filter((name) => !OUTPUT_ONLY.includes(name) && name !== 'tags');
    const definition = fc.dictionary(
      member,
      fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null),
    );
    fc.assert(
      fc.property(definition, (members) => {
        const current = { ...members, containerDefinitions: [] };
        expect(withoutMembers(nextRevision(current, [], change('app')), 'tags')).toEqual(withoutNulls(current));
      }),
    );
  });
});

describe('a registration', () => {
  const wanted = nextRevision(ALL, [], change('app')) as typeof ALL;

  it('that comes back as it was sent lost nothing', () => {
    expect(lostMembers(wanted, wanted)).toEqual([]);
  });

  it.each<[string, RawTaskDefinition]>([
    [
      'defaults were added',
      {
        ...wanted,
        revision: 42,
        containerDefinitions: wanted.containerDefinitions.map((one) => ({ ...one, volumesFromNowhere: [] })),
      },
    ],
    ['empty lists were left out', withoutMembers({ ...wanted, links: [] }, 'links')],
    ['tags stand elsewhere', withoutMembers(wanted, 'tags')],
    ['environment variables were put into another order', reordered(wanted)],
  ])('lost nothing when %s', (_case, registered) => {
    expect(lostMembers({ ...wanted, links: [] }, registered)).toEqual([]);
  });

  it.each([
    ['1 vCPU', '1024'],
    ['.5 vcpu', '512'],
    ['3GB', '3072'],
  ])('may say %s as %s', (sent, stored) => {
    expect(lostMembers({ cpu: sent }, { cpu: stored })).toEqual([]);
  });

  it.each<[string, RawTaskDefinition, RawTaskDefinition]>([
    ['is missing', { pidMode: 'task' }, {}],
    ['has another value', { pidMode: 'task' }, { pidMode: 'host' }],
    ['lacks a member of the future', { futureMember: { deep: [{ kept: 1 }] } }, { futureMember: { deep: [{}] } }],
    ['turned true', { essential: false }, { essential: true }],
    ['lost an item', { command: ['a', 'b'] }, { command: ['a'] }],
    ['has another item', { command: ['a', 'b'] }, { command: ['a', 'c'] }],
    ['became something else', { volumes: [{ name: 'a' }] }, { volumes: 'a' }],
    ['only sounds like a unit', { image: 'registry/rgb-vcpu:1' }, { image: 'registry/rgb-vcpu:2' }],
  ])('is told by name, never by value, when a member %s', (_case, sent, stored) => {
    expect(lostMembers(sent, stored)).toEqual(Object.keys(sent));
  });
});

describe.skipIf(!process.env['CAPTURES'])('every recorded task definition', () => {
  const folder = join(process.env['CAPTURES'] ?? '', 'task-definitions');
  const files = process.env['CAPTURES']
    ? readdirSync(folder).filter((file) => file.endsWith('.json'))
    : ['CAPTURES is not set'];

  it.each(files)('%s changes in the image of the named container and our tag, and in nothing else', (file) => {
    const recorded = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      taskDefinition?: unknown;
      tags?: RawTag[];
    };
    const current = (recorded.taskDefinition ?? recorded) as typeof ALL;
    const [first] = current.containerDefinitions;
    const next = nextRevision(current, recorded.tags ?? [], change(String(first!['name'])));
    expect(withoutMembers(next, 'tags')).toEqual(expected(current, (name) => name === first!['name']));
    expect(lostMembers(next, next)).toEqual([]);
  });
});

/** What must be sent, worked out a second time: the current definition less output, tags and nulls, with another image. */
function expected(current: typeof ALL, isNamed: (name: unknown) => boolean): unknown {
  const kept = withoutNulls(withoutMembers(current, 'tags', ...OUTPUT_ONLY)) as typeof ALL;
  const containerDefinitions = kept.containerDefinitions.map((container) =>
    isNamed(container['name']) ? { ...withoutMembers(container, 'repositoryCredentials'), image: IMAGE } : container,
  );
  return { ...kept, containerDefinitions };
}

function withoutMembers(members: RawTaskDefinition, ...names: string[]): RawTaskDefinition {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
  const kept = Object.keys(value).filter((name) => (value as RawTaskDefinition)[name] !== null);
  return Object.fromEntries(kept.map((name) => [name, withoutNulls((value as RawTaskDefinition)[name])]));
}

function reordered(definition: typeof ALL): RawTaskDefinition {
  const [app, ...others] = definition.containerDefinitions;
  const environment = [...(app!['environment'] as unknown[])].reverse();
  return { ...definition, containerDefinitions: [{ ...app, environment }, ...others] };
}
