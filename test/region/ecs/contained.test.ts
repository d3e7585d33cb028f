import { describe, expect, it } from 'vitest';
import { NotModelled, type PullResult } from '../../../region/service.ts';
import { EcsRegion, REGISTRY } from './ecs-fixture.ts';

const REASON = 'Not modelled by the region: OutOfMemory, i/o timeout and CannotPull';

/** A service that is rolled to an image at which the region itself fails. */
async function rolledToDefect(defects: 'end' | 'contain'): Promise<EcsRegion> {
  const region = new EcsRegion(1, { defects });
  const breaker = { deploymentCircuitBreaker: { enable: true, rollback: true } };
  await region.steadyService({ deploymentConfiguration: breaker });
  region.images.set(`${REGISTRY}/api:odd`, (): PullResult => {
    throw new NotModelled('OutOfMemory, i/o timeout and CannotPull');
  });
  region.roll(`${REGISTRY}/api:odd`);
  return region;
}

const stopped = (region: EcsRegion) => region.tasks('STOPPED').filter(({ lastStatus }) => lastStatus === 'STOPPED');

describe('a task at which the region itself fails', () => {
  it('ends the run where that is to be seen', async () => {
    const region = await rolledToDefect('end');
    await expect(region.kernel.runFor(600_000)).rejects.toThrow(NotModelled);
  });

  it('stops with the reason, and only it', async () => {
    const region = await rolledToDefect('contain');
    const told: string[] = [];
    region.kernel.onDefect(({ where, reason }) => told.push(`${where}: ${reason}`));
    await region.until(() => stopped(region).length > 0, 'a stopped task');
    const [task] = stopped(region);
    expect(task).toMatchObject({ stopCode: 'InfrastructureHealth', stoppedReason: REASON, lastStatus: 'STOPPED' });
    expect(told[0]).toMatch(/^ecs task [0-9a-f]{8} ACTIVATING: Not modelled by the region: /);
    expect(region.tasks().filter(({ taskDefinitionArn }) => taskDefinitionArn!.endsWith(':1'))).toHaveLength(2);
  });

  it('is replaced ever more slowly, and the circuit breaker counts no failure', async () => {
    const region = await rolledToDefect('contain');
    await region.kernel.runFor(3_600_000);
    expect(region.service.deployments![0]).toMatchObject({ rolloutState: 'IN_PROGRESS', failedTasks: 0 });
    expect(stopped(region).length).toBeLessThan(30);
  });

  it('makes room for a roll that the region can play', async () => {
    const region = await rolledToDefect('contain');
    await region.kernel.runFor(600_000);
    region.roll(region.push('v3', 'c'));
    await region.untilSettled();
    expect(region.tasks().map(({ taskDefinitionArn }) => taskDefinitionArn!.split(':').at(-1))).toEqual(['3', '3']);
  });
});
