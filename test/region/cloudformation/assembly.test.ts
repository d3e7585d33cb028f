import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { substituteDefinition } from '../../../region/cloudformation/definition-substitutions.ts';
import { loadAssembly } from '../../../rehearsal/assembly/deploy-assembly.ts';
import type { StackTarget } from '../../../region/cloudformation/deploy-stack.ts';
import { assembly, thing } from './assembly-fixture.ts';

interface FakeTarget extends StackTarget {
  readonly created: { readonly logicalId: string; readonly properties: unknown }[];
  readonly assets: Map<string, string>;
}

function fakeTarget(): FakeTarget {
  const created: FakeTarget['created'] = [];
  const assets = new Map<string, string>();
  return {
    account: '123456789012',
    region: 'us-east-1',
    created,
    assets,
    registerAsset: (key, path) => void assets.set(key, path),
    ssmParameter: (name) => (name === '/live' ? 'sha256:live' : undefined),
    updaters: {},
    until: () => Promise.reject(new Error('nothing is awaited here')),
    resources: {
      'Test::Thing': (logicalId, properties, stackName) => {
        created.push({ logicalId, properties });
        return { ref: `${stackName}-${logicalId}`, attributes: { Arn: `arn:${logicalId}` } };
      },
    },
  };
}

it('refuses a dependency on a resource that the template does not declare', async () => {
  const Resources = { Service: thing({}, { DependsOn: ['Role'] }) };
  await expect(loadAssembly(fakeTarget(), assembly({ Resources }))).rejects.toThrow(
    'Unresolved resource dependencies [Role]',
  );
});

it('creates resources after everything that they refer to or depend on', async () => {
  const target = fakeTarget();
  const Resources = {
    Last: thing({ needs: { 'Fn::GetAtt': ['Middle', 'Arn'] } }),
    Middle: thing({ name: { 'Fn::Sub': '${First}!' } }),
    First: thing({}, { DependsOn: ['Zeroth'] }),
    Zeroth: thing({}),
  };
  await loadAssembly(target, assembly({ Resources }));
  expect(target.created).toEqual([
    { logicalId: 'Zeroth', properties: {} },
    { logicalId: 'First', properties: {} },
    { logicalId: 'Middle', properties: { name: 'Cell-First!' } },
    { logicalId: 'Last', properties: { needs: 'arn:Middle' } },
  ]);
});

it('resolves outputs, parameters and conditions, and leaves out what a condition excludes', async () => {
  const target = fakeTarget();
  const [cell] = await loadAssembly(
    target,
    assembly({
      Parameters: {
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
        Live: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/live' },
        Size: { Type: 'String', Default: 'small' },
      },
      Conditions: { IsLarge: { 'Fn::Equals': [{ Ref: 'Size' }, 'large'] } },
      Resources: {
        Thing: thing({}),
        Large: thing({}, { Condition: 'IsLarge' }),
        CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'x' } },
      },
      Outputs: {
        All: {
          Value: {
            'Fn::Join': [
              ' ',
              [{ Ref: 'BootstrapVersion' }, { Ref: 'Live' }, { Ref: 'Thing' }, { Ref: 'AWS::AccountId' }],
            ],
          },
        },
        Never: { Value: { Ref: 'Large' }, Condition: 'IsLarge' },
      },
    }),
  );
  expect(cell?.outputs).toEqual({ All: '21 sha256:live Cell-Thing 123456789012' });
  expect(target.created.map(({ logicalId }) => logicalId)).toEqual(['Thing']);
});

it("puts a state machine's DefinitionSubstitutions into its definition, escaped as JSON", () => {
  const DefinitionSubstitutions = { Arn: 'arn:a"b' };
  expect(substituteDefinition({ DefinitionString: '{"R":"${Arn}"}', DefinitionSubstitutions, RoleArn: 'r' })).toEqual({
    DefinitionString: '{"R":"arn:a\\"b"}',
    RoleArn: 'r',
  });
  expect(() => substituteDefinition({ DefinitionString: '${Other}', DefinitionSubstitutions })).toThrow(
    'DefinitionSubstitutions have no text for ${Other}',
  );
});

it("registers each asset's directory under its S3 key", async () => {
  const target = fakeTarget();
  const directory = assembly({ Resources: {} });
  await loadAssembly(target, directory);
  expect([...target.assets]).toEqual([['abc.zip', join(directory, 'asset.abc')]]);
});

it.each([
  [
    'a cycle',
    { A: thing({ x: { Ref: 'B' } }), B: thing({}, { DependsOn: 'A' }) },
    'stack Cell: circular dependency between resources: A -> B -> A',
  ],
  [
    'an unknown type',
    { Q: { Type: 'AWS::Some::Thing' } },
    'stack Cell, Q (AWS::Some::Thing): this resource type is not modelled by the rehearsal region',
  ],
  [
    'an unknown attribute of a resource',
    { A: thing({}, { CreationPolicy: {} }) },
    "stack Cell: A's resource attribute CreationPolicy is not modelled",
  ],
  [
    'a name that is nowhere',
    { A: thing({ x: { Ref: 'Nowhere' } }) },
    'stack Cell, A (Test::Thing): Nowhere is neither a parameter nor a resource of this stack',
  ],
  [
    'an attribute that nobody answers',
    { A: thing({}), B: thing({ x: { 'Fn::GetAtt': ['A', 'Nope'] } }) },
    'stack Cell, B (Test::Thing): A has no attribute Nope in the rehearsal region',
  ],
])('refuses %s in a sentence that names the place', async (_, Resources, sentence) => {
  await expect(loadAssembly(fakeTarget(), assembly({ Resources }))).rejects.toThrow(sentence);
});

it('refuses a directory that is no cloud assembly', async () => {
  await expect(loadAssembly(fakeTarget(), tmpdir())).rejects.toThrow(/manifest\.json cannot be read/);
});
