import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRegion, type Region } from '../../../region/region.ts';
import { driven, raw, signedBy } from './endpoint.ts';

const FUNCTION = `exports.handler = async (event) => { console.log('seen'); return { event }; };`;

/** A region with one of everything that the commands ask for. */
async function world(): Promise<Region> {
  const region = createRegion();
  const create = async (type: string, properties: object): Promise<void> => {
    await region.resources[type]!('Id', { ...properties }, 'stack');
  };
  const trust = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = { Version: '2012-10-17', Statement: [trust] };
  await create('AWS::IAM::Role', { RoleName: 'handler', AssumeRolePolicyDocument });
  await create('AWS::Logs::LogGroup', { LogGroupName: 'app' });
  await create('AWS::SNS::Topic', { TopicName: 'outcomes' });
  await create('AWS::CloudWatch::Dashboard', { DashboardName: 'board', DashboardBody: '{"widgets":[]}' });
  await create('AWS::Lambda::Function', {
    FunctionName: 'handler',
    Code: { ZipFile: FUNCTION },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Role: 'arn:aws:iam::123456789012:role/handler',
  });
  region.logs.writeLog('app', 'stream', '{"level":"ERROR","text":"bad"}');
  region.logs.writeLog('app', 'stream', '{"level":"INFO","text":"good"}');
  region.cloudwatch.recordMetric('App', 'Latency', { Service: 'api' }, 3);
  return region;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
const json = (target: string): Record<string, string> => ({
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': target,
});
const query = (of: Record<string, string>): string => new URLSearchParams(of).toString();

/** Requests as `aws --debug` of version 2 shows them. */
describe('requests of the AWS CLI are answered', () => {
  it.each([
    {
      command: 'lambda list-functions',
      service: 'lambda',
      request: { method: 'GET', path: '/2015-03-31/functions/', headers: {}, body: '' },
      expected: '"FunctionName":"handler"',
    },
    {
      command: 'lambda invoke --payload {"a":1}',
      service: 'lambda',
      request: { method: 'POST', path: '/2015-03-31/functions/handler/invocations', headers: {}, body: '{"a":1}' },
      expected: '{"event":{"a":1}}',
    },
    {
      command: 'logs tail app --filter-pattern …',
      service: 'logs',
      request: {
        headers: json('Logs_20140328.FilterLogEvents'),
        body: JSON.stringify({
          logGroupName: 'app',
          interleaved: true,
          startTime: 0,
          filterPattern: '{ $.level = "ERROR" }',
        }),
      },
      expected: String.raw`{\"level\":\"ERROR\",\"text\":\"bad\"}`,
    },
    {
      command: 'cloudwatch list-metrics, by the query protocol',
      service: 'monitoring',
      request: {
        headers: FORM,
        body: query({ Action: 'ListMetrics', Version: '2010-08-01', 'Dimensions.member.1.Name': 'Service' }),
      },
      expected: '<MetricName>Latency</MetricName>',
    },
    {
      command: 'cloudwatch get-metric-statistics, by the query protocol',
      service: 'monitoring',
      request: {
        headers: FORM,
        body: query({
          Action: 'GetMetricStatistics',
          Version: '2010-08-01',
          Namespace: 'App',
          MetricName: 'Latency',
          'Dimensions.member.1.Name': 'Service',
          'Dimensions.member.1.Value': 'api',
          StartTime: '2026-01-05T09:00:00Z',
          EndTime: '2026-01-05T10:00:00Z',
          Period: '60',
          'Statistics.member.1': 'Maximum',
        }),
      },
      expected: '<member><Timestamp>2026-01-05T09:00:00.000Z</Timestamp><Maximum>3</Maximum></member>',
    },
    {
      command: 'cloudwatch get-dashboard, by the JSON protocol',
      service: 'monitoring',
      request: {
        headers: { ...json('GraniteServiceVersion20100801.GetDashboard'), 'x-amzn-query-mode': 'true' },
        body: '{"DashboardName":"board"}',
      },
      expected: String.raw`"DashboardBody":"{\"widgets\":[]}"`,
    },
    {
      command: 'sns list-topics',
      service: 'sns',
      request: { headers: FORM, body: query({ Action: 'ListTopics', Version: '2010-03-31' }) },
      expected: '<TopicArn>arn:aws:sns:us-east-1:123456789012:outcomes</TopicArn>',
    },
  ])('$command', async ({ service, request, expected }) => {
    const region = await world();
    const headers = { ...signedBy('OPERATOR', service), ...request.headers };
    const answer = await driven(region.kernel, raw(region.connect, { ...request, headers }));
    expect(answer.body.toString()).toContain(expected);
    expect(answer.status).toBe(200);
  });
});

const isInstalled = spawnSync('aws', ['--version']).status === 0;

/** Every process of the CLI costs most of a second: a few commands, of each protocol one. */
describe.skipIf(!isInstalled)('the AWS CLI itself', () => {
  async function cli() {
    const region = await world();
    const stop = new AbortController();
    const endpoint = `http://127.0.0.1:${await region.listen(0)}`;
    const paced = region.runPaced(60, stop.signal);
    const directory = mkdtempSync(join(tmpdir(), 'aws-cli-'));
    onTestFinished(async () => {
      stop.abort();
      await paced;
      await region.close();
      rmSync(directory, { recursive: true });
    });
    const env = {
      PATH: process.env['PATH'],
      HOME: directory,
      AWS_ACCESS_KEY_ID: 'OPERATOR',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: endpoint,
      AWS_PAGER: '',
    };
    const aws = async (...command: string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)('aws', command, { env, cwd: directory });
      return stdout;
    };
    return { aws, directory };
  }

  it('reads answers, and shows the sentences of refusals', async () => {
    const { aws, directory } = await cli();
    const refused = async (...command: string[]): Promise<string> =>
      aws(...command).then(
        (out) => `answered ${out}`,
        (error: unknown) => (error as { stderr: string }).stderr,
      );
    const [lines, invoked, buckets, missing] = await Promise.all([
      aws('logs', 'filter-log-events', '--log-group-name', 'app', '--filter-pattern', '{ $.level = "ERROR" }'),
      aws('lambda', 'invoke', '--function-name', 'handler', '--log-type', 'Tail', 'answer.json'),
      refused('s3', 'ls'),
      refused('cloudwatch', 'get-dashboard', '--dashboard-name', 'nothing'),
    ]);
    expect((JSON.parse(lines) as { events: object[] }).events).toHaveLength(1);
    const { LogResult } = JSON.parse(invoked) as { LogResult: string };
    expect(Buffer.from(LogResult, 'base64').toString()).toContain('seen');
    expect(readFileSync(join(directory, 'answer.json'), 'utf8')).toBe('{"event":{}}');
    expect(buckets).toContain('GET / (the REST API of s3) is not modelled by this region');
    expect(missing).toContain('(ResourceNotFound)');
  });
});
