import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { CPUS, isFargateSize } from '../../configuration/fargate-sizes.ts';
import { trustConditions } from '../../infra/github-access.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { temporaryDirectory } from './temporary.ts';
import { unreasoned } from './validation-report.ts';

interface Template {
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>
  >;
}

const SERVICE: ServiceConfiguration = { repository: 'team/api', container: 'api', tag: { glob: '*' } };
const FULL: ServiceConfiguration = {
  ...SERVICE,
  registry: {},
  github: { repository: 'octo-org/api', environment: 'production' },
  provision: { port: 8000 },
};
const check = (service: object): unknown => checkConfiguration({ services: [{ ...SERVICE, ...service }] }, 'test');

describe('sizes', () => {
  it('are exactly the 74 pairs that Fargate offers up to 16 vCPU', () => {
    const memories = Array.from({ length: 240 }, (_, index) => (index + 1) * 512);
    const pairs = CPUS.flatMap((cpu) => memories.filter((memoryMiB) => isFargateSize(cpu, memoryMiB)));
    expect(pairs).toHaveLength(74);
  });

  it.each([
    [{ cpu: 256, memoryMiB: 4096 }, 'with cpu 256 take memoryMiB 2048; memoryMiB 4096 goes with cpu 512, 1024, 2048'],
    [{ cpu: 8192, memoryMiB: 17_408 }, 'with cpu 8192 take memoryMiB 16384 or 20480'],
    [{ cpu: 300 }, 'take one of 256, 512, 1024'],
    [{ ephemeralStorageGiB: 20 }, 'give GiB'],
  ])('of %j are refused, and the remedy names what is near', (size, remedy) => {
    expect(() => check({ provision: { port: 8000, ...size } })).toThrow(remedy);
  });
});

describe('what AWS or the CDK would refuse later', () => {
  const arn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:key';
  const network = { vpcId: 'vpc-12345678', subnetIds: ['subnet-12345678', 'subnet-12345679'], assignPublicIp: false };

  it.each<[string, object, string]>([
    [
      'more filters than ECR has',
      { tag: { glob: 'live' }, registry: { movingTags: ['a', 'b', 'c', 'd'] } },
      '"live", which is followed',
    ],
    ['a tag that moves anyway', { registry: { movingTags: ['rollouts-keep-*'] } }, 'movingTags[0]'],
    ['every tag moving', { registry: { movingTags: ['*'] } }, 'movingTags[0]'],
    ['three wildcards', { registry: { movingTags: ['a*b*c*'] } }, 'at most two "*"'],
    ['a tag twice', { registry: { movingTags: ['a', 'a'] } }, 'is there twice'],
    [
      'a check longer than its interval',
      { provision: { port: 1, healthCheck: { timeoutSeconds: 30 } } },
      'not shorter than the interval of 10 s',
    ],
    ['half an ARN', { provision: { port: 1, secrets: { KEY: { secret: arn } } } }, 'six characters'],
    ['a name with colons', { provision: { port: 1, secrets: { KEY: { secret: 'key:token::' } } } }, 'secrets.KEY'],
    [
      'a name that ends as an ARN does',
      { provision: { port: 1, secrets: { KEY: { secret: 'api-config' } } } },
      'needs its ARN',
    ],
    ['a key with colons', { provision: { port: 1, secrets: { KEY: { secret: 'key', key: 'a:b' } } } }, 'secrets.KEY'],
    [
      'no word on public addresses',
      { provision: { port: 1, network: { ...network, assignPublicIp: undefined } } },
      'assignPublicIp',
    ],
    [
      'a public door in private subnets',
      { provision: { port: 1, network, loadBalancer: {} } },
      'loadBalancer.subnetIds',
    ],
    [
      'a door in one subnet',
      { provision: { port: 1, network, loadBalancer: { subnetIds: ['subnet-1234567a'] } } },
      'loadBalancer.subnetIds: ["subnet-1234567a"]: is one subnet',
    ],
    [
      'a subnet twice',
      { provision: { port: 1, network: { ...network, subnetIds: ['subnet-12345678', 'subnet-12345678'] } } },
      'subnetIds[1]',
    ],
    ['a role with a path', { executionRole: 'team/start', provision: { port: 1 } }, 'has a path'],
  ])('is refused when the file is read: %s', (_what, changes, said) => {
    expect(() => check(changes)).toThrow(said);
  });

  it.each<[string, object]>([
    ['the ARN of a secret', { provision: { port: 1, secrets: { KEY: { secret: `${arn}-AbCdEf`, key: 'token' } } } }],
    ['a health check with a start period alone', { provision: { port: 1, healthCheck: { startPeriodSeconds: 120 } } }],
    ['a name for the execution role', { executionRole: 'start-api', provision: { port: 1 } }],
    [
      'a text that looks like JSONata, where no state machine sees it',
      { provision: { port: 1, environment: { A: '{% x %}' } } },
    ],
  ])('does not concern %s', (_what, changes) => {
    expect(() => check(changes)).not.toThrow();
  });
});

