import { z } from 'zod';
import { Fault, type RecordMetric, type RegionContext, type ResourceCreator, type Service } from '../service.ts';
import { Alarm, type AlarmPorts } from './alarm.ts';
import type { AlarmState } from './alarm-state.ts';
import { readAlarm } from './alarm-configuration.ts';
import { metricKey, Metrics, type Dimensions, type MetricValue } from './metrics.ts';
import { cloudWatchOperations } from './operations.ts';
import { readProperties } from '../properties.ts';

export type { AlarmPorts } from './alarm.ts';
export type { AlarmState } from './alarm-state.ts';
export type { MetricValue } from './metrics.ts';

/** CloudWatch metrics and alarms. */
export interface CloudWatch extends Service {
  readonly recordMetric: RecordMetric;
  /** The values of one metric, oldest first; its dimensions must be exactly these. */
  metricValues(namespace: string, name: string, dimensions: Dimensions): readonly MetricValue[];
  /** Throws `ResourceNotFound`. */
  alarmState(name: string): AlarmState;
  /** Names of all alarms, in the order of their creation. */
  readonly alarms: readonly string[];
}

/** Creates CloudWatch, empty. */
export function createCloudWatch(context: RegionContext & AlarmPorts): CloudWatch {
  const metrics = new Metrics();
  const alarms = new Map<string, Alarm>();
  const byMetric = new Map<string, Alarm[]>();
  const recordMetric: RecordMetric = (namespace, name, dimensions, value) => {
    const key = metricKey(namespace, name, dimensions);
    metrics.record(key, { at: context.kernel.now, value });
    for (const alarm of byMetric.get(key) ?? []) alarm.expectEvaluation();
  };
  const addAlarm: ResourceCreator = (logicalId, properties, stackName) => {
    const configuration = readAlarm(context, logicalId, properties, stackName);
    const { name, arn } = configuration;
    if (alarms.has(name)) throw new Fault('AlreadyExistsException', `${name} already exists`);
    const alarm = new Alarm(context, metrics, configuration);
    alarms.set(name, alarm);
    byMetric.set(alarm.metricKey, [...(byMetric.get(alarm.metricKey) ?? []), alarm]);
    return { ref: name, attributes: { Arn: arn } };
  };
  return {
    id: 'monitoring',
    operations: cloudWatchOperations(context, alarms, metrics, recordMetric),
    resources: { 'AWS::CloudWatch::Alarm': addAlarm, 'AWS::CloudWatch::Dashboard': addDashboard },
    recordMetric,
    metricValues: (namespace, name, dimensions) => metrics.of(metricKey(namespace, name, dimensions)),
    alarmState(name) {
      const alarm = alarms.get(name);
      if (alarm === undefined) throw new Fault('ResourceNotFound', `Unknown alarm ${name}`, 404);
      return alarm.state;
    },
    get alarms() {
      return [...alarms.keys()];
    },
  };
}

const dashboardProperties = z.strictObject({ DashboardBody: z.string(), DashboardName: z.string().optional() });

const dashboardBody = z.looseObject({
  widgets: z.array(z.looseObject({ type: z.string(), properties: z.record(z.string(), z.unknown()).optional() })),
});

/** A dashboard is only looked at in the console: here its body must be JSON with widgets, as PutDashboard requires. */
const addDashboard: ResourceCreator = (logicalId, properties, stackName) => {
  const given = readProperties(dashboardProperties, `AWS::CloudWatch::Dashboard ${logicalId}`, properties);
  if (!dashboardBody.safeParse(parsed(given.DashboardBody)).success) {
    throw new Fault(
      'InvalidParameterInput',
      `The field DashboardBody of ${logicalId} must be a valid JSON object with widgets`,
    );
  }
  return { ref: given.DashboardName ?? `${stackName}-${logicalId}`, attributes: {} };
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
