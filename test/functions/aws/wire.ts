import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, beforeEach, vi } from 'vitest';

/** One request as it came over the wire. */
export interface WireRequest {
  /** `DescribeServices`, from `x-amz-target`. */
  readonly operation: string;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

/** What the endpoint does with a request: answers text with a status, or hangs up. */
export type WireAnswer = { readonly status?: number; readonly text: string } | 'hang-up';

/** A loopback endpoint that answers by operation and remembers what it was sent, byte for byte. */
export interface Wire {
  readonly requests: WireRequest[];
  /** Answers for an operation, used one after the other; the last one stays. */
  answers: Record<string, WireAnswer[]>;
}

/** One per process: an SDK client keeps the endpoint that it used first, and files share their clients. */
const wire: Wire = { requests: [], answers: {} };
let port: Promise<number> | undefined;

/** Sends every AWS call of this file's tests to the endpoint, which forgets everything before each of them. */
export function useWire(): Wire {
  beforeAll(async () => {
    port ??= listen();
    vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${await port}`);
  });
  beforeEach(() => {
    wire.requests.length = 0;
    wire.answers = {};
  });
  return wire;
}

async function listen(): Promise<number> {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  server.unref();
  return (server.address() as AddressInfo).port;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const operation = String(request.headers['x-amz-target']).split('.')[1]!;
  wire.requests.push({ operation, text: Buffer.concat(chunks).toString('utf8'), headers: request.headers });
  const answers = wire.answers[operation] ?? [];
  const given = answers.length > 1 ? answers.shift()! : answers[0];
  if (given === 'hang-up') return void request.socket.destroy();
  const { status = 200, text } = given ?? { status: 400, text: `{"__type":"NotScripted","message":"${operation}"}` };
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(text);
}
