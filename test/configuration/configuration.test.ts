import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import { toRolloutConfig } from '../../configuration/configuration.ts';
import { ConfigurationError, type ConfigurationProblem } from '../../configuration/configuration-error.ts';
import { loadConfiguration } from '../../configuration/load-configuration.ts';
import { temporaryDirectory } from '../infra/temporary.ts';

const api = { repository: 'team/api', container: 'app' };
/** One of many services that the stacks provision. */
const provisioned = (index: number, more: object = {}) => ({
  repository: `team/api${index}`,
  container: 'app',
  provision: { port: 8000, ...more },
});

it('needs no more than repository and container', () => {
  expect(checkConfiguration({ services: [api] }).services).toEqual([
    {
      name: 'api',
      repository: 'team/api',
      containers: ['app'],
      tagPolicy: { kind: 'exact', tag: 'latest' },
      cluster: 'default',
      serviceName: 'api',
      family: 'api',
      executionRole: 'ecsTaskExecutionRole',
      bakeTimeSeconds: 60,
      deadlineSeconds: 21_600,
      onNewPush: 'queue',
      tickMinutes: 5,
      notifyEmails: [],
      notifyTopicArn: undefined,
      notifiedLogLines: 0,
      notifiesStart: false,
      logRetentionDays: 30,
      keepsImages: false,
      keepTagPrefixes: [],
      mayEnd: false,
      failedRevisions: 'keep',
      dashboard: { name: 'rollouts-api', share: 1 },
    },
  ]);
});

it('tells a rollout what it must know of its service', () => {
  const [service] = checkConfiguration({
    services: [
      {
        repository: 'team/api',
        containers: ['app', 'worker'],
        tag: { semver: '^1.2.0' },
        cluster: 'prod',
        family: 'web',
      },
    ],
  }).services;
  expect(toRolloutConfig(service!)).toEqual({
    service: 'prod/api',
    cluster: 'prod',
    serviceName: 'api',
    family: 'web',
    repository: 'team/api',
    containers: ['app', 'worker'],
    tagPolicy: { kind: 'semver', range: '^1.2.0' },
    bakeTimeSeconds: 60,
    progressSeconds: 1800,
    deadlineSeconds: 21_600,
    liveImageParameter: '/rollouts/api/image',
  });
});

it.each([
  ['none where a service was adopted', {}, undefined],
  ['the one that is named', { logGroup: '/ecs/api' }, '/ecs/api'],
  ['the one that is created', { provision: { port: 8000 } }, 'rollouts-api-service-TasksLogs*'],
  ['the one that is named beside it', { provision: { port: 8000 }, logGroup: '/ecs/api' }, '/ecs/api'],
])('lets rollouts read one log group: %s', (_, more, logGroup) => {
  const [service] = checkConfiguration({ services: [{ ...api, ...more }] }).services;
  expect(toRolloutConfig(service!).logGroup).toBe(logGroup);
});

it.each([
  [undefined, undefined],
  [{ emails: ['me@example.com'] }, undefined],
  [{ logLines: 0 }, undefined],
  [{ logLines: 20 }, 20],
])('tells of no log lines but with %j', (notify, lines) => {
  const [service] = checkConfiguration({ services: [{ ...api, notify }] }).services;
  expect(toRolloutConfig(service!).notifiedLogLines).toBe(lines);
});

it.each([
  [undefined, undefined],
  [{ emails: ['me@example.com'] }, undefined],
  [{ started: false }, undefined],
  [{ started: true }, true],
])('tells of no start but with %j', (notify, tells) => {
  const [service] = checkConfiguration({ services: [{ ...api, notify }] }).services;
  expect(toRolloutConfig(service!).notifiesStart).toBe(tells);
});

