import { globalRegionOf } from '../partition.ts';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Kernel } from '../kernel/kernel.ts';
import { Fault, isLater, later, whenEnded, type Caller, type Later } from '../service.ts';
import { cborProtocol } from './cbor-protocol.ts';
import { internalFailure, NOT_MODELLED_CODE, type Dispatcher } from './dispatcher.ts';
import { abandon, cut, isSevered, openMemoryConnection, type MemoryConnection } from './duplex-door.ts';
import { ec2QueryProtocol } from './ec2-query-protocol.ts';
import { jsonProtocol } from './json-protocol.ts';
import { collectBody } from './limits.ts';
import { answerNoHttp, loopbackRefusal } from './loopback-guard.ts';
import { labelOf, type IdentifiedCall, type ParkedCall, type Parks } from './parks.ts';
import type { Protocol, WireAnswer, WireRequest } from './protocol.ts';
import { queryProtocol } from './query-protocol.ts';
import { restProtocol, restRefusal } from './rest-protocol.ts';
import { credentialScope } from './signature.ts';

/** What is reached by presigned URLs, whose query stands for a signature in the header. */
export interface PresignedPlace {
  readonly host: string;
  receive(request: WireRequest): WireAnswer;
}

/** Answers a request that is for others than an API, with the refusal if there is one; false leaves it alone. */
type TakeRequest = (
  incoming: http.IncomingMessage,
  response: http.ServerResponse,
  refusal: Fault | undefined,
) => boolean;

export interface DoorOptions {
  readonly kernel: Kernel;
  readonly region: string;
  readonly dispatcher: Dispatcher;
  /** Throws the `Fault` that refuses an access key which has expired. */
  readonly callerOf: (accessKeyId: string) => Caller | undefined;
  readonly futureFields: ReadonlySet<string>;
  readonly presigned: PresignedPlace | undefined;
  /** Takes what is for the registry and answers true, also when it may not come in; leaves every other request alone. */
  readonly registry: TakeRequest | undefined;
  readonly parks: Parks;
}

export interface ListenOptions {
  /** Names by which the region may be called beside 127.0.0.1, localhost and [::1], with a port or for any. @default none */
  readonly allowedHosts?: readonly string[];
}

