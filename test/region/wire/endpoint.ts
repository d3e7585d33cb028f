import type { Duplex } from 'node:stream';
import type { GetParameterRequest, GetParameterResult } from '@aws-sdk/client-ssm';
import { composeServices, type CompositionOptions, type Endpoint } from '../../../region/compose-services.ts';
import { Kernel, type KernelOptions, type TraceLine } from '../../../region/kernel/kernel.ts';
import {
  Fault,
  NotModelled,
  operation,
  type Caller,
  type RegionContext,
  type Service,
} from '../../../region/service.ts';
import { memoryHttpModules } from '../../../region/wire/memory-http.ts';

export const operator: Caller = { kind: 'operator' };
export const deployer: Caller = {
  kind: 'role',
  roleArn: 'arn:aws:iam::123456789012:role/deployer',
  sessionName: 'session',
};

/** A parameter store with one parameter, small enough to see through the wire. */
export function oneParameter(applied: string[] = []): Service {
  return {
    id: 'ssm',
    state: {},
    resources: {},
    operations: {
      GetParameter: operation<GetParameterRequest, GetParameterResult>({
        permissions: (input) => [
          { action: 'ssm:GetParameter', resource: `arn:aws:ssm:us-east-1:123456789012:parameter${input.Name}` },
        ],
        apply(input) {
          applied.push(input.Name!);
          if (input.Name === '/defect') return { Parameter: { Name: '/defect', Version: 'one' as unknown as number } };
          if (input.Name === '/unmodelled') throw new NotModelled('A parameter of that name');
          if (input.Name !== '/image') throw new Fault('ParameterNotFound', `Parameter ${input.Name} not found.`);
          return {
            Parameter: { Name: '/image', Value: 'tag', Version: 3, LastModifiedDate: new Date(1_767_603_600_250) },
          };
        },
      }),
    },
  };
}

/** An endpoint whose key `KEY` is the deployer's and `OPERATOR` the operator's; everything is allowed unless overridden. */
export function endpointWith(
  services: (context: RegionContext) => readonly Service[],
  overrides: Partial<CompositionOptions> = {},
  options: KernelOptions = {},
): { kernel: Kernel; endpoint: Endpoint; trace: TraceLine[] } {
  const trace: TraceLine[] = [];
  const kernel = new Kernel({ ...options, onTrace: (line) => trace.push(line) });
  const context = { kernel, account: '123456789012', region: 'us-east-1' };
  const callers: Record<string, Caller> = { KEY: deployer, OPERATOR: operator };
  const endpoint = composeServices({
    ...context,
    services: services(context),
    authorize: () => ({ isAllowed: true, reason: 'a test allows everything' }),
    callerOf: (accessKeyId) => callers[accessKeyId],
    futureFields: [],
    ...overrides,
  });
  return { kernel, endpoint, trace };
}

/** What an SDK client needs to come through the door in memory as `accessKeyId`. */
export function clientConfiguration(connect: () => Duplex, accessKeyId = 'KEY') {
  const { https } = memoryHttpModules(connect);
  return {
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey: 'any' },
    // The options of the SDK's own handler: real https.request, our agent.
    requestHandler: { httpsAgent: new https.Agent({ keepAlive: true }) },
  };
}

/** Runs the kernel until the promise is settled. */
export async function driven<Result>(kernel: Kernel, promise: Promise<Result>): Promise<Result> {
  let isSettled = false;
  const settle = (): void => void (isSettled = true);
  promise.then(settle, settle);
  while (!isSettled) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await kernel.step();
  }
  return promise;
}

/** Lets the event loop and the kernel run until nothing is left, for calls that are never answered. */
export async function atRest(kernel: Kernel): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    await kernel.step();
  }
}

/** One signed HTTP request over the door in memory. */
export interface RawRequest {
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** @default POST */
  readonly method?: string;
  readonly body?: string | Uint8Array;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** An `Authorization` header as SigV4 writes it. */
export function signedBy(accessKeyId: string, signingName: string, region = 'us-east-1'): Record<string, string> {
  const scope = `${accessKeyId}/20260105/${region}/${signingName}/aws4_request`;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` };
}

/** Sends a request as it stands and collects the answer. */
export function raw(
  connect: () => Duplex,
  { headers = {}, path = '/', body = '', method = 'POST' }: RawRequest,
): Promise<RawAnswer> {
  const { http } = memoryHttpModules(connect);
  return new Promise((resolve, reject) => {
    const request = http.request({ host: 'door', method, path, headers }, (response) => {
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

/** The body of a JSON answer that is a fault. */
export function asJson(answer: RawAnswer): { readonly __type: string; readonly message: string } {
  return JSON.parse(answer.body.toString()) as { __type: string; message: string };
}