describe('a configuration is refused, with path, value and reason, when', () => {
  it.each<[string, object, string, string, string]>([
    [
      'a log group is given as its ARN',
      { logGroup: 'arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/api:*' },
      'logGroup',
      '"arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/api:*"',
      'is not the name of a log group',
    ],
    [
      'more log lines are to be told of than are kept',
      { notify: { logLines: 21 } },
      'notify.logLines',
      '21',
      'is not a whole number from 0 to 20',
    ],
    [
      'starts are to be told of to somebody, who is named elsewhere',
      { notify: { started: 'me@example.com' } },
      'notify.started',
      '"me@example.com"',
      'is not true or false',
    ],
    [
      'a repository is missing',
      { repository: undefined },
      'repository',
      '(nothing)',
      'is missing: the name of an ECR repository',
    ],
    [
      'a repository breaks ECR’s grammar',
      { repository: 'Team/API' },
      'repository',
      '"Team/API"',
      'is not the name of an ECR repository',
    ],
    [
      'a repository comes with its registry',
      { repository: '123456789012.dkr.ecr.us-east-1.amazonaws.com/api', service: 'api' },
      'repository',
      '"123456789012.dkr.ecr.us-east-1.amazonaws.com/api"',
      'names a repository of account 123456789012 in us-east-1; a service follows one of its own account and Region',
    ],
    [
      'a repository is of China',
      { repository: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/api:v1', service: 'api' },
      'repository',
      '"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/api:v1"',
      'names a repository of account 123456789012 in cn-north-1; a service follows one of its own account and Region',
    ],
    [
      'a repository is an ARN',
      { repository: 'arn:aws-eusc:ecr:eusc-de-east-1:123456789012:repository/team/api', service: 'api' },
      'repository',
      '"arn:aws-eusc:ecr:eusc-de-east-1:123456789012:repository/team/api"',
      'names a repository of account 123456789012 in eusc-de-east-1; a service follows one of its own account and Region',
    ],
    [
      'a repository is on another host',
      { repository: 'public.ecr.aws/team/API', service: 'api' },
      'repository',
      '"public.ecr.aws/team/API"',
      'is not the name of an ECR repository',
    ],
    ['a repository is too short', { repository: 'a' }, 'repository', '"a"', 'is not the name of an ECR repository'],
    ['no container is named', { container: undefined }, 'container', '(nothing)', 'is missing'],
    [
      'a container breaks ECS’s grammar',
      { container: 'my app' },
      'container',
      '"my app"',
      'is not the name of a container',
    ],
    ['container and containers are given', { containers: ['b'] }, 'container', '"app"', 'stands beside "containers"'],
    [
      'no container is listed',
      { container: undefined, containers: [] },
      'containers',
      '[]',
      'is not a list of 1 to 10 container names',
    ],
    [
      'a container is listed twice',
      { container: undefined, containers: ['a', 'a'] },
      'containers[1]',
      '"a"',
      'is there twice',
    ],
    [
      'a tag is a string',
      { tag: 'latest' },
      'tag',
      '"latest"',
      'is not exactly one of { exact }, { glob }, { semver }',
    ],
    ['a tag names no policy', { tag: {} }, 'tag', '{}', 'is not exactly one of { exact }, { glob }, { semver }'],
    [
      'a tag names two policies',
      { tag: { exact: 'a', glob: 'b' } },
      'tag',
      '{"exact":"a","glob":"b"}',
      'is not exactly one of { exact }, { glob }, { semver }',
    ],
    ['a tag policy is unknown', { tag: { exact: 'v1', regex: 'v.*' } }, 'tag.regex', '"v.*"', 'is an unknown key'],
    [
      'an exact tag is no tag',
      { tag: { exact: 'v1/2' } },
      'tag.exact',
      '"v1/2"',
      'is not a tag that an image can have',
    ],
    [
      'an exact tag begins with a dot',
      { tag: { exact: '.v1' } },
      'tag.exact',
      '".v1"',
      'is not a tag that an image can have',
    ],
    ['an exact tag is empty', { tag: { exact: '' } }, 'tag.exact', '""', 'is not a tag that an image can have'],
    ['a glob has characters that no tag has', { tag: { glob: 'v?' } }, 'tag.glob', '"v?"', 'can never match a tag'],
    ['a glob begins with a hyphen', { tag: { glob: '-*' } }, 'tag.glob', '"-*"', 'can never match a tag'],
    ['a glob is empty', { tag: { glob: '' } }, 'tag.glob', '""', 'can never match a tag'],
    [
      'a glob has two "*" in a row',
      { tag: { glob: 'v**' } },
      'tag.glob',
      '"v**"',
      'has "**", which EventBridge refuses',
    ],
    ['a semver range does not parse', { tag: { semver: 'latest' } }, 'tag.semver', '"latest"', 'is not a semver range'],
    ['a semver range is empty', { tag: { semver: ' ' } }, 'tag.semver', '" "', 'is not a semver range'],
    [
      'no version satisfies a range',
      { tag: { semver: '>4 <3' } },
      'tag.semver',
      '">4 <3"',
      'is a range that no version satisfies',
    ],
    [
      'a tag would select only what keeps rollback images',
      { tag: { exact: 'rollouts-keep-1' } },
      'tag.exact',
      '"rollouts-keep-1"',
      'would select only "rollouts-keep-…", which are the tags that keep rollback images alive',
    ],
    [
      'a glob would select only what keeps rollback images',
      { tag: { glob: 'rollouts-keep-*' } },
      'tag.glob',
      '"rollouts-keep-*"',
      'would select only "rollouts-keep-…", which are the tags that keep rollback images alive',
    ],
    [
      'a string holds the beginning of a JSONata expression',
      { tag: { glob: 'v*{%' } },
      'tag.glob',
      '"v*{%"',
      'contains "{%", which Step Functions would run as JSONata',
    ],
    [
      'a cluster is an ARN',
      { cluster: 'arn:aws:ecs:us-east-1:1:cluster/x' },
      'cluster',
      '"arn:aws:ecs:us-east-1:1:cluster/x"',
      'is not the name of an ECS cluster',
    ],
    ['a service breaks ECS’s grammar', { service: 'a.b' }, 'service', '"a.b"', 'is not the name of an ECS service'],
    [
      'the repository gives no name to the service',
      { repository: 'team/api.v2' },
      'service',
      '(nothing)',
      'is missing, and "api.v2", the last segment of the repository, is no name of an ECS service',
    ],
    [
      'a family has a revision',
      { family: 'api:7' },
      'family',
      '"api:7"',
      'is not the name of a task definition family',
    ],
    [
      'an execution role is an ARN',
      { executionRole: 'arn:aws:iam::1:role/x' },
      'executionRole',
      '"arn:aws:iam::1:role/x"',
      'is not the name of an IAM role',
    ],
    ['a task role is a number', { taskRole: 7 }, 'taskRole', '7', 'is not the name of an IAM role'],
    [
      'a bake time is a string',
      { bakeTimeSeconds: '60' },
      'bakeTimeSeconds',
      '"60"',
      'is not a whole number from 0 to 86400',
    ],
    [
      'a bake time is too long',
      { bakeTimeSeconds: 86_401, deadlineSeconds: 604_800 },
      'bakeTimeSeconds',
      '86401',
      'is not a whole number from 0 to 86400',
    ],
    [
      'a deadline is too long',
      { deadlineSeconds: 604_801 },
      'deadlineSeconds',
      '604801',
      'is not a whole number from 1 to 604800',
    ],
    [
      'a deadline leaves no room to roll',
      { bakeTimeSeconds: 3500, deadlineSeconds: 3600 },
      'deadlineSeconds',
      '3600',
      'leaves no room to roll before a bake of 3500 s ends',
    ],
    [
      'progress may take longer than the whole roll',
      { progressSeconds: 3601, deadlineSeconds: 3600 },
      'progressSeconds',
      '3601',
      'is longer than deadlineSeconds, 3600, which ends a roll before',
    ],
    [
      'progress may take no time',
      { progressSeconds: 59 },
      'progressSeconds',
      '59',
      'is not a whole number from 60 to 604800',
    ],
    [
      'superseding is asked for',
      { onNewPush: 'supersede' },
      'onNewPush',
      '"supersede"',
      'is not supported: "queue" is the only choice so far ("supersede" is not supported yet)',
    ],
    ['a tick is too rare', { tickMinutes: 61 }, 'tickMinutes', '61', 'is not a whole number from 1 to 60'],
    ['an address is none', { notify: { emails: ['me'] } }, 'notify.emails[0]', '"me"', 'is not an e-mail address'],
    [
      'an address is there twice',
      { notify: { emails: ['a@b.c', 'a@b.c'] } },
      'notify.emails[1]',
      '"a@b.c"',
      'is there twice',
    ],
    [
      'a topic is FIFO',
      { notify: { topicArn: 'arn:aws:sns:eu-west-1:123456789012:deployments.fifo' } },
      'notify.topicArn',
      '"arn:aws:sns:eu-west-1:123456789012:deployments.fifo"',
      'is not the ARN of a standard SNS topic',
    ],
    [
      'addresses are to be subscribed to a topic that others may use, too',
      { notify: { emails: ['a@b.c'], topicArn: 'arn:aws:sns:eu-west-1:123456789012:deployments' } },
      'notify.emails',
      '["a@b.c"]',
      'stands beside "topicArn"',
    ],
    [
      'a Slack channel is named instead of its id',
      { notify: { slack: { workspaceId: 'T0123ABCD', channelId: '#deployments' } } },
      'notify.slack.channelId',
      '"#deployments"',
      'is not the id of a Slack channel',
    ],
    [
      'a Slack workspace is an address',
      { notify: { slack: { workspaceId: 'team.slack.com', channelId: 'C0123ABCD' } } },
      'notify.slack.workspaceId',
      '"team.slack.com"',
      'is not the id of a Slack workspace',
    ],
    [
      'a retention is unknown to CloudWatch',
      { logRetentionDays: 31 },
      'logRetentionDays',
      '31',
      'is not a retention that CloudWatch Logs knows',
    ],
    ['a key is unknown', { contaners: ['app'] }, 'contaners', '["app"]', 'is an unknown key'],
  ])('%s', (_, change, path, value, message) => {
    const problems = problemsOf({ services: [{ ...api, ...change }] });
    expect(problems).toEqual([
      { path: `services[0].${path}`, value, message, remedy: expect.stringMatching(/./) as string },
    ]);
  });

  it.each<[string, unknown, string, string]>([
    ['it is no object', 7, '', 'is not a configuration'],
    ['services are missing', {}, 'services', 'is missing: a list of at least one service'],
    ['there is no service', { services: [] }, 'services', 'is not a list of at least one service'],
    ['a service is no object', { services: ['api'] }, 'services[0]', 'is not a service'],
    ['a key beside services is unknown', { services: [api], service: api }, 'service', 'is an unknown key'],
    [
      'two services claim one ECS service',
      { services: [api, { ...api, repository: 'other/x', service: 'api' }] },
      'services[1].service',
      'claims the ECS service default/api, as services[0] does',
    ],
    [
      'two services would get one stack',
      {
        services: [
          { ...api, service: 'my_api' },
          { ...api, service: 'my-api' },
        ],
      },
      'services[1].service',
      'would get the stack rollouts-my-api, which services[0] has',
    ],
    [
      'services of one name stand in two clusters',
      { services: [api, { ...api, cluster: 'test' }] },
      'services[1].service',
      'would get the stack rollouts-api, which services[0] has',
    ],
    [
      'a name is that of another cell but for its case, and no name of a service',
      {
        services: [
          { ...api, cluster: 'prod' },
          { ...api, cluster: 'test', service: 'web', name: 'API' },
        ],
      },
      'services[1].name',
      'would get the stack rollouts-API, which services[0] has',
    ],
    ['a name is none', { services: [{ ...api, name: 'test/api' }] }, 'services[0].name', 'is not the name of a cell'],
    [
      'two services would create one family',
      {
        services: [
          { ...api, cluster: 'a', provision: { port: 80 }, family: 'x' },
          { ...api, cluster: 'b', name: 'b-api', provision: { port: 80 }, family: 'x' },
        ],
      },
      'services[1].family',
      'would create the task definition family x, as services[0].family does',
    ],
    [
      'names are longer together than CloudWatch’s dimensions',
      { services: [{ ...api, cluster: 'c'.repeat(252) }] },
      'services[0].service',
      'makes "cluster/service" 256 characters long, more than CloudWatch\'s 255',
    ],
    [
      'EventBridge would need too many rules',
      { services: Array.from({ length: 76 }, (_, index) => ({ ...api, service: `api${index}` })) },
      'services',
      'take 304 rules on the event bus, more than the quota of 300 (Number of rules, L-244521F2)',
    ],
    [
      'EventBridge would need more rules than AWS has granted',
      {
        services: Array.from({ length: 101 }, (_, index) => ({ ...api, service: `api${index}` })),
        quotas: { eventBridgeRules: 400, iamRoles: 2000 },
      },
      'services',
      'take 404 rules on the event bus, more than the quota of 400 (Number of rules, L-244521F2)',
    ],
    [
      'the account would need too many roles',
      {
        services: Array.from({ length: 72 }, (_, index) => ({
          ...provisioned(index),
          github: { repository: 'owner/name', branch: 'main' },
        })),
        quotas: { vpcs: 100 },
      },
      'services',
      'take 1008 IAM roles of the account, more than the quota of 1000 (Roles per account, L-FE177D64)',
    ],
    [
      'the Region would need too many VPCs',
      { services: Array.from({ length: 6 }, (_, index) => provisioned(index)) },
      'services',
      'take 6 VPCs of the Region, more than the quota of 5 (VPCs per Region, L-F678F1CE)',
    ],
    [
      'the Region would need too many load balancers',
      {
        services: Array.from({ length: 3 }, (_, index) => provisioned(index, { loadBalancer: {} })),
        quotas: { loadBalancers: 2 },
      },
      'services',
      'take 3 Application Load Balancers of the Region, more than the quota of 2 (Application Load Balancers per Region, L-53DA6B97)',
    ],
    [
      'EventBridge would need too many wildcard rules',
      {
        services: Array.from({ length: 31 }, (_, index) => ({ ...api, service: `api${index}`, tag: { glob: 'v*-x' } })),
      },
      'services',
      'have globs with "*" inside, more than EventBridge\'s 30 wildcard rules per bus',
    ],
    [
      'the names do not fit into a function’s environment',
      {
        services: [
          {
            repository: 'team/api',
            cluster: 'c'.repeat(200),
            containers: Array.from({ length: 10 }, (_, index) => `${index}`.repeat(255)),
          },
        ],
      },
      'services[0].containers',
      'makes a configuration of 3240 bytes, more than a function can be told (3000)',
    ],
    [
      'the cell’s registration would not fit into a standard parameter',
      {
        services: [
          {
            repository: 'team/api',
            cluster: 'c'.repeat(200),
            containers: Array.from({ length: 9 }, (_, index) => `${index}`.repeat(250)),
            executionRole: `${'path/'.repeat(90)}execution`,
            taskRole: `${'path/'.repeat(90)}task`,
          },
        ],
      },
      'services[0].containers',
      'makes a registration of up to 4327 bytes, more than Parameter Store keeps (4096)',
    ],
  ])('%s', (_, raw, path, message) => {
    expect(problemsOf(raw)).toMatchObject([{ path, message }]);
  });

  it('names or values hold what steers a terminal, and then shows none of it', () => {
    const raw = { services: [{ ...api, 'a\u202eb': 'x\u009b31m', repository: '\u2066team/\u007f' }] };
    const lines = messageOf(() => checkConfiguration(raw, 'my\u001b[31m.config.ts')).split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^my \[31m\.config\.ts: services[^\p{Cc}\p{Bidi_Control}]+$/u);
  });

  it('several things are wrong, and then names them all, one a line', () => {
    const raw = {
      services: [{ repository: 'A', container: 'app', bakeTimeSeconds: -1 }, { ...api, tag: { glob: '' } }, api],
    };
    expect(() => checkConfiguration(raw, 'my.config.ts')).toThrow(ConfigurationError);
    expect(messageOf(() => checkConfiguration(raw, 'my.config.ts')).split('\n')).toEqual([
      expect.stringMatching(/^my\.config\.ts: services\[0\]\.repository: "A": is not .*\. Remedy: .*\.$/),
      expect.stringMatching(/^my\.config\.ts: services\[0\]\.bakeTimeSeconds: -1: is not .*\. Remedy: .*\.$/),
      expect.stringMatching(/^my\.config\.ts: services\[1\]\.tag\.glob: "": can never .*\. Remedy: .*\.$/),
      expect.stringMatching(/^my\.config\.ts: services\[2\]\.service: "api": claims .*\. Remedy: .*\.$/),
    ]);
  });
});

it.each([
  ['rules', Array.from({ length: 75 }, (_, index) => ({ ...api, service: `api${index}` })), {}],
  ['VPCs', Array.from({ length: 5 }, (_, index) => provisioned(index)), {}],
  ['load balancers', [0, 1].map((index) => provisioned(index, { loadBalancer: {} })), { loadBalancers: 2 }],
  [
    'wildcard rules',
    Array.from({ length: 30 }, (_, index) => ({ ...api, service: `api${index}`, tag: { glob: 'v*-x' } })),
    {},
  ],
])('takes all of the %s that the quota gives', (_, services, quotas) => {
  expect(checkConfiguration({ services, quotas }).services).toHaveLength(services.length);
});

describe('what is broken in one place', () => {
  const provision = {
    port: 'x',
    network: 7,
    cpu: 256,
    memoryMiB: 4096,
    healthCheck: { retries: 0, timeoutSeconds: 30 },
  };
  const environment = { KEY: 'a' };
  const secrets = { KEY: { parameter: '/a' } };

  it('hides nothing of what is wrong beside it, in it and in other services', () => {
    const broken = { repository: 'A', service: 'api', container: 7, bakeTimeSeconds: 21_500, onNewPush: 'supersede' };
    const services = [
      { ...broken, provision: { ...provision, environment, secrets } },
      { ...api, cluster: 'api' },
    ];
    const problems = problemsOf({ services });
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'services[0].repository is not the name of an ECR repository',
      'services[0].container is not the name of a container',
      'services[0].onNewPush is not supported: "queue" is the only choice so far ("supersede" is not supported yet)',
      'services[0].provision.port is not a whole number from 1 to 65535',
      'services[0].provision.healthCheck.retries is not a whole number from 1 to 10',
      'services[0].provision.network is not an existing network',
      'services[0].deadlineSeconds leaves no room to roll before a bake of 21500 s ends',
      'services[0].provision.memoryMiB is not a valid Fargate memory size for cpu 256',
      'services[0].provision.healthCheck.timeoutSeconds is not shorter than the interval of 10 s',
      'services[0].provision.secrets.KEY stands in "environment" too',
      'services[1].service claims the ECS service api/api, as services[0] does',
    ]);
  });

  it('hides no repetition in a list, but that of what is wrong itself', () => {
    const containers = ['x', 'x', 3, 3, 'x'];
    const problems = problemsOf({ services: [{ ...api, container: undefined, containers }] });
    expect(problems.map(({ path, message }) => `${path} ${message}`)).toEqual([
      'services[0].containers[2] is not the name of a container',
      'services[0].containers[3] is not the name of a container',
      'services[0].containers[1] is there twice',
      'services[0].containers[4] is there twice',
    ]);
  });

  it('draws no second complaint of what would follow from it', () => {
    const paths = (change: object): string[] =>
      problemsOf({ services: [{ ...api, ...change }] }).map(({ path }) => path);
    expect(paths({ deadlineSeconds: 0 })).toEqual(['services[0].deadlineSeconds']);
    expect(paths({ container: undefined, containers: 7 })).toEqual(['services[0].containers']);
    expect(paths({ service: 'a.b', repository: 'team/api.v2' })).toEqual(['services[0].service']);
    expect(paths({ provision: { port: 1, cpu: 300, memoryMiB: 999 } })).toEqual(['services[0].provision.cpu']);
    const services = [{ ...api, service: 'a.b' }, api];
    expect(problemsOf({ services }).map(({ path }) => path)).toEqual(['services[0].service']);
  });
});