describe('a GitHub repository', () => {
  it.each(['*/api', 'octo-org/*', 'octo-org@1/api', 'api', 'octo-org/a/b', '-x/api'])(
    'called %s is refused',
    (name) => {
      expect(() => check({ github: { repository: name, branch: 'main' } })).toThrow('services[0].github.repository');
    },
  );

  it.each(['*', 'a:b', 'prod/eu-west-1', 'a\\b', '$env', 'my env'])(
    'lets nobody in by the environment %s, and says which characters are not for it',
    (environment) => {
      const refused = (): unknown => check({ github: { repository: 'octo-org/api', environment } });
      expect(refused).toThrow(/github\.environment.*without wildcards, ":", "\/", "\\", "\$" and spaces/);
    },
  );

  it('is trusted word by word when its ids are pinned', () => {
    const origin = 'environment:production';
    const conditions = trustConditions({ owner: 'o', name: 'r', ownerId: '1', repositoryId: '2', origin });
    expect(Object.keys(conditions)).toEqual(['StringEquals']);
    expect(conditions['StringEquals']).toMatchObject({
      'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
      'token.actions.githubusercontent.com:sub': [`repo:o/r:${origin}`, `repo:o@1/r@2:${origin}`],
      'token.actions.githubusercontent.com:repository_id': '2',
      'token.actions.githubusercontent.com:repository_owner_id': '1',
    });
  });

  const REF = 'token.actions.githubusercontent.com:ref';

  it('has to be in its environment and on its branch, where both are given', () => {
    const { services } = checkConfiguration({
      services: [{ ...SERVICE, github: { repository: 'o/r', environment: 'production', branch: 'main' } }],
    });
    const { origin, ref } = services[0]!.github!;
    expect([origin, ref]).toEqual(['environment:production', 'refs/heads/main']);
    const ids = { owner: 'o', name: 'r', ownerId: '1', repositoryId: '2', origin };
    expect(trustConditions({ ...ids, ref })).toMatchObject({ StringEquals: { [REF]: 'refs/heads/main' } });
    const pattern = trustConditions({ ...ids, ref: 'refs/tags/v*' });
    expect(pattern['StringLike']).toEqual({ [REF]: 'refs/tags/v*' });
    expect(pattern['StringEquals']).not.toHaveProperty([REF]);
    expect(trustConditions(ids)['StringEquals']).not.toHaveProperty([REF]);
  });

  it.each([
    ['nowhere', {}],
    ['a branch and a tag', { branch: 'main', tag: 'v*' }],
    ['all three', { environment: 'production', branch: 'main', tag: 'v*' }],
  ])('cannot push from %s', (_, from) => {
    expect(() => check({ github: { repository: 'o/r', ...from } })).toThrow("'environment' beside one of the others");
  });

  it('has wildcards only where an id is unknown', () => {
    const conditions = trustConditions({ owner: 'o', name: 'r', origin: 'ref:refs/heads/main' });
    expect(conditions['StringEquals']).toHaveProperty(['token.actions.githubusercontent.com:repository'], 'o/r');
    expect(conditions['StringLike']).toEqual({
      'token.actions.githubusercontent.com:sub': ['repo:o/r:ref:refs/heads/main', 'repo:o@*/r@*:ref:refs/heads/main'],
    });
  });

  it.each([
    ['repository', { ownerId: '1' }, 'repo:o@1/r@*:environment:e', { repository_owner_id: '1' }],
    ['owner', { repositoryId: '2' }, 'repo:o@*/r@2:environment:e', { repository_id: '2' }],
  ])('has to be of this repository by name, too, where the id of the %s is unknown', (_, id, subject, known) => {
    const { StringEquals, StringLike } = trustConditions({ owner: 'o', name: 'r', origin: 'environment:e', ...id });
    const claims = { aud: 'sts.amazonaws.com', repository: 'o/r', ...known };
    const asked = Object.entries(claims).map(([claim, value]) => [
      `token.actions.githubusercontent.com:${claim}`,
      value,
    ]);
    expect(StringEquals).toEqual(Object.fromEntries(asked));
    expect(Object.values(StringLike as object)).toEqual([['repo:o/r:environment:e', subject]]);
  });
});

