import { expect, it } from 'vitest';
import { substituteDefinition } from '../../../region/cloudformation/definition-substitutions.ts';
import { deployStack, type StackTarget } from '../../../region/cloudformation/deploy-stack.ts';
import { newCloudFormationState } from '../../../region/cloudformation/model.ts';
import { bareTarget, shop, thing } from './stack-fixture.ts';

interface FakeTarget extends StackTarget {
  readonly created: { readonly logicalId: string; readonly properties: unknown }[];
  readonly assets: Map<string, string>;
}

function fakeTarget(): FakeTarget {
  const created: FakeTarget['created'] = [];
  const assets = new Map<string, string>();
  return {
    ...bareTarget(),
    created,
    assets,
    registerAsset: (key, path) => void assets.set(key, path),
    ssmParameter: (name) => (name === '/live' ? 'sha256:live' : undefined),
    resources: {
      'Test::Thing': (logicalId, properties, stackName) => {
        created.push({ logicalId, properties });
        return { ref: `${stackName}-${logicalId}`, attributes: { Arn: `arn:${logicalId}` } };
      },
    },
  };
}

const deploy = (target: StackTarget, template: object) => deployStack(target, newCloudFormationState(), shop(template));

it('refuses a dependency on a resource that the template does not declare', async () => {
  const Resources = { Service: thing({}, { DependsOn: ['Role'] }) };
  await expect(deploy(fakeTarget(), { Resources })).rejects.toThrow('Unresolved resource dependencies [Role]');
});

it('creates resources after everything that they refer to or depend on', async () => {
  const target = fakeTarget();
  const Resources = {
    Last: thing({ needs: { 'Fn::GetAtt': ['Middle', 'Arn'] } }),
    Middle: thing({ name: { 'Fn::Sub': '${First}!' } }),
    First: thing({}, { DependsOn: ['Zeroth'] }),
    Zeroth: thing({}),
  };
  await deploy(target, { Resources });
  expect(target.created).toEqual([
    { logicalId: 'Zeroth', properties: {} },
    { logicalId: 'First', properties: {} },
    { logicalId: 'Middle', properties: { name: 'Shop-First!' } },
    { logicalId: 'Last', properties: { needs: 'arn:Middle' } },
  ]);
});

it('resolves outputs, parameters and conditions, and leaves out what a condition excludes', async () => {
  const target = fakeTarget();
  const { outputs } = await deploy(target, {
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
  });
  expect(outputs).toEqual({ All: '21 sha256:live Shop-Thing 123456789012' });
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

it("uploads each asset's directory under its S3 key", async () => {
  const target = fakeTarget();
  await deploy(target, { Resources: {} });
  expect([...target.assets]).toEqual([['abc.zip', '/asset.abc']]);
});

it.each([
  [
    'a cycle',
    { A: thing({ x: { Ref: 'B' } }), B: thing({}, { DependsOn: 'A' }) },
    'stack Shop: circular dependency between resources: A -> B -> A',
  ],
  [
    'an unknown type',
    { Q: { Type: 'AWS::Some::Thing' } },
    'stack Shop, Q (AWS::Some::Thing): this resource type is not modelled by this region',
  ],
  [
    'an unknown attribute of a resource',
    { A: thing({}, { CreationPolicy: {} }) },
    "stack Shop: A's resource attribute CreationPolicy is not modelled",
  ],
  [
    'a name that is nowhere',
    { A: thing({ x: { Ref: 'Nowhere' } }) },
    'stack Shop, A (Test::Thing): Nowhere is neither a parameter nor a resource of this stack',
  ],
  [
    'an attribute that nobody answers',
    { A: thing({}), B: thing({ x: { 'Fn::GetAtt': ['A', 'Nope'] } }) },
    'stack Shop, B (Test::Thing): A has no attribute Nope in this region',
  ],
])('refuses %s in a sentence that names the place', async (_, Resources, sentence) => {
  await expect(deploy(fakeTarget(), { Resources })).rejects.toThrow(sentence);
});
