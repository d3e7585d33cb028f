import { build } from 'esbuild';
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Kernel } from '../../../region/kernel/kernel.ts';
import { openMemoryConnection } from '../../../region/wire/duplex-door.ts';
import { functionProperties, lambdaFixture, payloadOf, type LambdaFixture } from './lambda-fixture.ts';

const HANDLER = `
  import { Logger } from '@aws-lambda-powertools/logger';
  import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
  const logger = new Logger({ serviceName: 'rollouts' });
  const ecs = new ECSClient({});
  let calls = 0;
  export const handler = async (event: { cluster: string; isTwice?: boolean }, context: never) => {
    logger.addContext(context);
    logger.info('describing', { cluster: event.cluster });
    const describe = () => ecs.send(new DescribeServicesCommand({ cluster: event.cluster, services: ['api'] }));
    const { services } = await describe();
    if (event.isTwice) await describe();
    return { names: services?.map((service) => service.serviceName), calls: ++calls };
  };
`;

let source: string;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: HANDLER, loader: 'ts', resolveDir: process.cwd() },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minify: true,
    write: false,
  });
  source = outputFiles[0]!.text;
});

/** A door that answers DescribeServices after 40 ms of virtual time and keeps what it was asked. */
function fakeEcs() {
  const requests: { host: string | undefined; authorization: string; target: unknown; body: unknown }[] = [];
  let kernel: Kernel;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { host, authorization, 'x-amz-target': target } = request.headers;
      requests.push({
        host,
        authorization: authorization ?? '',
        target,
        body: JSON.parse(String(Buffer.concat(chunks))),
      });
      kernel.after(40, 'answer', 'DescribeServices', () => {
        // Its real date would make the SDK correct the virtual clock.
        response.sendDate = false;
        response.setHeader('content-type', 'application/x-amz-json-1.1');
        response.end(JSON.stringify({ services: [{ serviceName: 'api' }], failures: [] }));
      });
    });
  });
  const connect = (of: Kernel) => {
    kernel = of;
    const { client, server: end } = openMemoryConnection();
    server.emit('connection', end);
    return client;
  };
  return { requests, connect };
}

/** Deploys the function again: what it has of instances serves no further invocation. */
async function changed({ lambda, functionArn }: LambdaFixture): Promise<void> {
  const properties = functionProperties();
  await lambda.updaters!['AWS::Lambda::Function']!.update({
    logicalId: 'Handler',
    type: 'AWS::Lambda::Function',
    stackName: 'stack',
    current: { ref: 'handler', attributes: { Arn: functionArn } },
    before: properties,
    after: { ...properties, MemorySize: 512 },
  });
}