it('refuses a service that nobody could call healthy, and two that create one cluster', () => {
  expect(() => check({ provision: { port: 1, healthCheck: false } })).toThrow('nobody who could say');
  const twice = [FULL, { ...FULL, repository: 'team/web', service: 'web', cluster: 'api' }];
  expect(() => checkConfiguration({ services: twice }, 'test')).toThrow('would create the cluster api');
});

it.each<[string, object, object, string]>([
  ['a stack', { service: 'api', provision: { port: 1 } }, { service: 'api-service' }, 'the stack rollouts-api-service'],
  ['a stack', { service: 'api-foundation' }, { service: 'api', registry: {} }, 'the stack rollouts-api-foundation'],
  [
    'a role',
    { service: 'api', provision: { port: 1 } },
    { service: 'other', github: { repository: 'o/r', branch: 'main', roleName: 'Rollouts-api-execution' } },
    'the role Rollouts-api-execution',
  ],
])('refuses two services that would create %s of one name', (_what, one, other, said) => {
  const services = [one, other].map((service, index) => ({ ...SERVICE, repository: `team/r${index}`, ...service }));
  expect(() => checkConfiguration({ services }, 'test')).toThrow(`would create ${said}`);
});

it('refuses several containers of one image on one port', () => {
  const raw = { ...SERVICE, container: undefined, containers: ['a', 'b'], provision: { port: 1 } };
  expect(() => checkConfiguration({ services: [raw] }, 'test')).toThrow('cannot all listen');
});

function templateIn(outdir: string, stack: string): Template {
  return JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8')) as Template;
}

describe('the template of a provisioned service', () => {
  const templateOf = async (stack: string, service = FULL, validate = false): Promise<Template> => {
    const outdir = temporaryDirectory();
    await synthesize(checkConfiguration({ services: [service] }, 'test'), { outdir, validate });
    return templateIn(outdir, stack);
  };

  it('leaves the count out once an image is live, and names no image at all', async () => {
    const { Resources, Conditions } = await templateOf('rollouts-api-service');
    const [service] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::ECS::Service');
    expect(service!.Properties['DesiredCount']).toEqual({ 'Fn::If': ['IsLaunched', { Ref: 'AWS::NoValue' }, 0] });
    expect(JSON.stringify(Conditions['IsLaunched'])).toContain('awaiting-first-push');
    const [definition] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition');
    expect(definition).toMatchObject({
      UpdateReplacePolicy: 'Retain',
      Properties: { ContainerDefinitions: [{ Image: { Ref: 'LiveImage' } }] },
    });
    expect(definition!.Properties).not.toHaveProperty('TaskRoleArn');
  });

  it('lets the tasks start with their image, their logs and their own secrets, and nothing else', async () => {
    const secrets = {
      URL: { parameter: '/team/url' },
      KEY: { secret: 'team/key', key: 'token' },
      OLD: { secret: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:old-AbCdEf' },
    };
    const outdir = temporaryDirectory();
    const service = { ...FULL, provision: { port: 8000, secrets } };
    await synthesize(checkConfiguration({ services: [service] }, 'test'), { outdir });
    const { Resources } = templateIn(outdir, 'rollouts-api-service');
    const role = Object.values(Resources).find(({ Type }) => Type === 'AWS::IAM::Role');
    const [policy] = role!.Properties['Policies'] as { PolicyDocument: { Statement: unknown[] } }[];
    const text = JSON.stringify(policy!.PolicyDocument.Statement);
    const arnEnding = (of: string): unknown => ({ 'Fn::Join': ['', expect.arrayContaining([of])] });
    expect(policy!.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Resource: arnEnding(':repository/team/api'),
      },
      { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [expect.stringContaining('Logs'), 'Arn'] },
      },
      { Effect: 'Allow', Action: 'ssm:GetParameters', Resource: arnEnding(':parameter/team/url') },
      {
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: [arnEnding(':secret:team/key-??????'), secrets.OLD.secret],
      },
    ]);
    expect(text).not.toContain('kms');
    const [definition] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition');
    const [container] = definition!.Properties['ContainerDefinitions'] as { Secrets: { Name: string }[] }[];
    expect(container!.Secrets.map(({ Name }) => Name)).toEqual(['URL', 'KEY', 'OLD']);
  });

  it('lets GitHub push to the one repository and nothing else', async () => {
    const statements = pushStatements(await templateOf('rollouts-api-foundation'));
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions).toHaveLength(8);
    expect(actions.filter((action) => !action.startsWith('ecr:'))).toEqual([]);
  });

  it('lets a workflow that waits read the rollouts of this service, and nothing else more', async () => {
    const waiting = { ...FULL, github: { ...FULL.github!, waits: true } };
    const [push, token, ...more] = pushStatements(await templateOf('rollouts-api-foundation', waiting, true));
    expect([push, token].flatMap((statement) => statement!.Action)).toHaveLength(8);
    expect(more).toEqual([
      { Effect: 'Allow', Action: 'states:ListExecutions', Resource: ofStates('stateMachine:rollouts-api') },
      { Effect: 'Allow', Action: 'states:DescribeExecution', Resource: ofStates('execution:rollouts-api:*') },
    ]);
  });
});

