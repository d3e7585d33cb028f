import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GetParametersByPathResult } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { parseRegistration } from '../../configuration/registration.ts';
import { readCloudAssembly } from '../../rehearsal/assembly/cloud-assembly.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import type { Region } from '../../region/region.ts';
import { assemblyOf, scratchDirectory, setting } from './setting.ts';
import { openSandbox, openSandboxOf } from './verbs-setting.ts';

const open = setting();

/** What is registered in the region, by the names of the parameters. */
async function registered(region: Region) {
  const request = { Path: '/rollouts-cells', Recursive: true };
  const { Parameters = [] } = await operate<GetParametersByPathResult>(region, 'ssm', 'GetParametersByPath', request);
  return new Map(Parameters.map(({ Name = '', Value = '' }) => [Name, parseRegistration(Value)]));
}

it('a deployed cell is registered under its service, with the names of what exists', async () => {
  const { region } = await open();
  const [[name, cell]] = [...(await registered(region))] as [
    [string, NonNullable<ReturnType<typeof parseRegistration>>],
  ];
  expect(name).toBe('/rollouts-cells/prod/api');
  const { stateMachineArn, ledgerTableArn, topicArn, release } = cell;
  const { definition } = await operate<{ definition: string }>(region, 'states', 'DescribeStateMachine', {
    stateMachineArn,
  });
  expect(definition).toContain(`"release":"${release}"`);
  const TableName = ledgerTableArn.slice(ledgerTableArn.lastIndexOf('/') + 1);
  expect(await operate(region, 'dynamodb', 'DescribeTable', { TableName })).toMatchObject({
    Table: { TableArn: ledgerTableArn },
  });
  expect(await operate(region, 'sns', 'ListSubscriptionsByTopic', { TopicArn: topicArn })).toMatchObject({
    Subscriptions: [],
  });
});

/** Services of two clusters beside the scenarios' own. */
const beside = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    repository: `team/s${index}`,
    container: 'api',
    tag: { exact: 'live' },
    cluster: index % 2 === 0 ? 'prod' : 'staging',
    bakeTimeSeconds: 60,
  }));

/** An access key of somebody who may do everything of the services that verbs use, but nothing of this one. */
async function keyWithout(service: string, region: Region): Promise<string> {
  const others = ['dynamodb', 'ecr', 'ecs', 'ssm', 'states', 'sts'].filter((name) => name !== service);
  const Action = others.map((name) => `${name}:*`);
  const assumed = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const Properties = {
    RoleName: 'on-call',
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [assumed] },
    Policies: [
      {
        PolicyName: 'verbs',
        PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] },
      },
    ],
  };
  const template = { Resources: { OnCall: { Type: 'AWS::IAM::Role', Properties } } };
  await region.deployStack({ name: 'OnCall', template, assets: new Map() });
  const roleArn = region.iam.roles.find((arn) => arn.endsWith('/on-call'))!;
  return region.iam.issueAccessKey({ kind: 'role', roleArn, sessionName: 'night' });
}