describe('a size that Fargate does not offer', () => {
  const linesOf = (size: object): string[] =>
    problemsOf({ services: [{ ...api, provision: { port: 1, ...size } }] }).map(
      ({ path, message, remedy }) => `${path} ${message}: ${remedy}`,
    );

  it.each([
    [100, 'with cpu 2048 take memoryMiB 4096'],
    [1024, 'with cpu 2048 take memoryMiB 4096; memoryMiB 1024 goes with cpu 256, 512'],
  ])('meets memory sizes that go with its cpu: %i MiB', (memoryMiB, remedy) => {
    const message = 'services[0].provision.memoryMiB is not a valid Fargate memory size for cpu 2048';
    expect(linesOf({ cpu: 2048, memoryMiB })).toEqual([`${message}: ${remedy}`]);
  });

  it('meets no default that would be refused beside the other number', () => {
    const [memory] = linesOf({ cpu: 2048, memoryMiB: 'x' });
    const [cpu] = linesOf({ cpu: 300, memoryMiB: 8192 });
    expect(memory).toMatch(/memoryMiB is not MiB of memory, 512 or more: give MiB in a size that goes with the cpu$/);
    expect(cpu).toMatch(
      /cpu is not a number of CPU units that Fargate offers: take one of [\d, ]+ \(1024 are one vCPU\)$/,
    );
  });
});

