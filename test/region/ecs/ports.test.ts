import { describe, expect, it } from 'vitest';
import { readListeningPort } from '../../../region/ecs/behaviour.ts';
import { EcsRegion } from './ecs-fixture.ts';

const CHECKED = { healthCheck: { command: ['CMD', 'true'], interval: 10, retries: 3 } };
const on = (...ports: number[]) => ({ portMappings: ports.map((containerPort) => ({ containerPort })) });

/** A steady service on port 8000, then a rollout of an image that listens on 80. */
async function rolledToPort80(container: object): Promise<EcsRegion> {
  const region = new EcsRegion();
  await region.steadyService({}, { ...CHECKED, ...on(8000) });
  region.roll(region.push('v2', 'b', { 'listens-on': '80' }), container);
  return region;
}

describe('an image that listens on one port', () => {
  it('fails the health check of a container that maps another one, and is stopped for it', async () => {
    const region = await rolledToPort80({ ...CHECKED, ...on(8000) });
    await region.until(() => region.tasks().some(({ healthStatus }) => healthStatus === 'UNHEALTHY'), 'UNHEALTHY');
    const unhealthy = region.tasks().find(({ healthStatus }) => healthStatus === 'UNHEALTHY')!;
    expect(unhealthy.containers).toMatchObject([{ name: 'app', healthStatus: 'UNHEALTHY', lastStatus: 'RUNNING' }]);
    const stopped = () => region.tasks('STOPPED').filter(({ lastStatus }) => lastStatus === 'STOPPED');
    await region.until(() => stopped().length > 0, 'a stopped task');
    expect(stopped()[0]).toMatchObject({
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: 'Task failed container health checks',
      containers: [{ exitCode: 143 }],
    });
    expect(region.view.deployments[0]).toMatchObject({ rolloutState: 'IN_PROGRESS', healthy: 0 });
  });

  it.each([
    ['maps it', { ...CHECKED, ...on(80) }],
    ['maps it among others', { ...CHECKED, ...on(8000, 80) }],
    ['maps none', CHECKED],
  ])('passes the health check of a container that %s', async (_, container) => {
    const region = await rolledToPort80(container);
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:2', healthy: 2 }]);
    expect(region.tasks()).toMatchObject([{ healthStatus: 'HEALTHY' }, { healthStatus: 'HEALTHY' }]);
  });

  it('goes unnoticed where nobody checks', async () => {
    const region = await rolledToPort80(on(8000));
    await region.untilSteady();
    expect(region.view.deployments).toMatchObject([{ revision: 'api:2', healthy: 2 }]);
  });
});

describe('the annotation rehearsal.listens-on', () => {
  it('is a port, and absent for an image that listens wherever it is asked to', () => {
    expect(readListeningPort({ 'rehearsal.listens-on': '8000' })).toBe(8000);
    expect(readListeningPort({})).toBeUndefined();
  });

  it.each(['0', '65536', 'http'])('is refused as "%s"', (text) => {
    expect(() => readListeningPort({ 'rehearsal.listens-on': text })).toThrow(`rehearsal.listens-on "${text}"`);
  });
});
