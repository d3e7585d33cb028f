import http from 'node:http';
import net from 'node:net';
import { onTestFinished } from 'vitest';
import type { Kernel } from '../../../region/kernel/kernel.ts';
import { runPaced } from '../../../region/paced.ts';
import type { Region } from '../../../region/region.ts';
import type { ListenOptions } from '../../../region/wire/door.ts';
import { signedBy, type RawAnswer } from './endpoint.ts';

export interface LoopbackRequest {
  /** @default POST */
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The members of answers that tests look at. */
export interface JsonAnswer extends Readonly<Record<string, unknown>> {
  readonly __type?: string;
  readonly message?: string;
}

/** A region that answers on a free port of loopback in paced time until the test is over. */
export interface Served {
  readonly port: number;
  send(request: LoopbackRequest): Promise<RawAnswer>;
  /** An awsJson call as the operator; the answer's status and body. */
  json(target: string, body: object | string): Promise<{ readonly status: number; readonly body: JsonAnswer }>;
  /** What comes back for bytes that need not be HTTP. */
  sendBytes(bytes: string | Uint8Array): Promise<string>;
  /** Ends the pace; rejects with what ended it before. */
  stop(): Promise<void>;
}

const SIGNING_NAMES: Readonly<Record<string, string>> = {
  AmazonEC2ContainerServiceV20141113: 'ecs',
  AmazonEC2ContainerRegistry_V20150921: 'ecr',
  AWSStepFunctions: 'states',
  AWSEvents: 'events',
  AmazonSSM: 'ssm',
  DynamoDB_20120810: 'dynamodb',
  Logs_20140328: 'logs',
  AmazonSQS: 'sqs',
  GraniteServiceVersion20100801: 'monitoring',
};

/** Opens the door on loopback; virtual time runs a thousand times as fast as real time. */
export async function served(
  region: { readonly kernel: Kernel } & Pick<Region, 'listen' | 'close'>,
  options?: ListenOptions,
): Promise<Served> {
  const port = await region.listen(0, options);
  const ending = new AbortController();
  const pace = runPaced(region.kernel, 1000, ending.signal);
  pace.catch(() => {});
  const stop = async (): Promise<void> => {
    ending.abort();
    await pace;
  };
  onTestFinished(async () => {
    ending.abort();
    await region.close();
  });
  const send = (request: LoopbackRequest): Promise<RawAnswer> => sendTo(port, request);
  return {
    port,
    send,
    async json(target, body) {
      const service = SIGNING_NAMES[target.split('.')[0]!] ?? 'unknown';
      const headers = { 'x-amz-target': target, ...signedBy('OPERATOR', service) };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const answer = await send({ headers, body: text });
      return { status: answer.status, body: JSON.parse(answer.body.toString()) as JsonAnswer };
    },
    sendBytes: (bytes) => bytesTo(port, bytes),
    stop,
  };
}

function sendTo(port: number, { method = 'POST', path = '/', headers = {}, body = '' }: LoopbackRequest) {
  return new Promise<RawAnswer>((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: false };
    const request = http.request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

function bytesTo(port: number, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}
