import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createCloudWatch, type CloudWatch } from '../../../region/cloudwatch/cloudwatch.ts';
import { evaluate, type StateValue } from '../../../region/cloudwatch/evaluate.ts';
import { Kernel } from '../../../region/kernel/kernel.ts';
import { Fault, type BusEvent, type Caller } from '../../../region/service.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:alerts';
const DIMENSIONS = { Service: 'api' };

const FAILURES = {
  AlarmName: 'failures',
  AlarmDescription: 'A rollout failed.',
  Namespace: 'Rollouts',
  MetricName: 'Failed',
  Dimensions: [{ Name: 'Service', Value: 'api' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  TreatMissingData: 'notBreaching',
  AlarmActions: [TOPIC],
  OKActions: [`${TOPIC}-ok`],
};

function fixture(publish?: () => void) {
  const kernel = new Kernel();
  const events: BusEvent[] = [];
  const published: { topicArn: string; message: string; subject: string; caller: Caller }[] = [];
  const cloudwatch = createCloudWatch({
    kernel,
    account: '123456789012',
    region: 'us-east-1',
    emit: (event) => void events.push(event),
    publish: (topicArn, message, caller) => (publish?.(), published.push({ topicArn, ...message, caller })),
  });
  return { kernel, cloudwatch, events, published };
}

async function withAlarm(properties: Readonly<Record<string, unknown>> = {}, publish?: () => void) {
  const of = fixture(publish);
  await addAlarm(of.cloudwatch, properties);
  return of;
}

async function addAlarm(cloudwatch: CloudWatch, properties: Readonly<Record<string, unknown>> = {}) {
  return cloudwatch.resources['AWS::CloudWatch::Alarm']!('Failures', { ...FAILURES, ...properties }, 'stack');
}

describe('an alarm', () => {
  it('without data is OK after its first period and then at rest', async () => {
    const { cloudwatch, kernel } = await withAlarm();
    expect(cloudwatch.alarmState('failures').value).toBe('INSUFFICIENT_DATA');
    await kernel.runFor(3_600_000);
    expect(cloudwatch.alarmState('failures')).toMatchObject({
      value: 'OK',
      reason:
        'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
    });
    expect(kernel.nextDueAt).toBeUndefined();
  });

  it('goes to ALARM after the period of a breaching value, back to OK after the next, and rests', async () => {
    const { cloudwatch, kernel, events } = await withAlarm();
    await kernel.runFor(130_000);
    cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, 1);
    await kernel.runFor(54_000);
    expect(cloudwatch.alarmState('failures').value).toBe('OK');
    await kernel.runFor(2_000);
    expect(cloudwatch.alarmState('failures').reason).toBe(
      'Threshold Crossed: 1 out of the last 1 datapoints [1.0 (05/01/26 09:02:00)] was greater than or equal to the threshold (1.0) (minimum 1 datapoint for OK -> ALARM transition).',
    );
    await kernel.runFor(600_000);
    expect(cloudwatch.alarmState('failures').value).toBe('OK');
    expect(events.map(({ detail }) => (detail['state'] as { value: string }).value)).toEqual(['OK', 'ALARM', 'OK']);
    expect(kernel.nextDueAt).toBeUndefined();
  });

  it('hears a value that comes between the end of a period and its evaluation', async () => {
    const { cloudwatch, kernel } = await withAlarm();
    await kernel.runFor(61_000);
    cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, 1);
    await kernel.runFor(65_000);
    expect(cloudwatch.alarmState('failures').value).toBe('ALARM');
  });

  it.each([
    ['another dimension', 'Rollouts', 'Failed', { Service: 'web' }],
    ['more dimensions', 'Rollouts', 'Failed', { Service: 'api', Stage: 'prod' }],
    ['another name', 'Rollouts', 'Succeeded', DIMENSIONS],
    ['another namespace', 'Other', 'Failed', DIMENSIONS],
  ])('is deaf to a metric with %s', async (_, namespace, name, dimensions) => {
    const { cloudwatch, kernel } = await withAlarm();
    cloudwatch.recordMetric(namespace, name, dimensions, 9);
    await kernel.runFor(600_000);
    expect(cloudwatch.alarmState('failures').value).toBe('OK');
  });

  it.each([
    ['Sum', 10],
    ['Average', 2.5],
    ['Minimum', 1],
    ['Maximum', 4],
    ['SampleCount', 4],
  ])('computes the %s of a period', async (Statistic, expected) => {
    const { cloudwatch, kernel } = await withAlarm({
      Statistic,
      Threshold: -1,
      ComparisonOperator: 'GreaterThanThreshold',
    });
    for (const value of [1, 2, 3, 4]) cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, value);
    await kernel.runFor(70_000);
    const { reasonData } = cloudwatch.alarmState('failures');
    expect(JSON.parse(reasonData!)).toMatchObject({ statistic: Statistic, recentDatapoints: [expected], period: 60 });
  });

  it('waits for M datapoints out of N', async () => {
    const { cloudwatch, kernel } = await withAlarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2 });
    const states: StateValue[] = [];
    for (const value of [1, 0, 1]) {
      cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, value);
      await kernel.runFor(60_000);
      await kernel.runFor(5_000);
      states.push(cloudwatch.alarmState('failures').value);
    }
    expect(states).toEqual(['OK', 'OK', 'ALARM']);
  });

  it.each([
    [60, 1440],
    [300, 288],
    [3600, 168],
  ])('may look at periods of %i s, %i of them', async (Period, EvaluationPeriods) => {
    await expect(withAlarm({ Period, EvaluationPeriods })).resolves.toMatchObject({ events: [] });
  });

  it('rings as long as one bad period is among the last N, whatever their length, and then no more', async () => {
    const { cloudwatch, kernel } = await withAlarm({ Period: 120, EvaluationPeriods: 5, DatapointsToAlarm: 1 });
    cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, 1);
    const states: StateValue[] = [];
    for (let minutes = 0; minutes < 14; minutes += 2) {
      await kernel.runFor(120_000 + (minutes === 0 ? 5_000 : 0));
      states.push(cloudwatch.alarmState('failures').value);
    }
    expect(states).toEqual(['ALARM', 'ALARM', 'ALARM', 'ALARM', 'ALARM', 'OK', 'OK']);
  });

  it('that ignores missing data keeps what was said last, however long nobody says anything', async () => {
    const { cloudwatch, kernel } = await withAlarm({ TreatMissingData: 'ignore' });
    const after = async (value: number | undefined, milliseconds: number): Promise<StateValue> => {
      if (value !== undefined) cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, value);
      await kernel.runFor(milliseconds);
      return cloudwatch.alarmState('failures').value;
    };
    expect(await after(undefined, 3_600_000)).toBe('INSUFFICIENT_DATA');
    expect(await after(1, 65_000)).toBe('ALARM');
    expect(await after(undefined, 12 * 3_600_000)).toBe('ALARM');
    expect(await after(0, 65_000)).toBe('OK');
    expect(await after(undefined, 12 * 3_600_000)).toBe('OK');
  });

  it('tells the bus in the shape of AWS', async () => {
    const { cloudwatch, kernel, events } = await withAlarm();
    cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, 2);
    await kernel.runFor(70_000);
    expect(events).toEqual([
      {
        source: 'aws.cloudwatch',
        'detail-type': 'CloudWatch Alarm State Change',
        resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:failures'],
        detail: {
          alarmName: 'failures',
          configuration: {
            description: 'A rollout failed.',
            metrics: [
              {
                id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
                metricStat: {
                  metric: { dimensions: DIMENSIONS, name: 'Failed', namespace: 'Rollouts' },
                  period: 60,
                  stat: 'Sum',
                },
                returnData: true,
              },
            ],
          },
          previousState: {
            reason: 'Unchecked: Initial alarm creation',
            timestamp: '2026-01-05T09:00:00.000+0000',
            value: 'INSUFFICIENT_DATA',
          },
          state: {
            reason: expect.stringContaining('[2.0 (05/01/26 09:00:00)]') as string,
            reasonData: expect.stringContaining('"recentDatapoints":[2]') as string,
            timestamp: '2026-01-05T09:01:05.000+0000',
            value: 'ALARM',
          },
        },
      },
    ]);
  });

  it('publishes to the topics of its new state, as CloudWatch and for itself', async () => {
    const { cloudwatch, kernel, published } = await withAlarm();
    cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, 1);
    await kernel.runFor(600_000);
    expect(published.map(({ topicArn, subject }) => [topicArn, subject])).toEqual([
      [TOPIC, 'ALARM: "failures" in us-east-1'],
      [`${TOPIC}-ok`, 'OK: "failures" in us-east-1'],
    ]);
    expect(published[0]!.caller).toEqual({
      kind: 'service',
      principal: 'cloudwatch.amazonaws.com',
      sourceArn: 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:failures',
    });
    expect(JSON.parse(published[0]!.message)).toMatchObject({
      AlarmName: 'failures',
      OldStateValue: 'INSUFFICIENT_DATA',
      NewStateValue: 'ALARM',
      Trigger: { MetricName: 'Failed', Statistic: 'SUM', Dimensions: [{ name: 'Service', value: 'api' }] },
    });
  });

  it('survives a topic that refuses it', async () => {
    const { cloudwatch, kernel } = await withAlarm({}, () => {
      throw new Fault('AuthorizationError', 'no');
    });
    cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, 1);
    await kernel.runFor(70_000);
    expect(cloudwatch.alarmState('failures').value).toBe('ALARM');
  });

  it('can be set by hand until its next evaluation', async () => {
    const { cloudwatch, kernel, events } = await withAlarm();
    await kernel.runFor(600_000);
    const input = { AlarmName: 'failures', StateValue: 'ALARM', StateReason: 'drill' };
    await cloudwatch.operations['SetAlarmState']!.apply(input as never, { kind: 'operator' });
    expect(cloudwatch.alarmState('failures')).toMatchObject({ value: 'ALARM', reason: 'drill' });
    await kernel.runFor(70_000);
    expect(cloudwatch.alarmState('failures').value).toBe('OK');
    expect(events).toHaveLength(3);
  });

  it.each([
    [{ Metrics: [] }, /the property Metrics of AWS::CloudWatch::Alarm Failures is not modelled/],
    [{ ExtendedStatistic: 'p99' }, /ExtendedStatistic/],
    [{ AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] }, /alarm action arn:aws:automate/],
    [{ Period: 45 }, /Period/],
    [{ Period: 300, EvaluationPeriods: 289 }, /289 periods of 300 s exceed 86400 s/],
    [{ Period: 3600, EvaluationPeriods: 169 }, /169 periods of 3600 s exceed 604800 s/],
    [{ EvaluationPeriods: 2, DatapointsToAlarm: 3 }, /DatapointsToAlarm 3 of 2/],
  ])('is refused with %j', async (properties, message) => {
    await expect(withAlarm(properties)).rejects.toThrow(message);
  });
});

