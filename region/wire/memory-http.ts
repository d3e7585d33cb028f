import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';

/** Stand-ins for `node:http` and `node:https` whose every connection is made by `connect`. */
export interface MemoryHttpModules {
  readonly http: typeof http;
  readonly https: typeof https;
}

/**
 * Modules to inject where a bundle requires `http` and `https`: its agents and requests reach `connect` whatever host,
 * port and protocol they name, without TLS and without touching the modules of the surrounding Node.js.
 */
export function memoryHttpModules(connect: () => Duplex): MemoryHttpModules {
  return {
    http: moduleWith(http, agentClass(connect, 'http:', 80)),
    https: moduleWith(https as unknown as typeof http, agentClass(connect, 'https:', 443)) as unknown as typeof https,
  };
}

type AgentClass = new (options?: http.AgentOptions) => http.Agent;

/** A plain agent that claims a protocol: the door speaks no TLS, so even `https` needs nothing of TLS agents. */
function agentClass(connect: () => Duplex, protocol: string, defaultPort: number): AgentClass {
  return class MemoryAgent extends http.Agent {
    readonly protocol = protocol;
    readonly defaultPort = defaultPort;
    override createConnection(): Duplex {
      return connect();
    }
  };
}

function moduleWith(original: typeof http, Agent: AgentClass): typeof http {
  const globalAgent = new Agent({ keepAlive: true });
  const request = (...given: unknown[]): http.ClientRequest => {
    const { options, onResponse } = requestArguments(given);
    // `_defaultAgent` is how node's own https module tells ClientRequest which protocol and port it stands for.
    return http.request({ ...options, _defaultAgent: globalAgent } as http.RequestOptions, onResponse);
  };
  const get = (...given: unknown[]): http.ClientRequest => request(...given).end();
  const replaced = { ...original, Agent, globalAgent, request, get };
  return { ...replaced, default: replaced } as unknown as typeof http;
}

type OnResponse = (response: http.IncomingMessage) => void;

/** Accepts the three forms of `http.request`: (options), (url, options), (url), each with or without a callback. */
function requestArguments(given: unknown[]): { options: http.RequestOptions; onResponse: OnResponse | undefined } {
  const [first, second, third] = given;
  const onResponse = [second, third].find((argument) => typeof argument === 'function') as OnResponse | undefined;
  const extra = typeof second === 'object' && second !== null ? second : {};
  const isUrl = typeof first === 'string' || first instanceof URL;
  const base = isUrl ? urlOptions(new URL(first)) : ((first ?? {}) as http.RequestOptions);
  return { options: { ...base, ...extra }, onResponse };
}

function urlOptions(url: URL): http.RequestOptions {
  const { protocol, hostname, port, pathname, search } = url;
  return { protocol, hostname, path: pathname + search, ...(port === '' ? {} : { port: Number(port) }) };
}
