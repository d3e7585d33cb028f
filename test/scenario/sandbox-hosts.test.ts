import { mkdtempSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { main } from '../../cli/main.ts';

const CONFIGURATION = join(mkdtempSync(join(tmpdir(), 'rollouts-hosts-')), 'one.config.mjs');
writeFileSync(
  CONFIGURATION,
  "export default { services: [{ repository: 'team/api', container: 'api', tag: { exact: 'live' }, bakeTimeSeconds: 0 }] };",
);

function statusFor(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = {
      host,
      authorization: 'AWS4-HMAC-SHA256 Credential=OPERATOR/20260105/us-east-1/ecs/aws4_request, a',
    };
    const target = { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters' };
    const options = { host: '127.0.0.1', port, method: 'POST', headers: { ...headers, ...target }, agent: false };
    const request = http.request(options, (response) =>
      response.resume().on('end', () => resolve(response.statusCode)),
    );
    request.on('error', reject).end('{}');
  });
}

it('a sandbox serves the hosts that it was told, and ends when it is interrupted', async () => {
  let interrupt = (): void => {};
  const interrupted = new Promise<void>((resolve) => (interrupt = resolve));
  const text = { out: '', err: '' };
  const terminal = {
    out: { write: (written: string) => (text.out += written) },
    err: { write: (written: string) => (text.err += written) },
    env: {},
    interrupted: () => interrupted,
  };
  const hosts = ['--allow-host', 'region.test', '--allow-host', 'other.test:99'];
  const ended = main(['sandbox', '--port', '0', '--config', CONFIGURATION, ...hosts], terminal);
  await expect.poll(() => text.out + text.err, { timeout: 50_000 }).toMatch(/start-execution|rollouts:/);
  const port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(text.out)?.[1]);
  const named = [`127.0.0.1:${port}`, 'region.test', 'other.test:99', 'other.test', 'evil.test'];
  expect(await Promise.all(named.map((host) => statusFor(port, host)))).toEqual([200, 200, 200, 403, 403]);
  interrupt();
  expect([await ended, text.err]).toEqual([0, '']);
});
