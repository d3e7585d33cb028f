import { expect, it } from 'vitest';
import { generatedName } from '../../region/generated-name.ts';
import { createRegion } from '../../region/region.ts';

it('a name that a template leaves out fits the service, whatever stack and logical id are called', () => {
  const { kernel } = createRegion();
  expect(generatedName(kernel, 'Stack', 'Queue', 80)).toMatch(/^Stack-Queue-[0-9a-f]{12}$/);
  for (const most of [64, 80]) {
    const name = generatedName(kernel, 's'.repeat(128), 'l'.repeat(255), most);
    expect(name.length).toBeLessThanOrEqual(most);
    expect(name).toMatch(/^s+-l+-[0-9a-f]{12}$/);
  }
});

it.each([
  ['AWS::SQS::Queue', 'sqs', {}, /^https:.*\/s{32}-L{32}-[0-9a-f]{12}$/],
  ['AWS::Events::Rule', 'events', { ScheduleExpression: 'rate(1 hour)' }, /^s{24}-L{24}-[0-9a-f]{12}$/],
])('a generated name of %s is short enough', async (type, service, properties, expected) => {
  const create = createRegion().services.get(service)!.resources[type]!;
  const { ref } = await create('L'.repeat(255), properties, 's'.repeat(128), type);
  expect(ref).toMatch(expected);
});
