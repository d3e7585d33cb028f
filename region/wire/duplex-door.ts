import { duplexPair, type Duplex } from 'node:stream';

/** The two ends of one connection in memory: `client` goes to an agent, `server` to an HTTP server. */
export interface MemoryConnection {
  readonly client: Duplex;
  readonly server: Duplex;
}

const SOCKET_CALLS = ['setNoDelay', 'setKeepAlive', 'setTimeout', 'ref', 'unref'] as const;

/** Opens a connection in memory; both ends also answer the socket calls that node's HTTP makes and that mean nothing here. */
export function openMemoryConnection(): MemoryConnection {
  const [client, server] = duplexPair();
  return { client: asSocket(client), server: asSocket(server) };
}

/** Whether the client has stopped listening in the middle of a call: its handler was killed, or has given the call up. */
export function isSevered({ client }: MemoryConnection): boolean {
  return client.destroyed || client.listenerCount('data') === 0;
}

/**
 * Forgets a connection while its client hears nothing: to it the line is silent, not broken. Node's HTTP parsers are
 * kept alive until they are closed, and with them all that waits for an answer, down to the handler's whole instance.
 */
export function abandon({ client, server }: MemoryConnection): void {
  server.emit('close');
  const waiting = client as Duplex & { parser?: { remove(): void; close(): void } | null };
  waiting.parser?.remove();
  waiting.parser?.close();
  // A client that gives up later must not return the closed parser to node's pool.
  waiting.parser = null;
}

/** Breaks a connection in the midst of a call, as its client hears of it. */
export function cut(end: Duplex | null): void {
  end?.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' }));
}

function asSocket(end: Duplex): Duplex {
  for (const name of SOCKET_CALLS) Object.defineProperty(end, name, { value: () => end });
  return end;
}
