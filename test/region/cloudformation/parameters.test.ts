import { describe, expect, it } from 'vitest';
import { deployStack, type StackTarget } from '../../../region/cloudformation/deploy-stack.ts';
import { newCloudFormationState } from '../../../region/cloudformation/model.ts';
import type { Template } from '../../../region/cloudformation/template.ts';
import { createRegion } from '../../../region/region.ts';
import { bareTarget } from './stack-fixture.ts';

type Given = Readonly<Record<string, string>>;

/** Deploys nothing but what a template says of its parameters; answers what `Ref` of each is. */
function deployments(more: Partial<StackTarget> = {}) {
  const state = newCloudFormationState();
  const seen: unknown[] = [];
  const target: StackTarget = {
    ...bareTarget(),
    resources: { 'Test::Thing': (_id, properties) => (seen.push(properties), { ref: 'thing', attributes: {} }) },
    updaters: {
      'Test::Thing': { changeable: 'all', update: ({ current, after }) => (seen.push(after), current) },
    },
    ...more,
  };
  const deploy = async (Parameters: object, parameters: Given = {}, others: object = {}) => {
    const Properties = Object.fromEntries(Object.keys(Parameters).map((name) => [name, { Ref: name }]));
    const template = {
      Parameters: Parameters as Template['Parameters'],
      Resources: { Thing: { Type: 'Test::Thing', Properties } },
      ...others,
    };
    await deployStack(target, state, { name: 'Shop', template: template as Template, assets: new Map(), parameters });
    return seen.at(-1);
  };
  return { deploy, seen, state };
}

const text = (more: object = {}) => ({ Size: { Type: 'String', ...more } });

