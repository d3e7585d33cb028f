import { describe, expect, it } from 'vitest';
import { publicNetwork } from '../ec2/network-fixture.ts';
import { CARELESS, watch } from './careless-watcher.ts';
import { EcsRegion, faultOf } from './ecs-fixture.ts';

/** A steady service in the zones a and b. */
async function spreadService(service: object = {}): Promise<EcsRegion> {
  const region = new EcsRegion();
  const { subnets, securityGroup } = await publicNetwork(region);
  const awsvpcConfiguration = { subnets, securityGroups: [securityGroup] };
  await region.steadyService({ networkConfiguration: { awsvpcConfiguration }, desiredCount: 4, ...service });
  return region;
}

function zonesOf(region: EcsRegion): string[] {
  return region
    .tasks()
    .map(({ availabilityZone }) => availabilityZone!.slice(-1))
    .toSorted();
}

/** The same after zone a was impaired for as long as it takes to replace one of its tasks. */
async function unbalancedService(service: object = {}): Promise<EcsRegion> {
  const region = await spreadService(service);
  const end = region.ecs.disturb({ kind: 'impaired-zone', zone: 'us-east-1a' });
  const inA = region.tasks().find(({ availabilityZone }) => availabilityZone === 'us-east-1a');
  region.call('StopTask', { cluster: 'prod', task: inA!.taskArn! });
  await region.kernel.runFor(100_000);
  end();
  return region;
}

describe('Availability Zones', () => {
  it('get equal shares of the tasks, in subnets of theirs, before and after a roll', async () => {
    const region = await spreadService();
    expect(zonesOf(region)).toEqual(['a', 'a', 'b', 'b']);
    region.roll(region.push('v2', 'b'));
    await region.untilSettled();
    expect(zonesOf(region)).toEqual(['a', 'a', 'b', 'b']);
    const [a, b] = (region.service.networkConfiguration!.awsvpcConfiguration!.subnets ?? []) as [string, string];
    for (const { availabilityZone, attachments } of region.tasks()) {
      const subnet = attachments![0]!.details!.find(({ name }) => name === 'subnetId')!.value;
      expect(subnet).toBe(availabilityZone === 'us-east-1a' ? a : b);
    }
    expect(region.messages.filter((message) => message.includes('AZ'))).toEqual([]);
  });

  it('get what is left when all of them are impaired', async () => {
    const region = await spreadService();
    for (const zone of ['us-east-1a', 'us-east-1b']) region.ecs.disturb({ kind: 'impaired-zone', zone });
    region.roll(region.push('v2', 'b'));
    await region.untilSettled();
    expect(zonesOf(region)).toEqual(['a', 'a', 'b', 'b']);
  });

  it('that are impaired get none', async () => {
    const region = await unbalancedService();
    expect(zonesOf(region)).toEqual(['a', 'b', 'b', 'b']);
  });
});

