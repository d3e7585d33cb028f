import { createRequire } from 'node:module';
import type { Fault } from '../service.ts';
import { cborProtocol } from './cbor-protocol.ts';
import { jsonProtocol } from './json-protocol.ts';
import type { Protocol, WireAnswer, WireRequest } from './protocol.ts';
import { queryProtocol } from './query-protocol.ts';
import { restProtocol } from './rest-protocol.ts';
import { clientModule } from './sdk-clients.ts';

/** A command of the SDK, as far as it is looked at here. */
export interface Command {
  readonly input: object;
  /** Kind, namespace, name, traits, input, output. */
  readonly schema: readonly [number, string, string, unknown, unknown, unknown];
  readonly middlewareStack: Stack;
  readonly constructor: new (input: object) => Command;
}

/** A handler of the SDK's middleware. */
export type Handle = (args: {
  readonly input?: object;
  request?: unknown;
}) => Promise<{ output: Output; response: unknown }>;

export type Output = Record<string, unknown> & { $metadata: Record<string, unknown> };

/** A middleware stack of the SDK. */
export interface Stack {
  add(middleware: (next: Handle, context: object) => Handle, options: object): void;
  concat(other: Stack): Stack;
  identify(): readonly string[];
  resolve(handler: Handle, context: object): Handle;
}

/** An answer as the SDK's protocols read it. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  body: Uint8Array;
}

/** A request as they write it. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** How the SDK puts calls into HTTP; undocumented, so this is the only module that knows it. */
interface SdkProtocol {
  readonly awsQueryCompatible?: boolean;
  getShapeId(): string;
  serializeRequest(operation: object, input: object, context: object): Promise<HttpRequest>;
  deserializeResponse(operation: object, context: object, response: HttpResponse): Promise<Output>;
}

interface Configuration {
  readonly protocol: SdkProtocol;
  readonly maxAttempts: () => Promise<number>;
  readonly retryStrategy: () => Promise<{ readonly baseDelay: number }>;
}

type ClientClass = new (configuration: object) => { readonly config: Configuration };

/** What the SDK knows of a service, once for all regions of this Node.js process. */
export interface DirectService {
  /** The signing name. */
  readonly id: string;
  readonly module: Readonly<Record<string, unknown>>;
  /** `ECSClient` */
  readonly clientName: string;
  readonly clientClass: ClientClass;
  /** How the region reads and writes what the SDK writes and reads. */
  readonly protocol: Protocol;
  /** The headers of a request that matter to its answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly defaults: () => Promise<{ readonly maxAttempts: number; readonly baseDelayMs: number }>;
  serialize(command: Command, context: object): Promise<HttpRequest>;
  /** Rejects with the SDK's exception for an answer that is an error. */
  deserialize(command: Command, context: object, response: HttpResponse): Promise<Output>;
}

/** Those whose client is not called by their signing name. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  cloudwatch: 'monitoring',
  'cloudwatch-logs': 'logs',
  eventbridge: 'events',
  'secrets-manager': 'secretsmanager',
  sfn: 'states',
};

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'aws.protocols#awsJson1_0': jsonProtocol,
  'aws.protocols#awsJson1_1': jsonProtocol,
  'aws.protocols#awsQuery': queryProtocol,
  'aws.protocols#restJson1': restProtocol,
  'smithy.protocols#rpcv2Cbor': cborProtocol,
};

const services = new Map<string, DirectService>();

/** The service of a client's package; undefined when the region does not know it. */
export function directService(packageName: string): DirectService | undefined {
  const [, client = ''] = /^@aws-sdk\/client-([a-z-]+)$/.exec(packageName) ?? [];
  const id = SIGNING_NAMES[client] ?? client;
  const module = clientModule(id);
  if (module === undefined) return undefined;
  const service = services.get(id) ?? readService(id, module);
  services.set(id, service);
  return service;
}

function readService(id: string, module: Readonly<Record<string, unknown>>): DirectService {
  const clientName = Object.keys(module).find((name) => name.endsWith('Client') && name !== '__Client')!;
  const clientClass = module[clientName] as ClientClass;
  const configuration = configurationOf(clientClass);
  const { protocol: sdk } = configuration;
  const protocol = PROTOCOLS[sdk.getShapeId()];
  if (protocol === undefined) throw new Error(`${clientName} speaks ${sdk.getShapeId()}, which the region does not`);
  const endpoint = (): Promise<object> => Promise.resolve({ protocol: 'https:', hostname: 'in.process', path: '/' });
  return {
    id,
    module,
    clientName,
    clientClass,
    protocol,
    headers: sdk.awsQueryCompatible === true ? { 'x-amzn-query-mode': 'true' } : {},
    defaults: async () => ({
      maxAttempts: await configuration.maxAttempts(),
      baseDelayMs: (await configuration.retryStrategy()).baseDelay,
    }),
    serialize: (command, context) =>
      sdk.serializeRequest(operationOf(command), command.input, { ...configuration, ...context, endpoint }),
    async deserialize(command, context, response) {
      try {
        return await sdk.deserializeResponse(operationOf(command), { ...configuration, ...context }, response);
      } catch (error) {
        // As the SDK's own middleware does: retries look for a hint in it.
        throw Object.defineProperty(error as object, '$response', { value: response });
      }
    },
  };
}

/** A client that calls nobody: only how it is configured is looked at. */
function configurationOf(clientClass: ClientClass): Configuration {
  const silence = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  const before = process.env[silence];
  // The warning is for clients that call AWS.
  process.env[silence] = 'true';
  try {
    const credentials = { accessKeyId: 'NOBODY', secretAccessKey: 'nothing' };
    return new clientClass({ region: 'us-east-1', credentials }).config;
  } finally {
    if (before === undefined) delete process.env[silence];
    else process.env[silence] = before;
  }
}

function operationOf({ schema: [, namespace, name, traits, input, output] }: Command): object {
  return { namespace, name, traits, input, output };
}

/** The SDK's exception for a fault; it is read from the very answer that the wire would carry. */
export async function exceptionFor(
  service: DirectService,
  command: Command,
  fault: Fault,
  requestId: string,
): Promise<unknown> {
  const answer = service.protocol.encodeFault(service.id, fault, requestId, requestWith(service.headers));
  try {
    return await service.deserialize(command, {}, responseOf(answer, requestId));
  } catch (exception) {
    return exception;
  }
}

/** What the wire carries of an answer. */
export function responseOf({ status, headers, body }: WireAnswer, requestId: string): HttpResponse {
  return {
    statusCode: status,
    headers: { ...headers, 'x-amzn-requestid': requestId },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
}

/** A request of the SDK as the door reads it. */
export function requestOf({ method, path, headers, body = '' }: HttpRequest): WireRequest {
  const lowerCased = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, path, headers: lowerCased, body: bufferOf(body) };
}

/** Bytes of the SDK only look like a text to whoever asks. */
function bufferOf(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function requestWith(headers: Readonly<Record<string, string>>): WireRequest {
  return { method: 'POST', path: '/', headers: { ...headers }, body: Buffer.alloc(0) };
}

/** The file with the SDK's retries, which every client of it uses. */
export const RETRY_FILE = createRequire(createRequire(import.meta.url).resolve('@aws-sdk/client-sts')).resolve(
  '@smithy/core/retry',
);