describe('the value of a parameter', () => {
  it('is what is given, else what it was, else its default', async () => {
    const { deploy } = deployments();
    expect(await deploy(text({ Default: 'small' }))).toEqual({ Size: 'small' });
    expect(await deploy(text({ Default: 'large', Description: 'a new default' }))).toEqual({ Size: 'small' });
    expect(await deploy(text({ Default: 'large' }), { Size: 'huge' })).toEqual({ Size: 'huge' });
    expect(await deploy({ ...text({ Default: 'large' }), Colour: { Type: 'String', Default: 'red' } })).toEqual({
      Size: 'huge',
      Colour: 'red',
    });
  });

  it('that names an SSM parameter is read anew at every deployment', async () => {
    let stored = 'one';
    const { deploy } = deployments({ ssmParameter: (name) => (name === '/live' ? stored : undefined) });
    const live = { Live: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/live' } };
    expect(await deploy(live)).toEqual({ Live: 'one' });
    stored = 'two';
    expect(await deploy(live)).toEqual({ Live: 'two' });
    await expect(deploy(live, { Live: '/other' })).rejects.toThrow(
      'the parameter Live reads the SSM parameter /other, which does not exist',
    );
  });

  it('may be a list', async () => {
    const { deploy } = deployments();
    const lists = { Names: { Type: 'CommaDelimitedList' }, Ids: { Type: 'List<AWS::EC2::Subnet::Id>' } };
    expect(await deploy(lists, { Names: 'a, b', Ids: 'subnet-1' })).toEqual({ Names: ['a', 'b'], Ids: ['subnet-1'] });
  });

  it.each<[string, object, Given, string]>([
    ['is unknown', text({ Default: 'a' }), { Other: 'x' }, 'Parameters: [Other] do not exist in the template'],
    ['is missing', text(), {}, 'Parameters: [Size] must have values'],
    [
      'is not allowed',
      text({ AllowedValues: ['a', 'b'] }),
      { Size: 'c' },
      "Parameter 'Size' must be one of AllowedValues",
    ],
    [
      'does not match',
      text({ AllowedPattern: '[a-z]+' }),
      { Size: 'aB' },
      "Parameter 'Size' must match pattern [a-z]+",
    ],
    [
      'does not match, in words',
      text({ AllowedPattern: '[a-z]+', ConstraintDescription: 'must be lower case' }),
      { Size: 'aB' },
      'Parameter Size failed to satisfy constraint: must be lower case',
    ],
    ['is too short', text({ MinLength: 2 }), { Size: 'a' }, "Parameter 'Size' must contain at least 2 characters"],
    ['is too long', text({ MaxLength: '2' }), { Size: 'abc' }, "Parameter 'Size' must contain at most 2 characters"],
    ['is no number', { Size: { Type: 'Number' } }, { Size: 'x' }, "Parameter 'Size' must be a number."],
    ['is too little', { Size: { Type: 'Number', MinValue: 2 } }, { Size: '1' }, 'must be a number not less than 2'],
    ['is too much', { Size: { Type: 'Number', MaxValue: 2 } }, { Size: '3' }, 'must be a number not greater than 2'],
    [
      'is partly not allowed',
      { Size: { Type: 'CommaDelimitedList', AllowedValues: ['a'] } },
      { Size: 'a,b' },
      'AllowedValues',
    ],
    [
      'is constrained otherwise',
      text({ Default: 'a', AllowedChars: 'x' }),
      {},
      "Size's attribute AllowedChars is not modelled",
    ],
  ])('is refused before anything changes when it %s', async (_, declared, given, sentence) => {
    const { deploy, seen, state } = deployments();
    await expect(deploy(declared, given)).rejects.toThrow(sentence);
    expect([seen, state.stacks.size]).toEqual([[], 0]);
  });

  it('that was allowed once is refused when the template no longer allows it', async () => {
    const { deploy } = deployments();
    await deploy(text({ Default: 'small' }));
    await expect(deploy(text({ Default: 'large', AllowedValues: ['large'] }))).rejects.toThrow('AllowedValues');
  });
});

describe('a rule', () => {
  const PARAMETERS = {
    Stage: { Type: 'String', Default: 'test' },
    Names: { Type: 'CommaDelimitedList', Default: 'a,b' },
  };
  const rule = (Assert: object, more: object = {}) => ({
    Rules: { Fits: { Assertions: [{ Assert, AssertDescription: 'It must fit.' }], ...more } },
  });
  const FAILS = { 'Fn::Equals': [{ Ref: 'Stage' }, 'nothing'] };
  const HOLDS = { 'Fn::Not': [FAILS] };

  it.each<[string, object]>([
    ['Fn::Equals', FAILS],
    ['Fn::Not', { 'Fn::Not': [HOLDS] }],
    ['Fn::And', { 'Fn::And': [HOLDS, FAILS] }],
    ['Fn::Or', { 'Fn::Or': [FAILS, FAILS] }],
    ['what is denied of an Fn::Or', { 'Fn::Not': [{ 'Fn::Or': [FAILS, HOLDS] }] }],
    ['Fn::Contains', { 'Fn::Contains': [['prod', 'beta'], { Ref: 'Stage' }] }],
    ['Fn::EachMemberEquals', { 'Fn::EachMemberEquals': [{ Ref: 'Names' }, 'a'] }],
    ['Fn::EachMemberIn', { 'Fn::EachMemberIn': [{ Ref: 'Names' }, ['a', 'c']] }],
  ])('refuses the deployment before anything changes when %s does not hold', async (_, assertion) => {
    const { deploy, seen, state } = deployments();
    await expect(deploy(PARAMETERS, {}, rule(assertion))).rejects.toThrow(
      'stack Shop: Template error: rule Fits failed: It must fit.',
    );
    expect([seen, state.stacks.size]).toEqual([[], 0]);
    await expect(deploy(PARAMETERS, {}, rule({ 'Fn::Not': [assertion] }))).resolves.toMatchObject({ Stage: 'test' });
    expect([seen.length, state.stacks.size]).toEqual([1, 1]);
  });

  it('takes effect only when its condition holds', async () => {
    const { deploy, seen } = deployments();
    await expect(deploy(PARAMETERS, {}, rule(FAILS, { RuleCondition: HOLDS }))).rejects.toThrow('It must fit.');
    await expect(deploy(PARAMETERS, {}, rule(FAILS, { RuleCondition: FAILS }))).resolves.toMatchObject({
      Stage: 'test',
    });
    expect(seen).toHaveLength(1);
  });

  it('guards updates too, and says what does not hold when nobody describes it', async () => {
    const { deploy, seen } = deployments();
    await deploy(PARAMETERS);
    await expect(
      deploy(PARAMETERS, { Stage: 'prod' }, { Rules: { Fits: { Assertions: [{ Assert: FAILS }] } } }),
    ).rejects.toThrow('rule Fits failed: an assertion does not hold: {"Fn::Equals":[{"Ref":"Stage"},"nothing"]}');
    expect(seen).toHaveLength(1);
  });

  it("plays the CDK's own: a bootstrap stack that is too old is refused", async () => {
    const Version = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk/version' };
    const assertion = { 'Fn::Not': [{ 'Fn::Contains': [['1', '2', '3', '4', '5'], { Ref: 'Version' }] }] };
    const of = (version: string) => deployments({ ssmParameter: () => version });
    await expect(of('6').deploy({ Version }, {}, rule(assertion))).resolves.toEqual({ Version: '6' });
    await expect(of('5').deploy({ Version }, {}, rule(assertion))).rejects.toThrow('It must fit.');
  });

  it.each([
    [
      'of an unknown function',
      { 'Fn::Sometimes': [] },
      'the rule function Fn::Sometimes answers neither true nor false',
    ],
    ['that is none', { a: 1, b: 2 }, 'not a rule function: {"a":1,"b":2}'],
    [
      'about an unknown type',
      { 'Fn::Contains': [{ 'Fn::RefAll': 'AWS::EC2::Image::Id' }, 'x'] },
      'The parameter type AWS::EC2::Image::Id in a rule is not modelled',
    ],
  ])('%s is refused', async (_, assertion, sentence) => {
    await expect(deployments().deploy(PARAMETERS, {}, rule(assertion))).rejects.toThrow(sentence);
  });

  it('knows the networks of the account, and of which VPC and zone each subnet is', async () => {
    const region = createRegion();
    region.ec2.admitNetwork({ vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'] });
    region.ec2.admitNetwork({ vpcId: 'vpc-2', subnetIds: ['subnet-3'] });
    const { deploy } = deployments({ valuesOfType: region.ec2.valuesOfType });
    const declared = {
      Vpc: { Type: 'AWS::EC2::VPC::Id' },
      Subnets: { Type: 'List<AWS::EC2::Subnet::Id>' },
    };
    const sameVpc = { 'Fn::EachMemberEquals': [{ 'Fn::ValueOf': ['Subnets', 'VpcId'] }, { Ref: 'Vpc' }] };
    const given = (Subnets: string) => ({ Vpc: 'vpc-1', Subnets });
    await expect(deploy(declared, given('subnet-1,subnet-2'), rule(sameVpc))).resolves.toMatchObject({ Vpc: 'vpc-1' });
    await expect(deploy(declared, given('subnet-1,subnet-3'), rule(sameVpc))).rejects.toThrow('It must fit.');
    await expect(deploy(declared, given('subnet-9'), rule(sameVpc))).rejects.toThrow(
      'subnet-9 of Subnets does not exist',
    );
    const known = { 'Fn::Contains': [{ 'Fn::RefAll': 'AWS::EC2::VPC::Id' }, { Ref: 'Vpc' }] };
    const zones = {
      'Fn::EachMemberIn': [{ 'Fn::ValueOfAll': ['AWS::EC2::Subnet::Id', 'AvailabilityZone'] }, ['us-east-1a']],
    };
    await expect(deploy(declared, given('subnet-1'), rule(known))).resolves.toMatchObject({
      Vpc: 'vpc-1',
    });
    await expect(deploy(declared, given('subnet-1'), rule(zones))).rejects.toThrow('It must fit.');
  });
});
