import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { consoleApp } from './app.ts';
import { refusalOf, SAFE_HEADERS, type Refusal } from './gate.ts';
import { openHub, type Clock } from './hub.ts';
import { buildPage, type PageFiles } from './page-files.ts';
import { openSession } from './session.ts';
import type { Source } from './source.ts';

/** How a console is served. */
export interface ConsoleOptions {
  readonly source: Source;
  /** 0 chooses a free one. */
  readonly port: number;
  /** By which looks and signs of life are paced. */
  readonly clock: Clock;
  /** @default built from its sources */
  readonly files?: PageFiles;
}

/** A console that answers. */
export interface ServedConsole {
  readonly port: number;
  /** The address to open, with its one-time code. */
  readonly address: string;
  /** Ends every connection; the cookie is worth nothing from then on. */
  close(): Promise<void>;
}

/** Serves the console at 127.0.0.1; throws where the port is taken. */
export async function serveConsole({ source, port: wanted, clock, files }: ConsoleOptions): Promise<ServedConsole> {
  const page = files ?? (await buildPage());
  const server = createServer();
  const port = await listen(server, wanted);
  const session = openSession(port);
  const hub = openHub(source, clock);
  const stop = new AbortController();
  const app = consoleApp({ source, hub, session, files: page, clock, stop: stop.signal });
  const answer = getRequestListener(app.fetch);
  const gate = { host: `127.0.0.1:${port}`, isReadOnly: source.place.isReadOnly };
  server.on('request', (request, response) => {
    const refusal = refusalOf(request, gate);
    if (refusal) refuse(response, refusal);
    else void answer(request, response);
  });
  return {
    port,
    address: `http://127.0.0.1:${port}/#code=${session.code}`,
    async close() {
      stop.abort();
      hub.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  response.writeHead(status, { ...SAFE_HEADERS, 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ message }));
}
