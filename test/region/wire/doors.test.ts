import http from 'node:http';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { runPaced } from '../../../region/paced.ts';
import { memoryHttpModules } from '../../../region/wire/memory-http.ts';
import { WIRE_LATENCY_MS } from '../../../region/wire/timing.ts';
import { driven, endpointWith, oneParameter, signedBy } from './endpoint.ts';

const TARGET = { 'x-amz-target': 'AmazonSSM.GetParameter' };

describe('the modules that stand in for http and https', () => {
  const world = () => endpointWith(() => [oneParameter()]);
  const headers = { ...TARGET, ...signedBy('KEY', 'ssm') };
  const statusOf = (start: (onResponse: (response: http.IncomingMessage) => void) => http.ClientRequest) =>
    new Promise<number | undefined>((resolve, reject) => {
      const request = start((response) => response.resume().on('end', () => resolve(response.statusCode)));
      request.on('error', reject).end('{"Name":"/image"}');
    });

  it.each(['http', 'https'] as const)(
    'reach the door through %s, whatever the host, in every form of request',
    async (name) => {
      const { kernel, endpoint } = world();
      const modules = memoryHttpModules(endpoint.connect);
      const module = modules[name];
      const url = `${name}://ssm.us-east-1.amazonaws.com/`;
      const agent = new module.Agent({ keepAlive: true, maxSockets: 50 });
      const options = { method: 'POST', headers };
      const forms = [
        (done: (response: http.IncomingMessage) => void) => module.request(url, options, done),
        (done: (response: http.IncomingMessage) => void) => module.request(new URL(url), { ...options, agent }, done),
        (done: (response: http.IncomingMessage) => void) =>
          module.request(
            { ...options, protocol: `${name}:`, host: 'ssm.us-east-1.amazonaws.com', port: 443, agent },
            done,
          ),
      ];
      for (const form of forms) expect(await driven(kernel, statusOf(form))).toBe(200);
    },
  );

  it('leave the modules of Node.js itself as they are', () => {
    const modules = memoryHttpModules(world().endpoint.connect);
    expect(modules.http.globalAgent).not.toBe(http.globalAgent);
    expect(http.Agent).not.toBe(modules.http.Agent);
    expect(modules.http.STATUS_CODES).toBe(http.STATUS_CODES);
  });

  it('serve requests of one agent over one connection', async () => {
    const { kernel, endpoint } = world();
    let connections = 0;
    const { https } = memoryHttpModules(() => (connections++, endpoint.connect()));
    const agent = new https.Agent({ keepAlive: true });
    for (let call = 0; call < 3; call++) {
      await driven(
        kernel,
        statusOf((done) => https.request('https://any/', { method: 'POST', headers, agent }, done)),
      );
    }
    expect(connections).toBe(1);
  });
});

describe('the loopback door', () => {
  it('answers an SDK client in paced time and gives no date, which would be another clock’s', async () => {
    const { kernel, endpoint } = endpointWith(() => [oneParameter()]);
    const port = await endpoint.listen(0);
    const ending = new AbortController();
    const pace = runPaced(kernel, 1000, ending.signal);
    const start = kernel.now;
    const client = new SSMClient({
      region: 'us-east-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'OPERATOR', secretAccessKey: 'any' },
    });
    const { Parameter } = await client.send(new GetParameterCommand({ Name: '/image' }));
    expect(Parameter?.Value).toBe('tag');
    const headers = { ...TARGET, ...signedBy('KEY', 'ssm') };
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: '{"Name":"/image"}' });
    expect([answer.status, answer.headers.get('date')]).toEqual([200, null]);
    expect(kernel.now - start).toBeGreaterThanOrEqual(4 * WIRE_LATENCY_MS);
    ending.abort();
    await pace;
    client.destroy();
    await endpoint.close();
  });

  it('listens on 127.0.0.1 only, says so when a port is taken, and frees it when closed', async () => {
    const [first, second] = [endpointWith(() => []), endpointWith(() => [])];
    const port = await first.endpoint.listen(0);
    await expect(second.endpoint.listen(port)).rejects.toThrow(
      `port ${port} of 127.0.0.1 is already in use: stop what listens there, or choose another port`,
    );
    await first.endpoint.close();
    expect(await second.endpoint.listen(port)).toBe(port);
    await second.endpoint.close();
  });
});

describe('paced time', () => {
  it('follows real time times the speed and runs what is due on the way', async () => {
    const { kernel } = endpointWith(() => []);
    const start = kernel.now;
    const happened: number[] = [];
    for (const seconds of [5, 10, 3600])
      kernel.after(seconds * 1000, 'timer', `${seconds}`, () => void happened.push(seconds));
    const ending = new AbortController();
    kernel.after(20_000, 'timer', 'the end', () => ending.abort());
    const realStart = performance.now();
    await runPaced(kernel, 1000, ending.signal);
    expect(happened).toEqual([5, 10]);
    expect(kernel.now - start).toBe(20_000);
    expect(performance.now() - realStart).toBeGreaterThanOrEqual(19);
  });

  it('ends at once when it is told to while it rests', async () => {
    const { kernel } = endpointWith(() => []);
    const ending = new AbortController();
    const pace = runPaced(kernel, 1, ending.signal);
    ending.abort();
    await expect(pace).resolves.toBeUndefined();
    await expect(runPaced(kernel, 0, ending.signal)).rejects.toThrow('the speed must be a number above 0, not 0');
  });
});
