import { describe, expect, it } from 'vitest';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { createLogs, type Logs } from '../../../region/logs/logs.ts';
import type { LogsState } from '../../../region/logs/model.ts';

const GROUP = '/aws/vendedlogs/states/api';
const COUNTED = { MetricName: 'Failures', MetricNamespace: 'Mine', MetricValue: '1' };

async function fixture() {
  const kernel = new Kernel();
  const counted: unknown[] = [];
  const recordMetric = (...of: unknown[]): void => void counted.push(of);
  const logs = createLogs({ kernel, account: '123456789012', region: 'us-east-1', recordMetric });
  await logs.resources['AWS::Logs::LogGroup']!('Group', { LogGroupName: GROUP }, 'stack');
  return { logs, counted, say: (line: unknown) => logs.writeLog(GROUP, 's', JSON.stringify(line)) };
}

function filterOf(logs: Logs, properties: object) {
  const given = { LogGroupName: GROUP, FilterPattern: '{ $.type = "TaskFailed" }', MetricTransformations: [COUNTED] };
  return logs.resources['AWS::Logs::MetricFilter']!('Filter', { ...given, ...properties }, 'stack');
}

describe('a metric filter', () => {
  it('counts each later line of its group that matches, in a metric without dimensions', async () => {
    const { logs, counted, say } = await fixture();
    say({ type: 'TaskFailed' });
    await filterOf(logs, {});
    say({ type: 'TaskSucceeded' });
    expect(counted).toEqual([]);
    say({ type: 'TaskFailed' });
    say({ type: 'TaskFailed' });
    expect(counted).toEqual([
      ['Mine', 'Failures', {}, 1],
      ['Mine', 'Failures', {}, 1],
    ]);
  });

  it('counts no line of another group', async () => {
    const { logs, counted } = await fixture();
    await logs.resources['AWS::Logs::LogGroup']!('Other', { LogGroupName: '/other' }, 'stack');
    await filterOf(logs, {});
    logs.writeLog('/other', 's', '{"type":"TaskFailed"}');
    expect(counted).toEqual([]);
  });

  it('looks for what an update says, from then on', async () => {
    const { logs, counted, say } = await fixture();
    const current = await filterOf(logs, {});
    const { update } = logs.updaters!['AWS::Logs::MetricFilter']!;
    const after = {
      LogGroupName: GROUP,
      FilterPattern: '"timed out"',
      MetricTransformations: [{ ...COUNTED, MetricValue: '2.5' }],
    };
    await update({ logicalId: 'Filter', stackName: 'stack', current, after } as never);
    say({ type: 'TaskFailed' });
    say('it timed out');
    expect(counted).toEqual([['Mine', 'Failures', {}, 2.5]]);
  });

  it('goes with its stack, and with its group', async () => {
    const { logs, counted, say } = await fixture();
    const current = await filterOf(logs, {});
    await logs.deleters!['AWS::Logs::MetricFilter']!({ current } as never);
    say({ type: 'TaskFailed' });
    expect(counted).toEqual([]);
    await filterOf(logs, {});
    await logs.deleters!['AWS::Logs::LogGroup']!({ current: { ref: GROUP } } as never);
    expect((logs.state as LogsState).metricFilters.size).toBe(0);
  });

  it.each([
    [{ FilterPattern: '{ $.type' }, /Invalid filter pattern/],
    [{ LogGroupName: '/nowhere' }, /The specified log group does not exist/],
    [{ MetricTransformations: [{ ...COUNTED, MetricValue: '$.size' }] }, /MetricValue/],
    [{ MetricTransformations: [{ ...COUNTED, DefaultValue: 0 }] }, /DefaultValue of AWS::Logs::MetricFilter Filter/],
    [{ MetricTransformations: [{ ...COUNTED, MetricName: 'a:b' }] }, /MetricName/],
    [{ ApplyOnTransformedLogs: true }, /ApplyOnTransformedLogs of AWS::Logs::MetricFilter Filter is not modelled/],
  ])('is refused with %j', async (properties, message) => {
    const { logs } = await fixture();
    await expect(async () => filterOf(logs, properties)).rejects.toThrow(message);
  });

  it('is one of a hundred of its group at most', async () => {
    const { logs } = await fixture();
    for (let index = 0; index < 100; index++) await filterOf(logs, {});
    await expect(async () => filterOf(logs, {})).rejects.toThrow('Resource limit exceeded.');
  });
});
