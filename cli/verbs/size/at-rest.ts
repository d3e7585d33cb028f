import { ALARM_IDS } from '../../../configuration/names.ts';
import { functionCalls, HOURS } from './function-calls.ts';
import type { Prices } from './prices.ts';

/** What a cell costs to which nobody pushes. Its rules, queue, topic and parameter cost nothing until something goes wrong. */
export const REST_PARTS = {
  alarms: `${ALARM_IDS.length} alarms`,
  metrics: 'a custom metric',
  functions: 'functions',
  traces: 'traces',
  logs: 'their logs',
  ledger: 'the ledger',
} as const;
export type RestPart = keyof typeof REST_PARTS;

/** NeedsSomeone alone has values at every hour, and metrics cost for the hours in which they have some. */
const METRICS = 1;

/** What a tick logs: Lambda's lines and ours. On the safe side. */
const LOGGED_BYTES = 1_500;

/** A read unit is up to 4 KB, read consistently; the state with its lists has more. On the safe side. */
const READ_UNITS = 4;

/** US dollars a month for each part; every one but alarms and metrics grows with how often the tick comes. */
export function atRest(tickMinutes: number, prices: Prices): Record<RestPart, number> {
  const { alarmMonth, metricMonth, traceRecorded, logsIngestedGib, dynamodbReadUnit } = prices.prices;
  const ticks = (HOURS * 60) / tickMinutes;
  return {
    alarms: ALARM_IDS.length * alarmMonth.usd,
    metrics: METRICS * metricMonth.usd,
    functions: functionCalls(ticks, prices),
    // Lambda samples the first invocation of a second, which every tick is.
    traces: ticks * traceRecorded.usd,
    logs: ((ticks * LOGGED_BYTES) / 2 ** 30) * logsIngestedGib.usd,
    ledger: ticks * READ_UNITS * dynamodbReadUnit.usd,
  };
}