describe('in a checkout that knows nothing of what is deployed, with nothing but credentials', () => {
  it('twelve services are shown for few calls, and ECS is asked about each cluster once', async () => {
    const { worlds, elsewhere } = await openSandboxOf(beside(11));
    const { region } = worlds[0]!;
    const before = region.calls.length;
    const { code, out, err } = await elsewhere(['status']);
    const calls = region.calls.slice(before).map(({ operation }) => operation);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^12 services in us-east-1, account 123456789012, the worst first$/m);
    expect(out).toMatch(/^s10 +s10:1 +2 of 2 +- +-$/m);
    const counts: Record<string, number> = {};
    for (const name of calls) counts[name] = (counts[name] ?? 0) + 1;
    expect(counts).toEqual({
      GetCallerIdentity: 1,
      GetParametersByPath: 2,
      // Whether the one that is configured here is deployed after all.
      GetItem: 1,
      Query: 12,
      // More than ten are in none of the two clusters.
      DescribeServices: 2,
      ListTasks: 2,
      DescribeTasks: 2,
    });
  });

  it('every verb finds the service that is named, and status shows which one is meant', async () => {
    const sandbox = await openSandboxOf(beside(2));
    const { elsewhere, pass } = sandbox;
    const [api, s0, s1] = sandbox.worlds as [World, World, World];
    const good = await s0.push();
    await pass(200);
    await s1.push();
    await pass(200);
    await s1.push({ behaviour: 'crash' });
    await pass(400);
    const started = await elsewhere(['start', '--service', 's0', '--digest', good, '--force', '--reason', 'a secret']);
    expect([started.err, started.code]).toEqual(['', 0]);
    const overview = await elsewhere(['status']);
    const rows = overview.out.split('\n').slice(3, 6);
    expect(rows[0]).toMatch(/^s1 +live +2 of 2 +ROLLED_BACK \d+ min ago +1 quarantined$/);
    expect(rows[1]).toMatch(/^api +api:1 +2 of 2 +- +-$/);
    expect(rows[2]).toMatch(/^s0 +live +2 of 2 +SUCCEEDED \d+ (s|min) ago +-$/);
    const { services } = JSON.parse((await elsewhere(['status', '--all', '--json'])).out) as {
      readonly services: readonly { readonly service: string; readonly condition: string }[];
    };
    expect(services.map(({ service, condition }) => [service, condition])).toEqual([
      ['staging/s1', 'failed'],
      ['prod/api', 'well'],
      ['prod/s0', 'well'],
    ]);
    const lines = ['status', 'watch', 'history', 'diff', 'doctor', 'push-instructions', 'abort'];
    for (const line of lines) {
      const { out, err } = await elsewhere([...line.split(' '), '--service', 'staging/s1']);
      expect([line, err]).toEqual([line, '']);
      expect(out).not.toContain('s0');
    }
    expect((await elsewhere(['rollback', '--service', 's1'])).err).toContain('in team/s1, for rollouts start');
    expect((await elsewhere(['doctor', '--service', 's1'])).out.replaceAll(/\s+/g, ' ')).toContain(
      'no configuration here speaks of it, so none was compared',
    );
    expect(api.rollouts()).toEqual([]);
  });

  it('whoever names none, or one that is not there, learns which there are', async () => {
    const { elsewhere } = await openSandboxOf(beside(1));
    expect(await elsewhere(['status', '--service', 'prod/s'])).toEqual({
      code: 2,
      out: '',
      err: 'rollouts: no service "prod/s" has registered in us-east-1, account 123456789012, nor is it configured here; did you mean prod/s0?\n',
    });
    const { code, err } = await elsewhere(['history']);
    expect(code).toBe(1);
    expect(err.replaceAll(/\s+/g, ' ')).toMatch(
      /^rollouts: rollouts-reflectance-datacube-processor is not deployed in us-east-1: .*; deployed there: prod\/api, prod\/s0 \(--service\) $/,
    );
  });
});

