import { describe, expect, it } from 'vitest';
import { checkActions, checkRequest, createIam } from '../../../region/iam/iam.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import type { Caller, PermissionRequest } from '../../../region/service.ts';

const ROLE_ARN = 'arn:aws:iam::123456789012:role/roller';
const SERVICE_ARN = 'arn:aws:ecs:us-east-1:123456789012:service/prod/api';
const CALLER = { kind: 'role', roleArn: ROLE_ARN, sessionName: 'roll' } as const;
const UPDATE: PermissionRequest = { action: 'ecs:UpdateService', resource: SERVICE_ARN };

function policy(...Statement: object[]): object {
  return { Version: '2012-10-17', Statement };
}

const allow = (Action: string | string[], Resource: string | string[], Condition?: object): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});

const deny = (Action: string, Resource: string): object => ({ Effect: 'Deny', Action, Resource });

const TRUST = policy({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' });

function emptyIam() {
  return createIam({ kernel: new Kernel(), account: '123456789012', region: 'us-east-1' });
}

/** IAM with the role `roller`, which has one inline policy of these statements. */
async function iamWith(statements: readonly object[], properties: Readonly<Record<string, unknown>> = {}) {
  const iam = emptyIam();
  const Policies = statements.length === 0 ? [] : [{ PolicyName: 'inline', PolicyDocument: policy(...statements) }];
  const role = { RoleName: 'roller', AssumeRolePolicyDocument: TRUST, Policies, ...properties };
  await iam.resources['AWS::IAM::Role']!('Role', role, 'stack');
  return iam;
}

async function isAllowed(statement: object, request: PermissionRequest): Promise<boolean> {
  return (await iamWith([statement])).authorize(CALLER, request).isAllowed;
}

describe('an identity policy', () => {
  it('allows what it names and says what it lacks in the words of AWS', async () => {
    const iam = await iamWith([allow('ecs:UpdateService', SERVICE_ARN)]);
    expect(iam.authorize(CALLER, UPDATE).isAllowed).toBe(true);
    expect(iam.authorize(CALLER, { ...UPDATE, action: 'ecs:DeleteService' })).toEqual({
      isAllowed: false,
      isExplicitDeny: false,
      reason: `User: arn:aws:sts::123456789012:assumed-role/roller/roll is not authorized to perform: ecs:DeleteService on resource: ${SERVICE_ARN} because no identity-based policy allows the ecs:DeleteService action`,
    });
  });

  it('denies explicitly whatever else allows', async () => {
    const iam = await iamWith([deny('ecs:Update*', '*'), allow('*', '*')]);
    expect(iam.authorize(CALLER, UPDATE)).toMatchObject({
      isAllowed: false,
      isExplicitDeny: true,
      reason: expect.stringMatching(/ with an explicit deny in an identity-based policy$/) as string,
    });
  });

  it.each([
    ['ecs:updateservice', true],
    ['ECS:Update*', true],
    ['ecs:*Service', true],
    ['ecs:Update?ervice', true],
    ['*', true],
    ['ecs:UpdateServic', false],
    ['ecs:UpdateServicePrimaryTaskSet', false],
    ['ecr:*', false],
  ])('with the action %s: %s', async (action, expected) => {
    const iam = await iamWith([]);
    iam.replacePolicies(ROLE_ARN, [{ name: 'p', document: policy(allow(action, '*')) }]);
    expect(iam.authorize(CALLER, UPDATE).isAllowed).toBe(expected);
  });

  it.each([
    [SERVICE_ARN, true],
    ['arn:aws:ecs:us-east-1:123456789012:service/prod/*', true],
    ['arn:aws:ecs:*:*:service/*', true],
    ['arn:aws:ecs:us-east-1:123456789012:service/prod/ap?', true],
    ['*', true],
    ['arn:aws:ecs:us-east-1:123456789012:service/Prod/api', false],
    ['arn:aws:ecs:us-east-1:123456789012:service/prod/a', false],
    ['arn:aws:ecs:*:service/prod/api:x', false],
  ])('with the resource %s: %s', async (resource, expected) => {
    expect(await isAllowed(allow('ecs:UpdateService', resource), UPDATE)).toBe(expected);
  });

  it('needs * for an action without a resource', async () => {
    const request = { action: 'ecr:GetAuthorizationToken', resource: '*' };
    expect(await isAllowed(allow('ecr:GetAuthorizationToken', 'arn:aws:ecr:*:*:repository/*'), request)).toBe(false);
    expect(await isAllowed(allow('ecr:GetAuthorizationToken', '*'), request)).toBe(true);
  });

  it('may say what it does not mean', async () => {
    const statement = { Effect: 'Allow', NotAction: 'ecs:Delete*', NotResource: `${SERVICE_ARN}2` };
    expect(await isAllowed(statement, UPDATE)).toBe(true);
    expect(await isAllowed(statement, { ...UPDATE, action: 'ecs:DeleteService' })).toBe(false);
    expect(await isAllowed(statement, { ...UPDATE, resource: `${SERVICE_ARN}2` })).toBe(false);
  });
});

describe('a condition', () => {
  const cluster = 'arn:aws:ecs:us-east-1:123456789012:cluster/prod';
  const cases: [string, object, PermissionRequest['context'], boolean][] = [
    [
      'StringEquals',
      { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      true,
    ],
    [
      'StringEquals',
      { 'iam:PassedToService': 'ecs.amazonaws.com' },
      { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
      false,
    ],
    ['StringEquals', { 'IAM:passedtoservice': ['a', 'b'] }, { 'iam:PassedToService': 'b' }, true],
    ['StringEquals', { 'ecs:cluster': cluster }, {}, false],
    ['StringEqualsIfExists', { 'ecs:cluster': cluster }, {}, true],
    ['StringEqualsIfExists', { 'ecs:cluster': cluster }, { 'ecs:cluster': 'other' }, false],
    ['StringNotEquals', { 'ecs:cluster': ['a', 'b'] }, { 'ecs:cluster': 'b' }, false],
    ['StringNotEquals', { 'ecs:cluster': ['a', 'b'] }, { 'ecs:cluster': 'c' }, true],
    ['StringNotEquals', { 'ecs:cluster': 'a' }, {}, true],
    ['StringEqualsIgnoreCase', { 'ecs:x': 'Prod' }, { 'ecs:x': 'pROD' }, true],
    ['StringLike', { 'ecs:x': 'pr?d*' }, { 'ecs:x': 'prd' }, false],
    ['StringLike', { 'ecs:x': 'pr?d*' }, { 'ecs:x': 'prod-1' }, true],
    ['StringNotLike', { 'ecs:x': 'prod*' }, { 'ecs:x': 'prod-1' }, false],
    ['ArnEquals', { 'ecs:cluster': 'arn:aws:ecs:*:*:cluster/prod' }, { 'ecs:cluster': cluster }, true],
    ['ArnLike', { 'ecs:cluster': 'arn:aws:ecs:*:cluster/prod:x' }, { 'ecs:cluster': cluster }, false],
    ['ArnNotLike', { 'ecs:cluster': 'arn:aws:ecs:*:*:cluster/test' }, { 'ecs:cluster': cluster }, true],
    ['Bool', { 'aws:SecureTransport': 'true' }, {}, true],
    ['Bool', { 'aws:SecureTransport': false }, {}, false],
    ['Null', { 'ecs:cluster': 'true' }, {}, true],
    ['Null', { 'ecs:cluster': 'false' }, {}, false],
    ['NumericLessThan', { 'ecs:task-cpu': '1024' }, { 'ecs:task-cpu': '512' }, true],
    ['NumericGreaterThanEquals', { 'ecs:task-cpu': '1024' }, { 'ecs:task-cpu': '512' }, false],
    ['ForAnyValue:StringEquals', { 'aws:TagKeys': ['a', 'b'] }, { 'aws:TagKeys': ['c', 'b'] }, true],
    ['ForAnyValue:StringEquals', { 'aws:TagKeys': ['a', 'b'] }, {}, false],
    ['ForAllValues:StringEquals', { 'aws:TagKeys': ['a', 'b'] }, { 'aws:TagKeys': ['a', 'b', 'c'] }, false],
    ['ForAllValues:StringEquals', { 'aws:TagKeys': ['a', 'b'] }, { 'aws:TagKeys': ['b'] }, true],
    ['ForAllValues:StringEquals', { 'aws:TagKeys': ['a', 'b'] }, {}, true],
    ['ForAllValues:StringNotLike', { 'aws:TagKeys': 'aws:*' }, { 'aws:TagKeys': ['a', 'aws:b'] }, false],
    ['StringEquals', { 'aws:PrincipalTag/team': 'green' }, {}, true],
    ['StringEquals', { 'aws:PrincipalArn': ROLE_ARN }, {}, true],
    ['StringEquals', { 'aws:RequestedRegion': 'eu-west-1' }, {}, false],
  ];

  it.each(cases)('%s %j with %j: %s', async (operator, block, context, expected) => {
    const statement = allow('ecs:UpdateService', '*', { [operator]: block });
    const iam = await iamWith([statement], { Tags: [{ Key: 'team', Value: 'green' }] });
    expect(iam.authorize(CALLER, { ...UPDATE, context: context! }).isAllowed).toBe(expected);
  });

  it('holds only if all its lines hold', async () => {
    const block = { StringEquals: { 'ecs:x': 'a', 'ecs:y': 'b' }, StringLike: { 'ecs:z': 'c*' } };
    const statement = allow('ecs:UpdateService', '*', block);
    expect(await isAllowed(statement, { ...UPDATE, context: { 'ecs:x': 'a', 'ecs:y': 'b', 'ecs:z': 'cc' } })).toBe(
      true,
    );
    expect(await isAllowed(statement, { ...UPDATE, context: { 'ecs:x': 'a', 'ecs:y': 'x', 'ecs:z': 'cc' } })).toBe(
      false,
    );
  });

  describe('on attributes and keys of a table', () => {
    const table = 'arn:aws:dynamodb:us-east-1:123456789012:table/scores';
    const statement = allow('dynamodb:GetItem', table, {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': 'web', 'dynamodb:Attributes': ['user', 'score'] },
      StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
    });
    const keys = { 'dynamodb:LeadingKeys': ['web'], 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' };

    it.each([
      ['some of them', { ...keys, 'dynamodb:Attributes': ['user'] }, true],
      ['one more', { ...keys, 'dynamodb:Attributes': ['user', 'score', 'phone'] }, false],
      ['no attribute by its name', { ...keys, 'dynamodb:Attributes': [], 'dynamodb:Select': 'ALL_ATTRIBUTES' }, false],
      ['another partition', { ...keys, 'dynamodb:LeadingKeys': ['api'], 'dynamodb:Attributes': ['user'] }, false],
    ])('lets read whoever names %s: %o', async (_what, context, expected) => {
      expect(await isAllowed(statement, { action: 'dynamodb:GetItem', resource: table, context })).toBe(expected);
    });

    it('is refused where the region does not send the key', async () => {
      const unknown = allow('dynamodb:Scan', table, { Bool: { 'dynamodb:FullTableScan': 'false' } });
      await expect(iamWith([unknown])).rejects.toThrow('the IAM condition key dynamodb:FullTableScan');
    });
  });

  it('without set operator refuses a key of many values', async () => {
    const statement = allow('ecs:UpdateService', '*', { StringEquals: { 'aws:TagKeys': 'a' } });
    await expect(isAllowed(statement, { ...UPDATE, context: { 'aws:TagKeys': ['a', 'b'] } })).rejects.toThrow(
      /multivalued/,
    );
  });
});

describe('a policy is refused when it', () => {
  it.each([
    [
      'names an action that no service has',
      allow('ecs:UpdateServise', '*'),
      /ecs:UpdateServise: ecs has no such action/,
    ],
    ['names a service that does not exist', allow('esc:UpdateService', '*'), /IAM knows no service esc/],
    ['has a wildcard that matches nothing', allow('ecs:Updaate*', '*'), /ecs:Updaate\*: ecs has no such action/],
    [
      'uses a policy variable',
      allow('ecs:UpdateService', 'arn:aws:ecs:*:*:service/${aws:userid}'),
      /policy variable .* is not modelled/,
    ],
    ['names a resource that is no ARN', allow('ecs:UpdateService', 'api'), /must be in ARN format/],
    ['has no effect', { Action: 'ecs:UpdateService', Resource: '*' }, /Invalid effect/],
    [
      'has both Action and NotAction',
      { ...allow('ecs:UpdateService', '*'), NotAction: 'ecr:*' },
      /exactly one of Action/,
    ],
    ['has no resource', { Effect: 'Allow', Action: 'ecs:UpdateService' }, /exactly one of Resource/],
    ['names a principal', { ...allow('ecs:UpdateService', '*'), Principal: '*' }, /should not specify a principal/],
    ['has an unknown element', { ...allow('ecs:UpdateService', '*'), When: 'now' }, /statement element When/],
    [
      'has an unknown operator',
      allow('ecs:UpdateService', '*', { StringIs: { 'ecs:x': 'a' } }),
      /Invalid Condition type : StringIs/,
    ],
    [
      'has an operator that is not modelled',
      allow('ecs:UpdateService', '*', { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }),
      /not modelled/,
    ],
    [
      'asks for a global key that is not modelled',
      allow('ecs:UpdateService', '*', { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }),
      /aws:MultiFactorAuthPresent is not modelled/,
    ],
  ])('%s', async (_, statement, message) => {
    await expect(iamWith([statement])).rejects.toThrow(message);
  });
});

describe('a role', () => {
  it('is created with its ARN and id', async () => {
    const role = { RoleName: 'roller', AssumeRolePolicyDocument: TRUST };
    const created = await emptyIam().resources['AWS::IAM::Role']!('Role', role, 'stack');
    expect(created).toEqual({
      ref: 'roller',
      attributes: { Arn: ROLE_ARN, RoleId: expect.stringMatching(/^AROA[0-9A-F]{17}$/) as string },
    });
  });

  it('gets policies from policy resources and from managed ones', async () => {
    const iam = await iamWith([], {
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
    });
    const attached = {
      PolicyName: 'attached',
      Roles: ['roller'],
      PolicyDocument: policy(allow('ecs:UpdateService', SERVICE_ARN)),
    };
    await iam.resources['AWS::IAM::Policy']!('Policy', attached, 'stack');
    expect(iam.authorize(CALLER, UPDATE).isAllowed).toBe(true);
    const log = {
      action: 'logs:PutLogEvents',
      resource: 'arn:aws:logs:us-east-1:123456789012:log-group:x:log-stream:y',
    };
    expect(iam.authorize(CALLER, log).isAllowed).toBe(true);
    expect(iam.policiesOf(ROLE_ARN).map(({ name }) => name)).toEqual([
      'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      'attached',
    ]);
  });

  it('loses what is taken out of its policies', async () => {
    const iam = await iamWith([allow('ecs:UpdateService', SERVICE_ARN)]);
    iam.replacePolicies(ROLE_ARN, []);
    expect(iam.authorize(CALLER, UPDATE).isAllowed).toBe(false);
  });

  it('is held within its permissions boundary', async () => {
    const iam = emptyIam();
    const boundary = { PolicyDocument: policy(allow('ecs:Describe*', '*')) };
    const { ref } = await iam.resources['AWS::IAM::ManagedPolicy']!('Boundary', boundary, 'stack');
    const Policies = [{ PolicyName: 'all', PolicyDocument: policy(allow('ecs:*', '*')) }];
    const role = { RoleName: 'roller', AssumeRolePolicyDocument: TRUST, PermissionsBoundary: ref, Policies };
    await iam.resources['AWS::IAM::Role']!('Role', role, 'stack');
    expect(iam.authorize(CALLER, { ...UPDATE, action: 'ecs:DescribeServices' }).isAllowed).toBe(true);
    expect(iam.authorize(CALLER, UPDATE)).toMatchObject({
      isAllowed: false,
      reason: expect.stringMatching(/because no permissions boundary allows the ecs:UpdateService action$/) as string,
    });
  });

  it.each([
    ['arn:aws:iam::aws:policy/AdministratorAccess', true, true],
    ['arn:aws:iam::aws:policy/PowerUserAccess', true, false],
  ])('is held within the boundary %s of AWS', async (PermissionsBoundary, mayUpdate, mayPass) => {
    const iam = await iamWith([allow('*', '*')], { PermissionsBoundary });
    expect(iam.authorize(CALLER, UPDATE).isAllowed).toBe(mayUpdate);
    expect(iam.authorize(CALLER, { action: 'iam:PassRole', resource: ROLE_ARN }).isAllowed).toBe(mayPass);
  });

  it('is held within a boundary that no stack has made, and GetRole names it', async () => {
    const iam = emptyIam();
    const arn = iam.putManagedPolicy('/company/limits', policy(allow('ecs:Describe*', '*')));
    expect(arn).toBe('arn:aws:iam::123456789012:policy/company/limits');
    const Policies = [{ PolicyName: 'all', PolicyDocument: policy(allow('*', '*')) }];
    const role = { RoleName: 'roller', AssumeRolePolicyDocument: TRUST, PermissionsBoundary: arn, Policies };
    await iam.resources['AWS::IAM::Role']!('Role', role, 'another-stack');
    expect(iam.authorize(CALLER, UPDATE).isAllowed).toBe(false);
    const answer = iam.operations['GetRole']!.apply({ RoleName: 'roller' } as never, { kind: 'operator' });
    expect(answer).toMatchObject({ Role: { PermissionsBoundary: { PermissionsBoundaryArn: arn } } });
    const current = { ref: arn, attributes: {} };
    const properties = { PolicyDocument: policy(allow('ecs:Describe*', '*')) };
    const resource = { logicalId: 'Limits', type: 'AWS::IAM::ManagedPolicy', stackName: 'stack', current, properties };
    expect(() => iam.deleters!['AWS::IAM::ManagedPolicy']!(resource)).toThrow('Cannot delete a policy attached');
  });

  it.each([
    [
      { ManagedPolicyArns: ['arn:aws:iam::aws:policy/job-function/Billing'] },
      /managed policy .*Billing is not modelled/,
    ],
    [
      { PermissionsBoundary: 'arn:aws:iam::123456789012:policy/none' },
      /^Policy arn:aws:iam::123456789012:policy\/none does not exist or is not attachable\.$/,
    ],
    [{ PermissionsBoundary: 'arn:aws:iam::aws:policy/job-function/Billing' }, /Billing is not modelled/],
    [{ Pets: [] }, /the property Pets of AWS::IAM::Role Role is not modelled/],
    [{ MaxSessionDuration: 60 }, /MaxSessionDuration/],
  ])('is refused with %j', async (properties, message) => {
    await expect(iamWith([], properties)).rejects.toThrow(message);
  });
});

describe('assuming a role', () => {
  const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:roll-service';
  const trusting = (Condition: object): object =>
    policy({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole', Condition });

  it('takes a service that the role trusts', async () => {
    const iam = await iamWith([]);
    const caller = iam.assumeRole(ROLE_ARN, { principal: 'lambda.amazonaws.com' }, 'roll');
    expect(caller).toEqual(CALLER);
    expect(() => iam.assumeRole(ROLE_ARN, { principal: 'states.amazonaws.com' }, 'x')).toThrow(
      /states\.amazonaws\.com .*is not authorized to perform: sts:AssumeRole on resource: .*role\/roller because no trust policy allows/,
    );
  });

  it.each([
    [{ ArnLike: { 'aws:SourceArn': `${functionArn}*` } }, true],
    [{ ArnLike: { 'aws:SourceArn': `${functionArn}2` } }, false],
    [{ StringEquals: { 'aws:SourceAccount': '123456789012' } }, true],
    [{ StringEquals: { 'aws:SourceAccount': '210987654321' } }, false],
  ])('honours the condition %j: %s', async (condition, expected) => {
    const iam = await iamWith([], { AssumeRolePolicyDocument: trusting(condition) });
    const assume = () => iam.assumeRole(ROLE_ARN, { principal: 'lambda.amazonaws.com', sourceArn: functionArn }, 'x');
    if (expected) expect(assume).not.toThrow();
    else expect(assume).toThrow(/not authorized/);
  });

  it('gives sessions access keys that name their caller', async () => {
    const iam = await iamWith([]);
    const keys = [iam.issueAccessKey(CALLER), iam.issueAccessKey({ kind: 'operator' })];
    expect(keys[0]).toMatch(/^ASIA[0-9A-F]{16}$/);
    expect(keys.map((key) => iam.callerOf(key))).toEqual([CALLER, { kind: 'operator' }]);
    expect(iam.callerOf('ASIANOBODY')).toBeUndefined();
  });
});

describe('a resource policy', () => {
  const queueArn = 'arn:aws:sqs:us-east-1:123456789012:dead-letters';
  const ruleArn = 'arn:aws:events:us-east-1:123456789012:rule/pushes';
  const SEND: PermissionRequest = { action: 'sqs:SendMessage', resource: queueArn };
  const byRule: Caller = { kind: 'service', principal: 'events.amazonaws.com', sourceArn: ruleArn };
  const statement = (Principal: unknown, rest: object = {}): object => ({
    ...allow('sqs:SendMessage', queueArn),
    Principal,
    ...rest,
  });
  const decide = (of: object, caller: Caller) => emptyIam().authorizeByPolicy(policy(of), caller, SEND);

  it.each([
    [{ Service: 'events.amazonaws.com' }, byRule, true],
    [{ Service: ['sns.amazonaws.com', 'events.amazonaws.com'] }, byRule, true],
    [{ Service: 'sns.amazonaws.com' }, byRule, false],
    ['*', byRule, true],
    [{ AWS: '*' }, CALLER, true],
    [{ AWS: ROLE_ARN }, CALLER, true],
    [{ AWS: 'arn:aws:sts::123456789012:assumed-role/roller/roll' }, CALLER, true],
    [{ AWS: `${ROLE_ARN}2` }, CALLER, false],
    [{ AWS: 'arn:aws:iam::123456789012:root' }, CALLER, false],
    [{ Federated: 'token.actions.githubusercontent.com' }, CALLER, false],
  ] as const)('for the principal %j and %j: %s', (principal, caller, expected) => {
    expect(decide(statement(principal), caller).isAllowed).toBe(expected);
  });

  it('denies a whole account by its root', () => {
    const denial = statement({ AWS: '123456789012' }, { Effect: 'Deny' });
    expect(decide(denial, CALLER)).toMatchObject({ isAllowed: false, isExplicitDeny: true });
  });

  it('looks at the source of a service', () => {
    const condition = { Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } } };
    const guarded = statement({ Service: 'events.amazonaws.com' }, condition);
    expect(decide(guarded, byRule).isAllowed).toBe(true);
    expect(decide(guarded, { ...byRule, sourceArn: `${ruleArn}2` })).toMatchObject({
      isAllowed: false,
      reason: expect.stringContaining('because no resource-based policy allows the sqs:SendMessage action') as string,
    });
  });

  it('refuses principals that it does not know', () => {
    expect(() => decide(statement({ CanonicalUser: 'x' }), byRule)).toThrow(/CanonicalUser is not modelled/);
  });
});

describe('the operator', () => {
  it('may do everything', () => {
    expect(emptyIam().authorize({ kind: 'operator' }, UPDATE).isAllowed).toBe(true);
  });
});

describe('what AWS itself knows', () => {
  it('finds misspelt actions of a policy', async () => {
    const problems = await checkActions(policy(allow(['ecs:UpdateService', 'ecs:Roll'], '*'), allow('s4:*', '*')));
    expect(problems).toEqual(['ecs:Roll: ecs has no such action', 's4:*: IAM knows no service s4']);
  });

  it.each([
    ['ecs:UpdateService', SERVICE_ARN, undefined],
    ['ecs:UpdateService', 'arn:aws:ecs:us-east-1:123456789012:cluster/prod', /does not take the resource/],
    ['ecs:UpdateService', '*', /takes a resource of type service, not \*/],
    ['ecs:ListTasks', '*', undefined],
    ['ecs:DescribeTaskDefinition', '*', undefined],
    ['ecs:Roll', '*', /ecs:Roll does not exist/],
  ])('judges the request for %s on %s', async (action, resource, problem) => {
    const found = await checkRequest({ action, resource });
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(problem);
  });

  it('is remembered once with its answer', async () => {
    const iam = await iamWith([]);
    iam.authorize(CALLER, UPDATE);
    iam.authorize(CALLER, UPDATE);
    expect(iam.asked).toEqual([expect.objectContaining({ ...UPDATE, isAllowed: false })]);
  });
});