describe('rebalancing', () => {
  it('is ENABLED for a new service with room for it, and moves a task: one is started before one is stopped', async () => {
    const region = await unbalancedService();
    expect(region.service.availabilityZoneRebalancing).toBe('ENABLED');
    const told = region.messages.length;
    let most = 0;
    const end = region.kernel.now + 300_000;
    while (await region.kernel.step(end)) most = Math.max(most, region.view.running);
    expect(most).toBe(5);
    expect(zonesOf(region)).toEqual(['a', 'a', 'b', 'b']);
    expect(region.messages.slice(told)).toEqual([
      'is not AZ balanced with 3 tasks in us-east-1b, 1 tasks in us-east-1a. AZ Rebalancing in progress.',
      'has started 1 tasks in us-east-1a to AZ Rebalance: (task).',
      'has stopped 1 running tasks in us-east-1b due to AZ rebalancing: (task).',
      'has reached a steady state.',
      'is AZ balanced with 2 tasks in us-east-1a, 2 tasks in us-east-1b.',
    ]);
    const actions = region.eventsOf('ECS Service Action').map(({ eventName }) => eventName);
    expect(actions.slice(-3)).toEqual([
      'SERVICE_REBALANCING_STARTED',
      'SERVICE_STEADY_STATE',
      'SERVICE_REBALANCING_COMPLETED',
    ]);
    expect(region.view.deployments).toMatchObject([{ rolloutState: 'COMPLETED', running: 4 }]);
    expect(region.kernel.nextDueAt).toBeUndefined();
  });

  it('makes a watcher fail a roll for one task too many, or for the one that was stopped', async () => {
    for (const careless of ['believesDesired', 'blamesEveryStop'] as const) {
      const region = await unbalancedService();
      const [deployment] = region.view.deployments;
      const stopped = region.tasks('STOPPED').length;
      expect(stopped).toBe(1);
      expect(await watch(region, deployment!.id, CARELESS[careless], 300)).toBe('failed');
    }
  });

  it('moves as many tasks as it takes, one by one', async () => {
    const region = await spreadService({ desiredCount: 6 });
    const end = region.ecs.disturb({ kind: 'impaired-zone', zone: 'us-east-1a' });
    for (const { taskArn, availabilityZone } of region.tasks())
      if (availabilityZone === 'us-east-1a') region.call('StopTask', { cluster: 'prod', task: taskArn! });
    await region.kernel.runFor(120_000);
    expect(zonesOf(region)).toEqual(['b', 'b', 'b', 'b', 'b', 'b']);
    end();
    let most = 0;
    const until = region.kernel.now + 900_000;
    while (await region.kernel.step(until)) most = Math.max(most, region.view.running);
    expect(most).toBe(7);
    expect(zonesOf(region)).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
    expect(region.messages.filter((message) => message.startsWith('is not AZ balanced'))).toHaveLength(1);
  });

  it('leaves a remainder where it is', async () => {
    const region = await spreadService({ desiredCount: 3 });
    await region.kernel.runFor(300_000);
    expect(region.messages.filter((message) => message.includes('AZ'))).toEqual([]);
    expect(region.kernel.nextDueAt).toBeUndefined();
  });

  it('waits for a minute of imbalance, and does not begin while nothing can be placed', async () => {
    const region = await unbalancedService();
    const end = region.ecs.disturb({ kind: 'no-capacity' });
    await region.kernel.runFor(300_000);
    const starts = () => region.messages.filter((message) => message.startsWith('is not AZ balanced'));
    expect(starts()).toEqual([]);
    end();
    await region.kernel.runFor(50_000);
    expect(starts()).toEqual([]);
    await region.kernel.runFor(20_000);
    expect(starts()).toHaveLength(1);
  });

  it('gives way to a deployment', async () => {
    const region = await unbalancedService();
    await region.until(() => region.view.running === 5, 'one task too many');
    const id = region.roll(region.push('v2', 'b'));
    await region.untilSettled();
    expect(region.view.deployments).toMatchObject([{ id, rolloutState: 'COMPLETED', running: 4 }]);
    await region.kernel.runFor(300_000);
    expect(zonesOf(region)).toEqual(['a', 'a', 'b', 'b']);
    expect(region.kernel.nextDueAt).toBeUndefined();
  });

  it('is off where maximumPercent leaves no room, or when it was switched off; no deployment is made for the switch', async () => {
    const tight = await spreadService({ deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 } });
    expect(tight.service.availabilityZoneRebalancing).toBe('DISABLED');
    const region = await unbalancedService({ availabilityZoneRebalancing: 'DISABLED' });
    await region.kernel.runFor(300_000);
    expect(zonesOf(region)).toEqual(['a', 'b', 'b', 'b']);
    const [before] = region.view.deployments;
    region.call('UpdateService', { cluster: 'prod', service: 'api', availabilityZoneRebalancing: 'ENABLED' });
    await region.kernel.runFor(300_000);
    expect(zonesOf(region)).toEqual(['a', 'a', 'b', 'b']);
    expect(region.view.deployments).toMatchObject([{ id: before!.id }]);
  });

  it('is refused together with a maximumPercent of 100 or less, in the words of ECS', async () => {
    const region = new EcsRegion();
    await region.steadyService();
    const fault = 'InvalidParameterException: AvailabilityZoneRebalancing does not support maximumPercent <= 100';
    const deploymentConfiguration = { minimumHealthyPercent: 0, maximumPercent: 100 };
    const update = { cluster: 'prod', service: 'api' };
    expect(faultOf(() => region.call('UpdateService', { ...update, deploymentConfiguration }))).toBe(fault);
    region.call('UpdateService', { ...update, deploymentConfiguration, availabilityZoneRebalancing: 'DISABLED' });
    expect(faultOf(() => region.call('UpdateService', { ...update, availabilityZoneRebalancing: 'ENABLED' }))).toBe(
      fault,
    );
    const service = { cluster: 'prod', serviceName: 'web', taskDefinition: 'api', deploymentConfiguration };
    expect(faultOf(() => region.ecs.createService({ ...service, availabilityZoneRebalancing: 'ENABLED' }))).toBe(fault);
  });
});