describe('a bundle with Powertools and the AWS SDK', () => {
  it('signs its calls with the key of its instance, and logs through the region', async () => {
    const { requests, connect } = fakeEcs();
    const fixture = await lambdaFixture({ source, connect });
    expect(payloadOf(await fixture.invoke({ cluster: 'prod' }))).toEqual({ names: ['api'], calls: 1 });
    const [{ accessKeyId } = { accessKeyId: '' }] = fixture.lambda.instancesOf('handler');
    expect(requests).toEqual([
      {
        host: 'ecs.us-east-1.amazonaws.com',
        authorization: expect.stringContaining(
          `Credential=${accessKeyId}/20260105/us-east-1/ecs/aws4_request`,
        ) as string,
        target: 'AmazonEC2ContainerServiceV20141113.DescribeServices',
        body: { cluster: 'prod', services: ['api'] },
      },
    ]);
    expect(fixture.lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'describing',
        cluster: 'prod',
        cold_start: true,
        timestamp: '2026-01-05T09:00:00.350Z',
      }),
    ]);
  });

  it('stays warm, on the same connection', async () => {
    const { requests, connect } = fakeEcs();
    let connections = 0;
    const fixture = await lambdaFixture({ source, connect: (kernel) => (connections++, connect(kernel)) });
    for (let n = 1; n <= 3; n++)
      expect(payloadOf(await fixture.invoke({ cluster: 'prod' }))).toMatchObject({ calls: n });
    expect([requests.length, connections]).toEqual([3, 1]);
  });

  it('closes its connection when no further invocation comes, so that the door forgets it', async () => {
    const { connect } = fakeEcs();
    const opened: Duplex[] = [];
    const open = (kernel: Kernel): Duplex => {
      const client = connect(kernel);
      opened.push(client);
      return client;
    };
    const fixture = await lambdaFixture({ source, connect: open });
    await fixture.invoke({ cluster: 'prod' });
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([false]);
    await changed(fixture);
    await finished(opened[0]!);
    expect(payloadOf(await fixture.invoke({ cluster: 'prod' }))).toMatchObject({ calls: 1 });
  });

  it('makes the same trace twice with the same seed', async () => {
    const trace = async (): Promise<string> => {
      const lines: string[] = [];
      const { requests, connect } = fakeEcs();
      const onTrace = ({ at, kind, label }: { at: number; kind: string; label: string }): void =>
        void lines.push(`${at} ${kind} ${label}`);
      const fixture = await lambdaFixture({ source, connect, onTrace });
      await fixture.invoke({ cluster: 'prod' });
      await fixture.invoke({ cluster: 'prod' });
      return [...lines, ...fixture.lines, JSON.stringify(requests)].join('\n');
    };
    expect(await trace()).toBe(await trace());
  });

  it('is silent after it was killed in the middle of a call', async () => {
    const { requests, connect } = fakeEcs();
    const fixture = await lambdaFixture({ source, connect });
    const ends = await killedInCall(fixture);
    await fixture.kernel.runFor(120_000);
    expect(ends).toEqual(['Runtime.ExitError']);
    expect(requests).toHaveLength(1);
    expect(payloadOf(await fixture.invoke({ cluster: 'prod' }))).toMatchObject({ calls: 1 });
  });

  it('hears nothing more after it was killed, whatever it uses to speak', async () => {
    const { requests, connect } = fakeEcs();
    const plain = `const https = require('https');
      const call = () => new Promise((resolve) => {
        const request = https.request({ host: 'example.com', method: 'POST' }, (response) => response.resume().on('end', resolve));
        request.end('{}');
      });
      exports.handler = async () => { await call(); await call(); };`;
    const fixture = await lambdaFixture({ source: plain, connect });
    expect(await killedInCall(fixture)).toEqual(['Runtime.ExitError']);
    expect(requests).toHaveLength(1);
    expect(payloadOf(await fixture.invoke())).toBeNull();
    expect(requests).toHaveLength(3);
  });

  it('is collected after it was killed', async () => {
    const { connect } = fakeEcs();
    const fixture = await lambdaFixture({
      source: `${source};exports.weight = new Uint8Array(10_000_000).fill(1);`,
      connect,
    });
    const before = process.memoryUsage().arrayBuffers;
    for (let n = 0; n < 6; n++) await killedInCall(fixture);
    expect(await smallestAfterCollection(before + 25_000_000)).toBeLessThan(before + 25_000_000);
  });
});

/** Bytes of array buffers after collections, which free them in the background: tries until `goal` or forty times. */
async function smallestAfterCollection(goal: number): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let bytes = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 40 && bytes >= goal; n++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    bytes = Math.min(bytes, process.memoryUsage().arrayBuffers);
  }
  return bytes;
}

/** Starts an invocation, kills its instance while its call is parked, and answers the errors that the caller saw. */
async function killedInCall({ lambda, kernel, functionArn }: LambdaFixture): Promise<string[]> {
  const ends: string[] = [];
  lambda.invoke({
    functionArn,
    payload: { cluster: 'prod', isTwice: true },
    caller: { kind: 'operator' },
    onEnd: (result) => ends.push(result.kind === 'failed' ? result.error : 'answered'),
  });
  await kernel.runFor(370);
  lambda.killInstance(lambda.instancesOf('handler')[0]!.accessKeyId);
  await kernel.runFor(1000);
  return ends;
}
