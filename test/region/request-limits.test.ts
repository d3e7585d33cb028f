import { describe, expect, it } from 'vitest';
import { createRegion, type Region } from '../../region/region.ts';
import { Fault, type Quotas } from '../../region/service.ts';

/** What became of a call: `ok`, or the code of the fault. */
async function call(region: Region, service: string, operation: string, input: object): Promise<string> {
  try {
    await region.call({ kind: 'operator' }, service, operation, input);
    return 'ok';
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}`;
    throw error;
  }
}

/** How many calls in a row are not throttled, `max` at most; whatever else may be wrong with them. */
async function untilThrottled(region: Region, max: number, service: string, operation: string, input: object) {
  for (let count = 0; count < max; count++) {
    if ((await call(region, service, operation, input)) === 'ThrottlingException: Rate exceeded') return count;
  }
  return max;
}

const executionArn = 'arn:aws:states:us-east-1:123456789012:execution:none:none';

describe('a published rate of requests', () => {
  it.each<[string, string, object, number, number]>([
    ['ecr', 'PutImage', { repositoryName: 'api', imageManifest: '{}' }, 10, 10],
    ['ssm', 'GetParameter', { Name: '/none' }, 40, 40],
    ['states', 'DescribeExecution', { executionArn }, 300, 15],
    ['ecs', 'UpdateService', { service: 'api' }, 50, 5],
  ])('of %s %s is a bucket that fills again', async (service, operation, input, burst, perSecond) => {
    const region = createRegion();
    expect(await untilThrottled(region, 1000, service, operation, input)).toBe(burst);
    await region.kernel.runFor(1000);
    expect(await untilThrottled(region, 1000, service, operation, input)).toBe(perSecond);
  });

  it('is shared by the actions that draw from one bucket', async () => {
    const region = createRegion();
    const input = { Name: '/none', Value: 'x', Type: 'String' };
    expect(await untilThrottled(region, 1000, 'ssm', 'GetParameter', { Name: '/none' })).toBe(40);
    expect(await call(region, 'ssm', 'PutParameter', input)).toBe('ThrottlingException: Rate exceeded');
  });

  it.each<[number, number, number]>([
    [0.2, 4, 1],
    [2, 40, 10],
    [0.001, 1, 5],
  ])('times %s is what an account has whose rates were changed', async (requestRates, burst, seconds) => {
    const region = createRegion({ quotas: { requestRates: { ecs: requestRates } } });
    const register = { family: 'api', containerDefinitions: [] };
    expect(await untilThrottled(region, 100, 'ecs', 'RegisterTaskDefinition', register)).toBe(burst);
    await region.kernel.runFor(seconds * 1000);
    const gained = Math.min(burst, Math.floor(seconds * requestRates));
    expect(await untilThrottled(region, 100, 'ecs', 'RegisterTaskDefinition', register)).toBe(gained);
  });
});

describe('the quota of rules', () => {
  async function createRules(quotas: Quotas | undefined, count: number): Promise<void> {
    const region = createRegion(quotas ? { quotas } : {});
    for (let rule = 0; rule < count; rule++) {
      const properties = { Name: `rule-${rule}`, EventPattern: { source: ['aws.ecr'] } };
      await region.resources['AWS::Events::Rule']!(`Rule${rule}`, properties, 'stack');
    }
  }

  it.each<[Quotas | undefined, number]>([
    [undefined, 300],
    [{ rulesPerBus: 3 }, 3],
    [{ rulesPerBus: 400 }, 400],
  ])('%o lets %s be created', async (quotas, count) => {
    await createRules(quotas, count);
    await expect(createRules(quotas, count + 1)).rejects.toMatchObject({ code: 'LimitExceededException' });
  });
});