describe('a cell of a release that did not register', () => {
  it('is found by the configuration beside you', async () => {
    const { world, rollouts, elsewhere, json } = await openSandbox();
    await operate(world.region, 'ssm', 'DeleteParameter', { Name: '/rollouts-cells/prod/api' });
    expect(await json('status')).toMatchObject({ service: 'prod/api', running: { desiredCount: 2 } });
    expect(await json('status', '--service', 'api')).toMatchObject({ service: 'prod/api' });
    const nothing = await elsewhere(['status', '--service', 'prod/api']);
    expect([nothing.code, nothing.err]).toEqual([2, expect.stringContaining('no service "prod/api" has registered')]);
    expect((await rollouts(['status', '--all'])).out).toMatch(/^1 service in us-east-1[^]*^api +api:1 +2 of 2 /m);
    expect((await elsewhere(['status', '--all'])).err.replaceAll(/\s+/g, ' ')).toContain(
      'no service has registered in us-east-1, account 123456789012: deploy one (npx cdk deploy --all), set AWS_REGION',
    );
  });

  it('is found as every cell is by whoever may not see what has registered', async () => {
    const { world, rollouts, elsewhere } = await openSandbox();
    const AWS_ACCESS_KEY_ID = await keyWithout('ssm', world.region);
    world.excuse('permission', /on-call was refused ssm:GetParametersByPath/, 'an operator of an older release');
    const found = await rollouts(['status'], { AWS_ACCESS_KEY_ID });
    expect([found.code, found.out.split('\n')[0]]).toEqual([
      0,
      'Service     prod/api in us-east-1, account 123456789012',
    ]);
    const { code, err } = await elsewhere(['status', '--all'], { AWS_ACCESS_KEY_ID });
    expect([code, err]).toEqual([
      1,
      expect.stringContaining('may not ssm:GetParametersByPath on arn:aws:ssm:us-east-1:'),
    ]);
  });

  it('and one whose registration says what this release does not read is named', async () => {
    const { world, elsewhere } = await openSandbox();
    const put = { Name: '/rollouts-cells/prod/api', Value: '{"schema":2}', Type: 'String', Overwrite: true };
    await operate(world.region, 'ssm', 'PutParameter', put);
    const { code, err } = await elsewhere(['status', '--all']);
    expect(code).toBe(1);
    expect(err.replaceAll(/\s+/g, ' ')).toContain(
      '/rollouts-cells/prod/api in us-east-1, account 123456789012 says nothing',
    );
  });
});

describe('services of one name in two clusters', () => {
  const staging = {
    repository: 'team/api',
    container: 'api',
    tag: { exact: 'next' },
    cluster: 'staging',
    service: 'api',
    name: 'staging-api',
    bakeTimeSeconds: 60,
  };

  it('live in one account and Region: each follows its own pushes, and is called by its cluster', async () => {
    const sandbox = await openSandboxOf([staging]);
    const { elsewhere, pass } = sandbox;
    const [production, other] = sandbox.worlds as [World, World];
    const digest = await other.push();
    await pass(300);
    expect(other.rollouts().map(({ outcome }) => outcome)).toEqual(['SUCCEEDED']);
    expect(production.rollouts().filter(({ outcome }) => outcome === 'SUCCEEDED')).toEqual([]);
    const liveImage = (name: string) => production.region.ssm.valueOf(`/rollouts/${name}/image`);
    expect([liveImage('staging-api'), liveImage('api')]).toEqual([expect.stringContaining(digest), undefined]);
    const both =
      'rollouts: 2 services are called api in us-east-1, account 123456789012: --service prod/api, --service staging/api\n';
    expect(await elsewhere(['status', '--service', 'api'])).toEqual({ code: 2, out: '', err: both });
    const { out } = await elsewhere(['status', '--service', 'staging/api']);
    expect(out).toContain(`next (${digest.slice(0, 19)}), proven`);
    expect((await elsewhere(['status', '--all'])).out).toMatch(/^prod\/api +api:1 .*\nstaging\/api +next /m);
  });

  it('are told apart by whoever acts on one, and taken for the one that is configured here by whoever only reads', async () => {
    const sandbox = await openSandboxOf([staging]);
    const { rollouts } = sandbox;
    const acting = ['start', 'rollback', 'release', 'abort', 'acknowledge --reason seen'];
    for (const verb of acting) {
      const { code, out, err } = await rollouts([...verb.split(' '), '--service', 'api']);
      expect([verb, code, out]).toEqual([verb, 2, '']);
      expect(err).toContain('2 services are called api in us-east-1, account 123456789012: ');
      expect(err).toContain('--service prod/api, --service staging/api');
    }
    const [production, other] = sandbox.worlds as [World, World];
    expect([...production.rollouts(), ...other.rollouts()]).toEqual([]);
    expect(await rollouts(['status', '--service', 'api'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Service +prod\/api /) as string,
    });
    const named = await rollouts(['abort', '--service', 'prod/api']);
    expect([named.code, named.err]).toEqual([0, '']);
  });
});

