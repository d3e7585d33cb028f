import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { median, type Measurement } from './measurement.ts';

const CALLS = 600;
const ANSWER = JSON.stringify({ services: [{ serviceName: 'api', status: 'ACTIVE', deployments: [] }], failures: [] });

/** What one SDK call costs here against a server that does nothing: the yardstick for the figures of the region. */
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
  const durations: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const startedAt = performance.now();
    await client.send(new DescribeServicesCommand({ cluster: 'bench', services: ['api'] }));
    durations.push(performance.now() - startedAt);
  }
  client.destroy();
  server.close();
  const value = median(durations.slice(CALLS / 2));
  return { name: 'yardstick: one SDK call to an empty server on loopback, median', value, unit: 'ms' };
}