it.each<[string, Partial<NonNullable<ServiceConfiguration['provision']>>]>([
  ['of its own', {}],
  ['of its own, and settings', { environment: { MODE: 'calm' }, secrets: { KEY: { secret: 'key' } } }],
  [
    'and groups that exist',
    {
      network: {
        vpcId: 'vpc-12345678',
        subnetIds: ['subnet-12345678'],
        assignPublicIp: false,
        securityGroupIds: ['sg-12345678'],
      },
    },
  ],
  ['of its own that alone reaches it', { internal: true }],
  ['that is let in by name', { internal: true, loadBalancer: {}, allowFrom: ['10.0.0.0/8'] }],
  ['behind a load balancer, scaled', { loadBalancer: {}, scaling: { minCount: 1, maxCount: 4 } }],
  [
    'that exists',
    { cluster: 'existing', network: { vpcId: 'vpc-12345678', subnetIds: ['subnet-12345678'], assignPublicIp: true } },
  ],
])('passes cdk-nag, and acknowledges nothing without a reason, with a network %s', async (_what, changes) => {
  const service = { ...FULL, provision: { port: 8000, ...changes } };
  const outdir = temporaryDirectory();
  await expect(
    synthesize(checkConfiguration({ services: [service] }, 'test'), { outdir, validate: true }),
  ).resolves.toBe(outdir);
  expect(unreasoned(outdir)).toEqual([]);
});