describe('a stack of another checkout', () => {
  const ground = {
    registry: {},
    github: { repository: 'octo-org/api', environment: 'production' },
    provision: { port: 8000, desiredCount: 2 },
  };
  const refusal = (stack: string) =>
    `stack ${stack}: Template error: rule CellStays failed: The stack ${stack} belongs to another ECS service, from which staging/api would take it. Give staging/api a name of its own in rollouts.config.ts, such as name: 'staging-api'. If it is to have this stack: npx cdk deploy ${stack} --parameters ${stack}:Cell=staging/api`;

  /** What every stack of the region is, so that a change shows. */
  const stacksIn = ({ region }: World): string =>
    JSON.stringify(
      [...region.cloudformation.state.stacks.values()].map(({ name, status, eventsTold, parameters }) => [
        name,
        status,
        eventsTold,
        [...parameters],
      ]),
    );

  it.each([
    ['the cell of an adopted service', {}, 'rollouts-api'],
    ['the ground of a provisioned one', ground, 'rollouts-api-foundation'],
  ])('is not taken over: %s is refused before anything changes', async (_, changes, stack) => {
    const world = await setting(changes)();
    const before = stacksIn(world);
    const calls = world.region.calls.length;
    await expect(world.deploy(await assemblyOf({ ...changes, cluster: 'staging' }))).rejects.toThrow(refusal(stack));
    expect(stacksIn(world)).toBe(before);
    expect(world.region.calls.slice(calls)).toEqual([]);
    // The same checkout deploys again, what it has changed included.
    await world.deploy(await assemblyOf({ ...changes, bakeTimeSeconds: 30 }));
    expect(stacksIn(world)).not.toBe(before);
  });

  it('is refused to the one below the cell, too', async () => {
    const { provision } = ground;
    const world = await setting({ provision })();
    const service = readStack(await assemblyOf({ provision, cluster: 'staging' }), 'rollouts-api-service');
    await expect(world.region.deployStack(service)).rejects.toThrow(refusal('rollouts-api-service'));
  });

  it('is handed over by whoever says so, service by service', async () => {
    const world = await setting()();
    const cell = readStack(await assemblyOf({ cluster: 'staging' }), 'rollouts-api');
    await world.region.deployStack({ ...cell, parameters: { Cell: 'staging/api' } });
    expect([...(await registered(world.region)).keys()]).toEqual(['/rollouts-cells/staging/api']);
    await expect(world.deploy(await assemblyOf({}))).rejects.toThrow('from which prod/api would take it');
  });

  it('is told of by doctor, also before the stack remembers its service, and no other verb touches it', async () => {
    const { world, rollouts } = await openSandbox();
    const file = join(scratchDirectory(), 'staging.config.mjs');
    const service = { repository: 'team/api', container: 'api', tag: { exact: 'live' }, cluster: 'staging' };
    writeFileSync(file, `export default { services: [${JSON.stringify(service)}] };`);
    const started = await rollouts(['start', '--config', file]);
    expect([started.code, started.err]).toEqual([
      1,
      'rollouts: rollouts-api in us-east-1 is the cell of prod/api, and staging/api has none: rollouts doctor says what to do\n',
    ]);
    await operate(world.region, 'ssm', 'DeleteParameter', { Name: '/rollouts-cells/prod/api' });
    const { code, out } = await rollouts(['doctor', '--config', file]);
    expect(code).toBe(1);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      "problem name: The stack with these names is the cell of prod/api, and deploying would take it away from there. → give staging/api a name of its own: name: 'staging-api'",
    );
    expect(world.rollouts()).toEqual([]);
  });
});

/** One stack of a cloud assembly. */
function readStack(assembly: string, name: string) {
  return readCloudAssembly(assembly, 'deployed').find((stack) => stack.name === name)!;
}
