import type { RecordMetric } from '../service.ts';
import { expectEvaluation } from './alarm.ts';
import { addValue, metricKey } from './metrics.ts';
import type { Monitoring } from './model.ts';

/** Records one value at the present instant, and lets the alarms on that metric look at the end of their period. */
export function recordMetric(
  monitoring: Monitoring,
  ...[namespace, name, dimensions, value]: Parameters<RecordMetric>
): void {
  const { kernel, state } = monitoring;
  const key = metricKey(namespace, name, dimensions);
  addValue(state.metrics, key, { at: kernel.now, value });
  for (const alarm of state.alarms.values()) if (alarm.metricKey === key) expectEvaluation(monitoring, alarm);
}
