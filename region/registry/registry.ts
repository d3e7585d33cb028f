import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { tokenAccessKeyId } from '../ecr/authorization-token.ts';
import { reasonOf } from '../kernel/defects.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { Fault, type Caller } from '../service.ts';
import { createEcrClient, type EcrClient } from './ecr-client.ts';
import { EcrFault, RegistryError, errorBody, registryErrorOf } from './errors.ts';
import type { RegistryAnswer, RegistryKnowledge } from './exchange.ts';
import { routeOf } from './routes.ts';

export interface RegistryOptions {
  readonly kernel: Pick<Kernel, 'after' | 'contain'>;
  readonly region: string;
  /** The client's end of a new connection in memory to the region. */
  readonly connect: () => Duplex;
  /** Throws the `Fault` that refuses an access key which has expired. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
  readonly registry: RegistryKnowledge;
}

/**
 * Takes a request that is for the registry and answers it, with `refusal` if it may not come in; false for any other, which it
 * leaves alone.
 */
export type Registry = (incoming: IncomingMessage, response: ServerResponse, refusal: Fault | undefined) => boolean;

/**
 * What `docker push` and `docker pull` speak: the OCI distribution specification below `/v2/`, in front of ECR's API.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
export function createRegistry(options: RegistryOptions): Registry {
  const client = createEcrClient(options.connect, options.region);
  return (incoming, response, refusal) => {
    if (!isForRegistry(incoming)) return false;
    if (refusal !== undefined)
      send(incoming, response, errorAnswer(new RegistryError(refusal.status, 'DENIED', refusal.message)));
    else void answer(options, client, incoming, response).then((answered) => send(incoming, response, answered));
    return true;
  };
}

/** Some of AWS's REST APIs have paths below `/v2/` as well; their callers sign. */
function isForRegistry({ url = '', headers }: IncomingMessage): boolean {
  return /^\/v2(\/|\?|$)/.test(url) && !headers.authorization?.startsWith('AWS4-');
}

/** Never rejects: whoever pushes hears of everything that goes wrong. */
async function answer(
  options: RegistryOptions,
  client: EcrClient,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<RegistryAnswer> {
  try {
    const ecr = client(authenticated(options, incoming.headers.authorization));
    const { handler, ...rest } = routeOf(incoming);
    return await handler({ ecr, registry: options.registry, incoming, ...rest });
  } catch (error) {
    // A client that hangs up in the middle of a body is no defect.
    if (!isTold(error) && !response.destroyed) strike(options, error);
    return errorAnswer(toldOf(error));
  }
}

function errorAnswer(told: RegistryError): RegistryAnswer {
  const headers = { 'content-type': 'application/json', ...told.headers };
  return { status: told.status, headers, body: errorBody(told) };
}

function toldOf(error: unknown): RegistryError {
  if (error instanceof RegistryError) return error;
  if (error instanceof EcrFault) return registryErrorOf(error);
  return new RegistryError(500, 'UNKNOWN', reasonOf(error));
}

const isTold = (error: unknown): boolean => error instanceof RegistryError || error instanceof EcrFault;

/** What nobody foresaw strikes the run in an act of the kernel, as everything else does. */
function strike({ kernel }: RegistryOptions, error: unknown): void {
  const where = 'a request to the registry';
  kernel.after(0, 'answer', where, () => void kernel.contain(error, where));
}

/** The access key that the token of GetAuthorizationToken carries. */
function authenticated({ callerOf, registry }: RegistryOptions, authorization = ''): string {
  const [, token = ''] = /^Basic +(\S+)$/i.exec(authorization) ?? [];
  const accessKeyId = tokenAccessKeyId(token);
  try {
    if (accessKeyId !== undefined && callerOf(accessKeyId) !== undefined) return accessKeyId;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new RegistryError(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.');
  }
  const challenge = `Basic realm="https://${registry.registryHost}/",service="ecr.amazonaws.com"`;
  const text = 'Not Authorized: log in as AWS with the password of `aws ecr get-login-password`';
  throw new RegistryError(401, 'UNAUTHORIZED', text, { 'www-authenticate': challenge });
}

function send(
  incoming: IncomingMessage,
  response: ServerResponse,
  { status, headers, body = '' }: RegistryAnswer,
): void {
  // A client may still be sending what nobody reads any more.
  incoming.resume();
  if (response.destroyed) return;
  response.sendDate = false;
  // Said even of nothing: an answer of unknown length would come in chunks. Only 204 has none (RFC 9110, 8.6).
  const length = status === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, { 'docker-distribution-api-version': 'registry/2.0', ...length, ...headers });
  response.end(body);
}