describe('where a field may be one of several things', () => {
  const check = { port: 1, healthCheck: { intervalSeconds: 2 } };
  it.each<[string, object, string, string, string]>([
    [
      'the thing that was meant says what is wrong',
      { provision: check },
      'provision.healthCheck.intervalSeconds',
      'is not a whole number from 5 to 300',
      'give seconds, or leave it out for 10',
    ],
    [
      'it does so although the type is wrong',
      { provision: { port: 1, secrets: { KEY: { parameter: 7 } } } },
      'provision.secrets.KEY.parameter',
      'is not the path of an SSM parameter',
      "write it with a slash in front, such as '/path/of/it'",
    ],
    [
      'a value that can be no other choice is what was meant',
      { provision: { port: 1, healthCheck: { retries: 'x' } } },
      'provision.healthCheck.retries',
      'is not a whole number from 1 to 10',
      'give a number of checks, or leave it out for 3',
    ],
    [
      'its keys are named',
      { provision: { port: 1, secrets: { KEY: { secret: 'key', member: 'a' } } } },
      'provision.secrets.KEY.member',
      'is an unknown key',
      'the known keys are parameter, secret, key',
    ],
    [
      'a choice is asked for when none was made out',
      { provision: { port: 1, healthCheck: 'curl' } },
      'provision.healthCheck',
      'is not a health check, or false',
      "write { command: 'curl -f http://127.0.0.1:8000/health' }, or leave the command out for a check of the port",
    ],
  ])('%s', (_, change, path, message, remedy) => {
    expect(problemsOf({ services: [{ ...api, ...change }] })).toEqual([
      { path: `services[0].${path}`, value: expect.any(String) as string, message, remedy },
    ]);
  });

  it('names a key that none of them has beside the choice', () => {
    expect(problemsOf({ services: [{ ...api, tag: { globb: 'v*' } }] })).toMatchObject([
      { path: 'services[0].tag.globb', message: 'is an unknown key', remedy: 'the known keys are exact, glob, semver' },
      { path: 'services[0].tag', message: 'is not exactly one of { exact }, { glob }, { semver }' },
    ]);
  });
});