/** The region's only way in over HTTP: one server behind sockets in memory and behind loopback. */
export interface Door {
  /** The client's end of a new connection in memory. */
  readonly connect: () => Duplex;
  /** Listens on 127.0.0.1; 0 chooses a free port. The answer is the port. */
  readonly listen: (port: number, options?: ListenOptions) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Opens the door; nothing listens until `listen`. */
export function createDoor(options: DoorOptions): Door {
  const connections = new Map<Duplex, MemoryConnection>();
  const reception = new Reception(options, connections);
  // A request without a Host header is refused with a sentence, not by node.
  const server = http.createServer(
    { requestTimeout: 0, keepAliveTimeout: 0, requireHostHeader: false },
    (request, response) => reception.receive(request, response),
  );
  server.on('clientError', answerNoHttp);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    if (connections.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    connect() {
      const connection = openMemoryConnection();
      connections.set(connection.server, connection);
      connection.server.once('close', () => connections.delete(connection.server));
      server.emit('connection', connection.server);
      return connection.client;
    },
    async listen(port, { allowedHosts = [] } = {}) {
      const listening = await listen(server, port);
      reception.guard = ({ headers }) => loopbackRefusal(headers, listening, allowedHosts);
      return listening;
    },
    async close() {
      for (const connection of [...connections.values()]) abandon(connection);
      if (!server.listening) return;
      const isClosed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Also those that node has no longer counted since they sent what is no HTTP.
      for (const socket of sockets) socket.destroy();
      await isClosed;
    },
  };
}

function listen(server: http.Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isBusy = error.code === 'EADDRINUSE';
      reject(
        isBusy
          ? new Error(`port ${port} of 127.0.0.1 is already in use: stop what listens there, or choose another port`)
          : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

type Identified = IdentifiedCall & {
  readonly protocol: Protocol;
  readonly refusal: Fault | undefined;
  /** Whom the request is for when it is no call of an API. */
  readonly place?: PresignedPlace;
};

type Phase = ParkedCall['phase'];
type Answer = WireAnswer & { readonly requestId: string };

/** Takes requests through their two parks. */
class Reception {
  readonly #options: DoorOptions;
  /** Those in memory, by the server's end. */
  readonly #connections: ReadonlyMap<Duplex, MemoryConnection>;
  /** Says why a request over loopback may not come in. */
  guard: (incoming: http.IncomingMessage) => Fault | undefined = () => undefined;

  constructor(options: DoorOptions, connections: ReadonlyMap<Duplex, MemoryConnection>) {
    this.#options = options;
    this.#connections = connections;
  }

  receive(incoming: http.IncomingMessage, response: http.ServerResponse): void {
    const refusal = this.#inMemory(response) === undefined ? this.guard(incoming) : undefined;
    if (this.#options.registry?.(incoming, response, refusal) === true) return;
    // Virtual time waits for what travels in memory; callers over loopback must not be able to stop it.
    const settle = this.#inMemory(response) === undefined ? () => {} : this.#unsettled('a request on its way in');
    collectBody(incoming, (body, oversized) => {
      const { method = '', url: path = '', headers } = incoming;
      const request = { method, path, headers, body };
      const refused = refusal ?? oversized;
      if (refused !== undefined) this.#refuse(request, refused, response);
      else this.#arriveOr(request, response);
      settle();
    });
    incoming.on('close', settle);
  }

  /** What nobody foresaw strikes the run in an act of the kernel, as everything else does. */
  #arriveOr(request: WireRequest, response: http.ServerResponse): void {
    try {
      this.#arrive(request, response);
    } catch (error) {
      const { kernel } = this.#options;
      const label = 'a request that could not be taken in';
      kernel.after(0, 'arrive', label, () => this.#refuse(request, internalFailure(kernel, error, label), response));
    }
  }

  /** Answers what is no call: it has no service, takes no time, and shows in no list of calls. */
  #refuse(request: WireRequest, fault: Fault, response: http.ServerResponse): void {
    const requestId = NO_REQUEST_ID;
    const answer = protocolOf(request).encodeFault('', fault, requestId, request);
    response.sendDate = false;
    const { status, headers, body } = answer;
    response.writeHead(status, { ...headers, connection: 'close', 'content-length': Buffer.byteLength(body) });
    response.end(body);
  }

  #arrive(request: WireRequest, response: http.ServerResponse): void {
    this.#options.dispatcher.counters.wireCalls++;
    const call = this.#identify(request);
    this.#park(call, 'arrive', response, async () => {
      const answer = await this.#answer(call, request);
      const park = (of: Answer): void => this.#park(call, 'answer', response, () => this.#send(call, of, response));
      if (isLater(answer)) whenEnded(answer, (of) => park(of as Answer));
      else park(answer);
    });
  }

