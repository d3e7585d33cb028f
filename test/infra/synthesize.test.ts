import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App, Aws, CfnResource, Stack, Validations } from 'aws-cdk-lib/core';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { expect, it, onTestFinished, vi } from 'vitest';
import { cellOf } from '../../infra/cell.ts';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import { ChatStack } from '../../infra/chat-stack.ts';
import { DashboardStack } from '../../infra/dashboard-stack.ts';
import { FoundationStack } from '../../infra/foundation-stack.ts';
import { GrantedRole } from '../../infra/granted-role.ts';
import { allow, allowAny, type Grant } from '../../infra/grants.ts';
import { HANDLER_NAMES, HANDLERS } from '../../infra/handler-table.ts';
import { loadConfiguration } from '../../configuration/load-configuration.ts';
import { ServiceStack } from '../../infra/service-stack.ts';
import { synthesize } from '../../infra/synthesize.ts';
import { cellIn } from './cell-template.ts';
import { standInFunctions, temporaryDirectory } from './temporary.ts';
import { reportIn, unreasoned } from './validation-report.ts';

const ROOT = join(import.meta.dirname, '../..');
const full = checkConfiguration({
  services: [
    {
      repository: 'team/api',
      container: 'app',
      taskRole: 'ApiTask',
      notify: { emails: ['a@b.c'], slack: { workspaceId: 'T0123', channelId: 'C0123' } },
      tag: { glob: 'v*-x' },
    },
    {
      repository: 'team/web',
      containers: ['web', 'proxy'],
      cluster: 'prod',
      family: 'website',
      tag: { semver: '1.x' },
    },
  ],
});

it('satisfies cdk-nag with every setting in use, and has a reason for everything that it acknowledges', async () => {
  const outdir = temporaryDirectory();
  await synthesize(full, { outdir, validate: true, functionsDirectory: standInFunctions() });
  expect(templatesIn(outdir)).toEqual([
    'rollouts-api-chat.template.json',
    'rollouts-api-dashboard.template.json',
    'rollouts-api.template.json',
    'rollouts-web.template.json',
  ]);
  expect(reportIn(outdir)).toMatchObject([{ pluginName: 'AwsSolutions', conclusion: 'success', violations: [] }]);
  const acknowledged = reportIn(outdir)[0]!.suppressedViolations;
  expect(new Set(acknowledged.map(({ ruleName }) => ruleName.replace(/\[.*/, '')))).toEqual(
    new Set(['AwsSolutions-IAM5', 'AwsSolutions-SQS3']),
  );
  expect(unreasoned(outdir)).toEqual([]);
});

it.each(HANDLER_NAMES)('lets %s say of every wildcard why it has to be', (handler) => {
  const created = { ledgerArn: 'ledger', topicArn: 'topic', deadLetters: { arn: 'queue', url: 'url' } };
  const wide = full.services
    .flatMap((service) => [...HANDLERS[handler].grants(cellOf(service), created)])
    .filter(({ effect, resources }) => effect === 'Allow' && resources.some((resource) => resource.includes('*')));
  expect(wide.filter(({ because = '' }) => !/^\w.{20,}$/.test(because))).toEqual([]);
});

it('grants no wildcard without a reason, and acknowledges each with all reasons that it has', () => {
  const stack = new Stack(new App({ outdir: temporaryDirectory() }), 'Roles');
  const roleOf = (id: string, grants: readonly Grant[]): GrantedRole =>
    new GrantedRole(stack, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), grants });
  expect(() => roleOf('Careless', [allow(['sqs:SendMessage'], `arn:${Aws.PARTITION}:sqs:*`)])).toThrow(
    /^sqs:SendMessage is granted on arn:.*:sqs:\* without a reason$/,
  );
  const [acknowledged] = roleOf('Careful', [
    allowAny(['ecs:ListTasks'], '*', 'listing has no resource'),
    allowAny(['xray:PutTraceSegments'], '*', 'tracing has none'),
    allow(['sqs:SendMessage'], 'arn:of:one:queue'),
  ]).node.metadata.filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY);
  expect(acknowledged!.data).toEqual({
    'AwsSolutions::AwsSolutions-IAM5[Resource::*]': 'listing has no resource; tracing has none',
  });
});

const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555';
const network = { vpcId: 'vpc-12345678', subnetIds: ['subnet-12345678', 'subnet-12345679'] };