it('names the default in the remedy of a field that has one', () => {
  const [problem] = problemsOf({ services: [{ ...api, registry: { imagesKept: 0 } }] });
  expect(problem?.remedy).toBe('give a number of images, or leave it out for 100');
});

describe('loading a configuration file', () => {
  it('takes this checkout’s own, which names the example service', async () => {
    const { services } = await loadConfiguration();
    expect(services.map(({ repository, containers }) => ({ repository, containers }))).toEqual([
      { repository: 'reflectance-datacube-processor', containers: ['processor'] },
    ]);
  });

  it('takes any other', async () => {
    const { services } = await loadConfiguration(fileWith(`export default { services: [${JSON.stringify(api)}] };`));
    expect(services[0]?.repository).toBe('team/api');
  });

  it.each([
    ['throws', 'throw new Error("no such secret");', 'cannot be loaded: no such secret'],
    ['exports nothing', 'export const services = [];', 'exports no default'],
    [
      'exports something else',
      'export default { services: [] };',
      'services: []: is not a list of at least one service',
    ],
  ])('says so in one sentence when the file %s', async (_, text, message) => {
    await expect(loadConfiguration(fileWith(text))).rejects.toThrow(
      new RegExp(`^rollouts\\.config\\.ts: ${message.replace(/[[\]]/g, '\\$&')}.*Remedy: .*$`),
    );
  });

  it('says so when there is no file', async () => {
    await expect(loadConfiguration('/nowhere/rollouts.config.ts')).rejects.toThrow(
      '/nowhere/rollouts.config.ts: there is no such file. Remedy: create it, or name another one with --config.',
    );
  });
});

