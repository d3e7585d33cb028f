import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A port of 127.0.0.1 that is taken before anybody can answer at it; who calls meanwhile waits. */
export interface HeldPort {
  readonly port: number;
  /** How many connections wait. */
  waiting(): number;
  /** Lets `listen` take the port, and connects whoever waits; answers the port. */
  handOver(listen: (port: number) => Promise<number>): Promise<number>;
  /** Frees the port, if it was never handed over. */
  close(): void;
}

/** Takes the port, or a free one for 0; throws at once when it cannot be had. */
export async function holdPort(port: number): Promise<HeldPort> {
  const waiting = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    waiting.add(socket);
    socket.on('error', () => socket.destroy()).once('close', () => waiting.delete(socket));
  });
  const held = await listenOn(server, port);
  return {
    port: held,
    waiting: () => waiting.size,
    async handOver(listen) {
      // Its port is free at once; its connections go on.
      server.close();
      const taken = await listen(held);
      for (const socket of waiting) join(socket, connect(taken, '127.0.0.1'));
      waiting.clear();
      return taken;
    },
    close() {
      server.close();
      for (const socket of waiting) socket.destroy();
    },
  };
}

function listenOn(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const why =
        code === 'EADDRINUSE'
          ? 'is already in use: stop what listens there, or choose another with --port (0 takes a free one)'
          : code === 'EACCES'
            ? 'may not be taken by you: choose one above 1023 with --port'
            : `cannot be taken: ${message}`;
      reject(new Error(`port ${port} of 127.0.0.1 ${why}`));
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function join(caller: Socket, onward: Socket): void {
  for (const [one, other] of [
    [caller, onward],
    [onward, caller],
  ] as const) {
    one.pipe(other);
    one.on('error', () => other.destroy()).once('close', () => other.destroy());
  }
}