  #park(call: Identified, phase: Phase, response: http.ServerResponse, act: () => void | Promise<void>): void {
    this.#options.parks.enter(call, phase, act, (how) => this.#lose(how, response));
  }

  #lose(how: 'drop' | 'cut', response: http.ServerResponse): void {
    const connection = this.#inMemory(response);
    if (how === 'cut') cut(connection?.client ?? response.socket);
    if (connection !== undefined) abandon(connection);
  }

  #identify(request: WireRequest): Identified {
    const protocol = protocolOf(request);
    const sequence = this.#options.parks.next();
    const place = this.#options.presigned;
    if (place !== undefined && request.headers.host === place.host) {
      const nobody = { accessKeyId: '', caller: undefined, refusal: undefined };
      const operation = request.method === 'PUT' ? 'PutObject' : request.method;
      return { sequence, service: 's3', operation, ...nobody, protocol, place };
    }
    const nobody = { accessKeyId: '', caller: undefined };
    let operation = '';
    try {
      operation = operationOf(protocol, request, '');
      if (request.headers.authorization === undefined) {
        const service = this.#options.dispatcher.openServiceOf(operation);
        if (service !== undefined) return { sequence, service, operation, ...nobody, protocol, refusal: undefined };
      }
      const { accessKeyId, region, signingName } = credentialScope(request.headers.authorization);
      const { caller, refusal } = this.#holderOf(accessKeyId);
      const misdirected = unnamedRefusal(protocol, signingName, request) ?? this.#otherRegion(signingName, region);
      return {
        sequence,
        service: signingName,
        operation: operationOf(protocol, request, signingName),
        accessKeyId,
        caller,
        protocol,
        refusal: refusal ?? misdirected,
      };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { sequence, service: 'unsigned', operation, ...nobody, protocol, refusal: error };
    }
  }

  #holderOf(accessKeyId: string): { readonly caller: Caller | undefined; readonly refusal: Fault | undefined } {
    try {
      return { caller: this.#options.callerOf(accessKeyId), refusal: undefined };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { caller: undefined, refusal: error };
    }
  }

  #otherRegion(signingName: string, region: string): Fault | undefined {
    const own = this.#options.region;
    const expected = GLOBAL_SERVICES.has(signingName) ? globalRegionOf(own) : own;
    if (region === expected) return undefined;
    const text = `Credential should be scoped to a valid region, not '${region}': this is ${expected}.`;
    return new Fault('InvalidSignatureException', text);
  }

  async #answer(call: Identified, request: WireRequest): Promise<Answer | Later<Answer>> {
    const { service, operation, caller, protocol, refusal } = call;
    const { futureFields, dispatcher, kernel } = this.#options;
    const requestId = kernel.random.uuid();
    try {
      if (call.place !== undefined) return { ...call.place.receive(request), requestId };
      if (refusal !== undefined) throw refusal;
      const answer = await dispatcher.perform<WireAnswer>({
        caller,
        service,
        operation,
        read: (shape) => protocol.decode(request, shape, futureFields),
        write: (shape, output) => protocol.encode(service, shape, output, requestId, futureFields),
      });
      if (!isLater(answer)) return { ...answer, requestId };
      return later((onEnd) =>
        whenEnded(answer, (of) =>
          onEnd({ ...(of instanceof Fault ? protocol.encodeFault(service, of, requestId, request) : of), requestId }),
        ),
      );
    } catch (error) {
      const fault = error instanceof Fault ? error : internalFailure(kernel, error, labelOf(call));
      return { ...protocol.encodeFault(service, fault, requestId, request), requestId };
    }
  }

  /**
   * In memory the date is virtual, as the handlers' clocks are: SDK clients correct their clocks by it. Callers over
   * loopback live in real time and get no date, or they would take every refusal for a skewed clock and try again.
   */
  #send(call: Identified, answer: Answer, response: http.ServerResponse): void {
    const connection = this.#inMemory(response);
    if (connection !== undefined && isSevered(connection)) return abandon(connection);
    if (response.destroyed) return;
    if (connection !== undefined) response.once('close', this.#unsettled('an answer on its way out'));
    response.sendDate = false;
    response.writeHead(answer.status, {
      ...answer.headers,
      ...(connection !== undefined ? { date: new Date(this.#options.kernel.now).toUTCString() } : {}),
      'x-amzn-requestid': answer.requestId,
      'content-length': Buffer.byteLength(answer.body),
    });
    response.end(answer.body);
    this.#options.parks.answered(call);
  }

  #inMemory({ socket }: http.ServerResponse): MemoryConnection | undefined {
    return socket === null ? undefined : this.#connections.get(socket);
  }

  #unsettled(label: string): () => void {
    return this.#options.kernel.track({ label, isSettled: () => false });
  }
}

/** Services with one endpoint for all regions of a partition. */
const GLOBAL_SERVICES: ReadonlySet<string> = new Set(['iam']);

/** The random ones are the calls' own: a refused request must not change the trace of those that follow. */
const NO_REQUEST_ID = '00000000-0000-0000-0000-000000000000';

const FORM = 'application/x-www-form-urlencoded';

function protocolOf({ headers }: WireRequest): Protocol {
  if (headers['smithy-protocol'] === 'rpc-v2-cbor') return cborProtocol;
  if (headers['content-type']?.startsWith(FORM)) return isForEc2(headers) ? ec2QueryProtocol : queryProtocol;
  // What names its operation neither in a header nor in a form is a call of a REST API, such as Lambda's.
  return headers['x-amz-target'] === undefined ? restProtocol : jsonProtocol;
}

/** Its forms look like everybody's; only who signed says whom they are for. */
function isForEc2({ authorization = '' }: WireRequest['headers']): boolean {
  return authorization.includes('/ec2/aws4_request');
}

/** No operation has a name this long. What a caller calls one is kept with the call, and a form has room for megabytes. */
const OPERATION_CHARACTERS_MAX = 128;

function operationOf(protocol: Protocol, request: WireRequest, service: string): string {
  const name = protocol.operationOf(request, service);
  return name.length > OPERATION_CHARACTERS_MAX ? '' : name;
}

/** A call of a REST API whose method and path name no operation that the region has heard of. */
function unnamedRefusal(protocol: Protocol, service: string, request: WireRequest): Fault | undefined {
  const refused = protocol === restProtocol ? restRefusal(service, request) : undefined;
  return refused && new Fault(NOT_MODELLED_CODE, refused.message);
}
