import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { holdPort } from '../../../cli/verbs/sandbox/held-port.ts';

/** Answers everything with its name. */
function serverNamed(name: string): Server {
  const server = createServer((_, response) => response.end(name));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return server;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

const answerAt = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();

it('lets who calls before there is anybody to answer wait, and then whoever listens answer', async () => {
  const held = await holdPort(0);
  const early = [answerAt(held.port), answerAt(held.port)];
  // Their connections are there before anybody answers at the port.
  await expect.poll(held.waiting).toBe(2);
  const port = await held.handOver((free) => listen(serverNamed('region'), free));
  expect(port).toBe(held.port);
  expect(await Promise.all([...early, answerAt(port)])).toEqual(['region', 'region', 'region']);
});

it('frees the port, and lets nobody wait for ever, when nothing comes of it', async () => {
  const held = await holdPort(0);
  const early = answerAt(held.port);
  await expect.poll(held.waiting).toBe(1);
  held.close();
  await expect(early).rejects.toThrow('fetch failed');
  expect(await listen(serverNamed('next'), held.port)).toBe(held.port);
});

it('says whose fault it is that a port cannot be had', async () => {
  const port = await listen(serverNamed('somebody'), 0);
  await expect(holdPort(port)).rejects.toThrow(
    `port ${port} of 127.0.0.1 is already in use: stop what listens there, or choose another with --port (0 takes a free one)`,
  );
});
