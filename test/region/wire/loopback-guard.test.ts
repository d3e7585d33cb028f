import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { createRegion } from '../../../region/region.ts';
import { asJson, driven, raw, signedBy } from './endpoint.ts';
import { served, type Served } from './over-loopback.ts';

const LIST = { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters', ...signedBy('OPERATOR', 'ecs') };

const statusAt = async ({ send }: Served, headers: Record<string, string>): Promise<number> =>
  (await send({ headers: { ...LIST, ...headers }, body: '{}' })).status;

describe('the loopback door', () => {
  it.each(['127.0.0.1', 'localhost', 'LocalHost', '[::1]'])('serves tools that call it %s', async (name) => {
    const door = await served(createRegion());
    expect(await statusAt(door, { host: `${name}:${door.port}` })).toBe(200);
  });

  it('refuses a name that somebody has rebound to this machine, and says how to allow it', async () => {
    const { send, port } = await served(createRegion());
    const answer = await send({ headers: { ...LIST, host: `evil.example:${port}` }, body: '{}' });
    expect(answer.status).toBe(403);
    expect(asJson(answer)).toEqual({
      __type: 'AccessDeniedException',
      message: `The host "evil.example:${port}" is refused: use http://127.0.0.1:${port}, or allow that name with --allow-host evil.example.`,
    });
  });

  it.each([
    ['another port', (port: number) => `127.0.0.1:${port + 1}`],
    ['no port', () => '127.0.0.1'],
    ['another address of loopback', (port: number) => `127.0.0.2:${port}`],
    ['a name that begins like ours', (port: number) => `127.0.0.1.evil.example:${port}`],
    ['two ports', (port: number) => `127.0.0.1:${port}:${port}`],
  ])('refuses a host with %s', async (_, hostFor) => {
    const door = await served(createRegion());
    expect(await statusAt(door, { host: hostFor(door.port) })).toBe(403);
  });

  it('recommends to allow no name that is its own', async () => {
    const { send, port } = await served(createRegion());
    const answer = await send({ headers: { ...LIST, host: 'localhost' }, body: '{}' });
    expect(asJson(answer).message).toBe(`The host "localhost" is refused: use http://127.0.0.1:${port}.`);
  });

  it('serves the names that it was told, with any port or with the one that was said', async () => {
    const door = await served(createRegion(), { allowedHosts: ['host.docker.internal', 'Region.test:8080'] });
    const statuses = ['host.docker.internal', 'HOST.docker.internal:99', 'region.test:8080', 'region.test', 'other'];
    const seen = await Promise.all(statuses.map((host) => statusAt(door, { host })));
    expect(seen).toEqual([200, 200, 200, 403, 403]);
  });

  it.each([
    ['an Origin', { origin: 'http://localhost:3000' }, 'a request with an Origin header (http://localhost:3000)'],
    ['the Origin of a page without one', { origin: 'null' }, 'a request with an Origin header (null)'],
    ['another site', { 'sec-fetch-site': 'cross-site' }, 'a cross-site request'],
    ['a page on another port', { 'sec-fetch-site': 'same-site' }, 'a same-site request'],
  ])('refuses what a web page sends: %s', async (_, headers, seen) => {
    const { send } = await served(createRegion());
    const answer = await send({ headers: { ...LIST, ...headers }, body: '{}' });
    expect(answer.status).toBe(403);
    expect(asJson(answer).message).toContain(`The region serves no web pages: ${seen}`);
  });

  it('lets a person in who typed the address', async () => {
    expect(await statusAt(await served(createRegion()), { 'sec-fetch-site': 'none' })).toBe(200);
  });

  it('says so in XML to clients that read XML', async () => {
    const { send } = await served(createRegion());
    const headers = { 'content-type': 'application/x-www-form-urlencoded', host: 'evil.example' };
    const answer = await send({ headers, body: 'Action=GetCallerIdentity' });
    expect(answer.status).toBe(403);
    expect(answer.body.toString()).toContain('The host &quot;evil.example&quot; is refused');
  });

  it('applies nothing of what it refuses', async () => {
    const region = createRegion();
    const door = await served(region);
    await statusAt(door, { origin: 'http://evil.example' });
    expect([region.calls.length, region.counters.wireCalls]).toEqual([0, 0]);
  });

  it.each([
    ['words', 'hello\r\n\r\n', 'This is not an HTTP request that the region can read'],
    ['a TLS handshake', Uint8Array.of(0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3), 'This port speaks HTTP, not HTTPS'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'This port speaks HTTP/1.1, not HTTP/2.'],
    ['a request without a host', 'POST / HTTP/1.1\r\nconnection: close\r\n\r\n', 'A request without a Host header'],
    ['endless headers', `GET / HTTP/1.1\r\na: ${'b'.repeat(40_000)}\r\n\r\n`, 'headers of the request are too large'],
  ])('answers %s with a sentence', async (_, bytes, sentence) => {
    const { sendBytes } = await served(createRegion());
    const answer = await sendBytes(bytes);
    expect(answer).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(answer).toContain(sentence);
  });

  it('closes although somebody who spoke no HTTP is still connected', async () => {
    const region = createRegion();
    const { port } = await served(region);
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.write('hello\r\n\r\n');
    await once(socket, 'data');
    await region.close();
    socket.destroy();
  });
});

it('the door in memory asks for no host: only functions of the region are behind it', async () => {
  const region = createRegion();
  const headers = { ...LIST, host: 'ecs.us-east-1.amazonaws.com', origin: 'http://evil.example' };
  const answer = await driven(region.kernel, raw(region.connect, { headers, body: '{}' }));
  expect(answer.status).toBe(200);
});
