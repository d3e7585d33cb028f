import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { processorMs, type Measurement } from './measurement.ts';

/** Until V8 has optimized both sides: before, a call costs twice as much, and what is measured by it seems half as dear. */
const WARM_UPS = 3000;
const CALLS = 2000;
const ANSWER = JSON.stringify({ services: [{ serviceName: 'api', status: 'ACTIVE', deployments: [] }], failures: [] });

/** What one SDK call costs here against a server that does nothing, both sides of it: the yardstick for the figures of the region. */
export async function measureSdkCall(): Promise<Measurement> {
  const server = createServer((request, response) => {
    request
      .resume()
      .on('end', () => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(ANSWER));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: 'BENCH', secretAccessKey: 'x' };
  const client = new ECSClient({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials });
  const send = (): Promise<unknown> =>
    client.send(new DescribeServicesCommand({ cluster: 'bench', services: ['api'] }));
  for (let call = 0; call < WARM_UPS; call++) await send();
  const before = processorMs();
  for (let call = 0; call < CALLS; call++) await send();
  const value = (processorMs() - before) / CALLS;
  client.destroy();
  server.close();
  return { name: 'yardstick: processor time of one SDK call to an empty server on loopback', value, unit: 'ms' };
}