function problemsOf(raw: unknown): readonly ConfigurationProblem[] {
  try {
    checkConfiguration(raw);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

function fileWith(text: string): string {
  const file = join(temporaryDirectory(), 'rollouts.config.ts');
  writeFileSync(file, text);
  return file;
}

describe('the name of a cell', () => {
  const both = (name?: string) => ({
    services: [
      { repository: 'team/api', container: 'api', cluster: 'production' },
      { repository: 'team/api', container: 'api', cluster: 'staging', ...(name !== undefined && { name }) },
    ],
  });

  it('is the line to add where two services of one name would share a stack', () => {
    expect(messageOf(() => checkConfiguration(both()))).toContain(
      "Remedy: add the line name: 'staging-api', or another",
    );
    const [production, staging] = checkConfiguration(both('staging-api')).services;
    expect([production!.name, staging!.name, staging!.serviceName]).toEqual(['api', 'staging-api', 'api']);
  });

  it('is what stands in names instead of the service’s, which stays what ECS calls it', () => {
    const [, staging] = checkConfiguration(both('staging-api')).services;
    const { service, serviceName, family, liveImageParameter } = toRolloutConfig(staging!);
    expect({ service, serviceName, family, liveImageParameter }).toEqual({
      service: 'staging/api',
      serviceName: 'api',
      family: 'api',
      liveImageParameter: '/rollouts/staging-api/image',
    });
  });
});
