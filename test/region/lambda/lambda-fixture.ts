import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { Kernel, type KernelOptions } from '../../../region/kernel/kernel.ts';
import { createIam, type Iam } from '../../../region/iam/iam.ts';
import { createLambda, type Lambda, type LambdaPorts } from '../../../region/lambda/lambda.ts';
import type { InvocationResult } from '../../../region/service.ts';
import { memoryHttpModules } from '../../../region/wire/memory-http.ts';

export const REGION = { account: '123456789012', region: 'us-east-1' };
export const ROLE_ARN = 'arn:aws:iam::123456789012:role/handler';
export const LOG_GROUP_ARN = 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/handler';

const LAMBDA_TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

export const MAY_LOG = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: `${LOG_GROUP_ARN}:*` },
  ],
};

/** A region with IAM, Lambda and one function `handler`; what the function logs and measures is kept in lists. */
export interface LambdaFixture {
  readonly kernel: Kernel;
  readonly iam: Iam;
  readonly lambda: Lambda;
  readonly lines: string[];
  readonly metrics: string[];
  readonly queued: { queueArn: string; body: string }[];
  readonly functionArn: string;
  /** Invokes as the operator and answers how it ended. */
  readonly invoke: (payload?: unknown) => Promise<InvocationResult>;
}

interface FixtureOptions extends KernelOptions {
  /** Source of the function, CommonJS. */
  readonly source: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly connect?: (kernel: Kernel) => Duplex;
  readonly ports?: Partial<LambdaPorts>;
}

export async function lambdaFixture({
  source,
  properties,
  connect,
  ports,
  ...options
}: FixtureOptions): Promise<LambdaFixture> {
  const kernel = new Kernel(options);
  const context = { ...REGION, kernel };
  const iam = createIam(context);
  const lines: string[] = [];
  const metrics: string[] = [];
  const queued: { queueArn: string; body: string }[] = [];
  const lambda = createLambda({
    ...context,
    authorize: iam.authorize,
    authorizeByPolicy: iam.authorizeByPolicy,
    assumeRole: iam.assumeRole,
    issueAccessKey: iam.issueAccessKey,
    connect: () => {
      if (connect === undefined) throw new Error('this function has no door');
      return connect(kernel);
    },
    memoryHttp: memoryHttpModules,
    loadCode: () => ({ directory: directoryWith(source) }),
    writeLog: (_group, _stream, line) => void lines.push(line),
    recordMetric: (namespace, name, dimensions, value) =>
      void metrics.push(`${namespace} ${name} ${Object.values(dimensions).join()} ${value}`),
    sendToQueue: (queueArn, body) => void queued.push({ queueArn, body }),
    ...ports,
  });
  await iam.resources['AWS::IAM::Role']!(
    'Role',
    {
      RoleName: 'handler',
      AssumeRolePolicyDocument: LAMBDA_TRUST,
      Policies: [{ PolicyName: 'logs', PolicyDocument: MAY_LOG }],
    },
    'stack',
  );
  const { attributes } = await lambda.resources['AWS::Lambda::Function']!(
    'Handler',
    functionProperties(properties),
    'stack',
  );
  const functionArn = attributes['Arn']!;
  const invoke = async (payload: unknown = {}): Promise<InvocationResult> => {
    const results: InvocationResult[] = [];
    lambda.invoke({ functionArn, payload, caller: { kind: 'operator' }, onEnd: (result) => results.push(result) });
    await kernel.runUntil(() => results.length > 0, 'the end of the invocation', 1_000_000);
    return results[0]!;
  };
  return { kernel, iam, lambda, lines, metrics, queued, functionArn, invoke };
}

export function functionProperties(properties: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    FunctionName: 'handler',
    Code: { S3Bucket: 'assets', S3Key: 'asset.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Architectures: ['arm64'],
    Role: ROLE_ARN,
    Timeout: 60,
    MemorySize: 256,
    ...properties,
  };
}

function directoryWith(source: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'lambda-'));
  writeFileSync(join(directory, 'index.js'), source);
  return directory;
}

/** The payload of an answered invocation; a failed one fails the test with its message. */
export function payloadOf(result: InvocationResult): unknown {
  if (result.kind === 'failed') throw new Error(result.message);
  return result.payload;
}
