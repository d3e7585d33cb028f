import { Fault, type RecordMetric, type ResourceCreator, type ResourceUpdater, type Service } from '../service.ts';
import { changeAlarm, createAlarm, evaluationAt } from './alarm.ts';
import type { AlarmState } from './alarm-state.ts';
import { CHANGEABLE_OF_ALARM, readAlarm } from './alarm-configuration.ts';
import { dashboardResource, dashboardUpdater } from './dashboards.ts';
import { metricKey, type Dimensions, type MetricValue } from './metrics.ts';
import { newCloudWatchState, type CloudWatchPorts, type CloudWatchState, type Monitoring } from './model.ts';
import { cloudWatchOperations } from './operations.ts';
import { recordMetric } from './record-metric.ts';

export type { CloudWatchPorts } from './model.ts';
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

/** Creates CloudWatch, empty unless told. */
export function createCloudWatch(ports: CloudWatchPorts, state: CloudWatchState = newCloudWatchState()): CloudWatch {
  const monitoring: Monitoring = { ...ports, state };
  return {
    id: 'monitoring',
    state,
    operations: cloudWatchOperations(monitoring),
    scheduled: (act) => evaluationAt(monitoring, act),
    resources: {
      'AWS::CloudWatch::Alarm': alarmResource(monitoring),
      'AWS::CloudWatch::Dashboard': dashboardResource(monitoring),
    },
    updaters: {
      'AWS::CloudWatch::Alarm': alarmUpdater(monitoring),
      'AWS::CloudWatch::Dashboard': dashboardUpdater(monitoring),
    },
    deleters: {
      'AWS::CloudWatch::Alarm': ({ current }) => void state.alarms.delete(current.ref),
      'AWS::CloudWatch::Dashboard': ({ current }) => void state.dashboards.delete(current.ref),
    },
    recordMetric: (...value) => recordMetric(monitoring, ...value),
    metricValues: (namespace, name, dimensions) => state.metrics.get(metricKey(namespace, name, dimensions)) ?? [],
    alarmState(name) {
      const alarm = state.alarms.get(name);
      if (alarm === undefined) throw new Fault('ResourceNotFound', `Unknown alarm ${name}`, 404);
      return alarm.state;
    },
    get alarms() {
      return [...state.alarms.keys()];
    },
  };
}

function alarmResource(monitoring: Monitoring): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const configuration = readAlarm(monitoring, logicalId, properties, stackName);
    const { name, arn } = configuration;
    if (monitoring.state.alarms.has(name)) throw new Fault('AlreadyExistsException', `${name} already exists`);
    createAlarm(monitoring, configuration);
    return { ref: name, attributes: { Arn: arn } };
  };
}

function alarmUpdater(monitoring: Monitoring): ResourceUpdater {
  return {
    changeable: CHANGEABLE_OF_ALARM,
    replacing: ['AlarmName'],
    update: ({ logicalId, stackName, current, after }) => {
      const named = { ...after, AlarmName: current.ref };
      changeAlarm(monitoring, readAlarm(monitoring, logicalId, named, stackName));
      return current;
    },
  };
}