/** `-` is a period without values, `0` a good one, `X` a breaching one; newest last. */
function stateFor(
  pattern: string,
  treatMissingData: 'missing' | 'ignore' | 'breaching' | 'notBreaching',
  needed: number,
) {
  const values: Record<string, number | undefined> = { '-': undefined, '0': 0, X: 9 };
  const window = [...pattern].map((letter, index) => ({ startsAt: index, value: values[letter] }));
  const alarm = { datapointsToAlarm: needed, evaluationPeriods: 3, threshold: 1, treatMissingData };
  return evaluate({ ...alarm, comparison: 'GreaterThanThreshold' }, window, 'OK').state;
}

describe('missing data', () => {
  it.each([
    ['0X0', 3, ['OK', 'OK', 'OK', 'OK']],
    ['--0', 3, ['OK', 'OK', 'OK', 'OK']],
    ['---', 3, ['INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK']],
    ['XXX', 3, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['-X-', 3, ['ALARM', 'retain', 'ALARM', 'OK']],
    ['X-X', 2, ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0-X', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['--0', 2, ['OK', 'OK', 'ALARM', 'OK']],
    ['-X-', 2, ['ALARM', 'retain', 'ALARM', 'OK']],
  ] as const)('in %s with %i needed is treated as the tables of AWS say', (pattern, needed, expected) => {
    const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;
    expect(treatments.map((treatment) => stateFor(pattern, treatment, needed))).toEqual(expected);
  });
});

describe('DescribeAlarms', () => {
  it('finds alarms by name, prefix and state', async () => {
    const { cloudwatch } = await withAlarm();
    await addAlarm(cloudwatch, { AlarmName: 'other' });
    const names = async (input: object) => {
      const answer = await cloudwatch.operations['DescribeAlarms']!.apply(input as never, { kind: 'operator' });
      return (answer as { MetricAlarms: { AlarmName: string }[] }).MetricAlarms.map(({ AlarmName }) => AlarmName);
    };
    expect(await names({})).toEqual(['failures', 'other']);
    expect(await names({ AlarmNames: ['other'] })).toEqual(['other']);
    expect(await names({ AlarmNamePrefix: 'fail' })).toEqual(['failures']);
    expect(await names({ StateValue: 'ALARM' })).toEqual([]);
  });
});

describe('a dashboard', () => {
  it.each([
    ['{"widgets":[]}', undefined],
    ['{"widgets":', 'must be a valid JSON object'],
    ['{}', 'must be a valid JSON object'],
  ])('with the body %s', (DashboardBody, problem) => {
    const { cloudwatch } = fixture();
    const create = () => cloudwatch.resources['AWS::CloudWatch::Dashboard']!('Board', { DashboardBody }, 'stack');
    if (problem === undefined) expect(create()).toEqual({ ref: 'stack-Board', attributes: {} });
    else expect(create).toThrow(problem);
  });
});

describe('the official alarm event', () => {
  const folder = process.env['CAPTURES'];
  it.skipIf(folder === undefined)('has the members that our event has', async () => {
    const text = readFileSync(`${folder}/ecs-events/alarm-1-servercputoohigh-official.json`, 'utf8');
    const official = (JSON.parse(text) as { detail: Record<string, object> }).detail;
    const { cloudwatch, kernel, events } = await withAlarm();
    await kernel.runFor(130_000);
    cloudwatch.recordMetric('Rollouts', 'Failed', DIMENSIONS, 1);
    await kernel.runFor(100_000);
    const { muteDetail: _, ...expected } = official;
    expect(membersOf(events.at(-1)!.detail)).toEqual(
      membersOf(expected).map((path) => path.replace('InstanceId', 'Service')),
    );
  });
});

/** Paths of all leaves, sorted. */
function membersOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value)
    .flatMap(([name, member]) => membersOf(member, `${path}.${name}`))
    .sort();
}