describe('who reaches the service', () => {
  const RANGES = ['203.0.113.0/24', '198.51.100.7/32'];
  const existing = { vpcId: 'vpc-12345678', subnetIds: ['subnet-12345678', 'subnet-12345679'], assignPublicIp: false };

  /** Ranges by port, of every group that lets addresses in; the scheme of the load balancer. */
  async function reachOf(provision: object): Promise<{ opened: unknown[]; scheme: unknown }> {
    const service = { ...FULL, provision: { port: 8000, ...provision } };
    const outdir = temporaryDirectory();
    await synthesize(checkConfiguration({ services: [service] }, 'test'), { outdir });
    const { Resources } = templateIn(outdir, 'rollouts-api-service');
    const all = Object.values(Resources);
    const rules = all.flatMap(({ Properties }) => (Properties['SecurityGroupIngress'] ?? []) as Ingress[]);
    const opened = rules.map(({ CidrIp, FromPort }) => [CidrIp, FromPort]);
    const scheme = all.find(({ Type }) => Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer')?.Properties['Scheme'];
    return { opened, scheme };
  }
  interface Ingress {
    readonly CidrIp: unknown;
    readonly FromPort: number;
  }

  it.each<[string, object, unknown[], string | undefined]>([
    ['is anyone', {}, [['0.0.0.0/0', 8000]], undefined],
    ['is anyone, through a load balancer', { loadBalancer: {} }, [['0.0.0.0/0', 80]], 'internet-facing'],
    ['is named', { allowFrom: RANGES }, RANGES.map((range) => [range, 8000]), undefined],
    ['is its own VPC', { internal: true }, [['10.0.0.0/24', 8000]], undefined],
    [
      'is named, and on the network',
      { internal: true, allowFrom: RANGES, loadBalancer: {} },
      RANGES.map((range) => [range, 80]),
      'internal',
    ],
    [
      'is whoever reaches the load balancer of private subnets',
      { internal: true, loadBalancer: {}, network: existing },
      [['0.0.0.0/0', 80]],
      'internal',
    ],
  ])('%s', async (_what, provision, opened, scheme) => {
    expect(await reachOf(provision)).toEqual({ opened, scheme });
  });

  it.each<[string, object, string]>([
    ['no range', { allowFrom: ['203.0.113.0'] }, 'provision.allowFrom[0]: "203.0.113.0": is not a range'],
    ['nobody at all', { allowFrom: [] }, 'provision.allowFrom'],
    ['an unknown network', { internal: true, network: existing }, 'allowFrom: (nothing): is missing'],
    [
      'groups that are not ours',
      { allowFrom: RANGES, network: { ...existing, securityGroupIds: ['sg-12345678'] } },
      'which are yours',
    ],
  ])('cannot be %s', (_what, provision, said) => {
    expect(() => check({ provision: { port: 8000, ...provision } })).toThrow(said);
  });
});

it('deploys a service after the one whose stack creates its cluster, whichever the file names first', async () => {
  const outdir = temporaryDirectory();
  const tenant = { ...FULL, repository: 'team/web', service: 'web', cluster: 'shared', github: undefined };
  const services = [
    { ...tenant, provision: { port: 1, cluster: 'existing' as const } },
    { ...FULL, cluster: 'shared', provision: { port: 2 } },
  ].map(({ github: _github, ...service }) => service);
  await synthesize(checkConfiguration({ services }, 'test'), { outdir });
  const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as {
    artifacts: Record<string, { dependencies?: string[] }>;
  };
  expect(manifest.artifacts['rollouts-web-service']!.dependencies).toContain('rollouts-api-service');
});
interface Statement {
  readonly Action: string | readonly string[];
}

function pushStatements({ Resources }: Template): readonly Statement[] {
  const role = Object.values(Resources).find(({ Properties }) => Properties['RoleName'] === 'rollouts-api-push');
  const [policy] = role!.Properties['Policies'] as { PolicyDocument: { Statement: Statement[] } }[];
  return policy!.PolicyDocument.Statement;
}

function ofStates(resource: string): unknown {
  const [partition, region, account] = ['Partition', 'Region', 'AccountId'].map((name) => ({ Ref: `AWS::${name}` }));
  return { 'Fn::Join': ['', ['arn:', partition, ':states:', region, ':', account, `:${resource}`]] };
}

describe('two services of one name, in two clusters', () => {
  const NAMES =
    /^(TableName|RepositoryName|StateMachineName|RoleName|LogGroupName|ClusterName|Family|DashboardName|Name)$/;

  async function namesOf(services: readonly ServiceConfiguration[]): Promise<string[][]> {
    const outdir = temporaryDirectory();
    await synthesize(checkConfiguration({ services }, 'test'), { outdir });
    const { artifacts } = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')) as {
      readonly artifacts: Readonly<Record<string, { readonly type: string }>>;
    };
    const stacks = Object.keys(artifacts).filter((id) => artifacts[id]!.type === 'aws:cloudformation:stack');
    return stacks.map((stack) => {
      const { Resources } = JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8')) as Template;
      const named = Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
        Object.entries(Properties).flatMap(([property, value]) =>
          NAMES.test(property) && typeof value === 'string' ? `${Type} ${value}` : [],
        ),
      );
      return [`stack ${stack}`, ...named];
    });
  }

  it('share no physical name', async () => {
    const { registry: _, ...others } = FULL;
    const staging = { ...others, cluster: 'staging', name: 'staging-api' };
    const stacks = await namesOf([{ ...FULL, cluster: 'production' }, staging]);
    // Three each, and their dashboard.
    expect(stacks).toHaveLength(7);
    const names = stacks.flatMap((stack) => [...new Set(stack)]);
    expect(names.filter((name, index) => names.indexOf(name) < index)).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining([
        'stack rollouts-staging-api-foundation',
        'AWS::ECS::TaskDefinition staging-api',
        'AWS::DynamoDB::Table rollouts-staging-api',
        'AWS::SSM::Parameter /rollouts-cells/staging/api',
        'AWS::IAM::Role rollouts-staging-api-push',
      ]),
    );
  });
});