/** Services that differ in what their stacks create. */
const PROVISIONS: Readonly<Record<string, object>> = {
  plain: {},
  scaled: { loadBalancer: {}, scaling: { minCount: 1, maxCount: 2 } },
  secure: {
    loadBalancer: { certificateArn, subnetIds: ['subnet-1234567a', 'subnet-1234567b'] },
    network: { ...network, assignPublicIp: false },
  },
  tenant: { cluster: 'existing', network: { ...network, securityGroupIds: ['sg-12345678'], assignPublicIp: true } },
  full: {
    architecture: 'arm64',
    ephemeralStorageGiB: 50,
    environment: { MODE: 'calm' },
    secrets: { URL: { parameter: '/team/url' }, KEY: { secret: 'team/key', key: 'token' } },
    healthCheck: { intervalSeconds: 30, timeoutSeconds: 10, startPeriodSeconds: 300 },
  },
};

it('satisfies CloudFormation’s schemas, which see what is wrong beside it', () => {
  const said = vi.spyOn(console, 'error').mockReturnValue();
  onTestFinished(() => said.mockRestore());
  const outdir = temporaryDirectory();
  const app = new App({ outdir, analyticsReporting: false, builtinCloudFormationValidation: true });
  cellIn(app, { repository: 'team/api', container: 'app', notify: { emails: ['a@b.c'] }, tag: { glob: 'v*-x' } });
  const ground = {
    repository: 'team/web',
    container: 'app',
    registry: {},
    github: { repository: 'o/r', branch: 'main' },
  };
  for (const [service, provision] of Object.entries(PROVISIONS)) {
    const checked = checkConfiguration({ services: [{ ...ground, service, provision: { port: 8000, ...provision } }] });
    const cell = cellOf(checked.services[0]!);
    new FoundationStack(app, { cell, ensureBundle: standInFunctions() });
    new ServiceStack(app, { cell, provision: cell.service.provision! });
  }
  new DashboardStack(app, { cells: full.services.map(cellOf), name: 'team' });
  new ChatStack(app, { cells: full.services.map(cellOf), name: 'team' });
  new CfnResource(new Stack(app, 'Wrong'), 'Queue', { type: 'AWS::SQS::Queue', properties: { Colour: 'blue' } });
  app.synth();
  const violations = reportIn(outdir).flatMap((report) => report.violations);
  expect(
    violations.flatMap(({ violatingConstructs }) => violatingConstructs.map((each) => each.constructPath)),
  ).toEqual(['Wrong/Queue']);
}, 120_000);

it('gives the same template, byte for byte, in process and as the CDK CLI runs it, without credentials', async () => {
  const [mine, theirs] = [temporaryDirectory(), temporaryDirectory()];
  await synthesize(await loadConfiguration(), { outdir: mine });
  const { app, context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { app: string; context: object };
  const [command, ...parameters] = app.split(' ');
  await promisify(execFile)(command!, parameters, {
    cwd: ROOT,
    env: { PATH: process.env.PATH, CDK_OUTDIR: theirs, CDK_CONTEXT_JSON: JSON.stringify(context) },
  });
  expect(templatesIn(mine)).toHaveLength(4);
  expect(templatesIn(theirs)).toEqual(templatesIn(mine));
  for (const name of templatesIn(mine)) {
    expect(readFileSync(join(theirs, name), 'utf8')).toBe(readFileSync(join(mine, name), 'utf8'));
  }
}, 120_000);

it('writes functions without the SDK beside an assembly, and changes nothing of it', async () => {
  const [plain, both] = [temporaryDirectory(), temporaryDirectory()];
  await synthesize(full, { outdir: plain });
  await synthesize(full, { outdir: both, withoutSdk: true });
  const assets = readdirSync(plain).filter((name) => name.startsWith('asset.'));
  expect(readdirSync(both).sort()).toEqual([...readdirSync(plain), 'without-sdk'].sort());
  expect(readdirSync(join(both, 'without-sdk')).sort()).toEqual(assets.sort());
  for (const name of templatesIn(plain))
    expect(readFileSync(join(both, name), 'utf8')).toBe(readFileSync(join(plain, name), 'utf8'));
  for (const asset of assets) {
    const [slim, deployed] = [join(both, 'without-sdk', asset), join(both, asset)].map((directory) =>
      readFileSync(join(directory, 'index.js'), 'utf8'),
    );
    expect(slim!.length).toBeLessThan(deployed!.length / 2);
    expect(slim!).toMatch(/require\("@aws-sdk\/client-\w+"\)/);
    expect(deployed!).not.toMatch(/require\("@aws-sdk\/client-\w+"\)/);
  }
});

it('turns off whatever the CDK CLI would send or fetch', () => {
  const settings = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as Record<string, unknown>;
  expect(settings).toMatchObject({ notices: false, versionReporting: false, context: { 'cli-telemetry': false } });
});

function templatesIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.template.json'))
    .sort();
}
