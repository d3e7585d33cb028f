import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPrices } from '../../cli/verbs/size/prices.ts';
import { atRest } from '../../cli/verbs/size/at-rest.ts';
import { ALARM_IDS } from '../../configuration/names.ts';
import * as names from '../../functions/rollout/metric-names.ts';
import { EVERY_OUTCOME, OUTCOMES } from '../../functions/rollout/outcomes.ts';
import { cellTemplate, resourcesOf } from '../infra/cell-template.ts';

const text = readFileSync('docs/monitoring.md', 'utf8');

/** The names in backticks that begin the rows of a section's table. */
function rowsOf(section: string): string[] {
  const [, body = ''] = new RegExp(`\n## ${section}\n([^]*?)(?=\n## |$)`).exec(text) ?? [];
  const heads = [...body.matchAll(/^\| (`[^|]*?) +\|/gm)].map(([, head]) => head!);
  return heads.flatMap((head) => [...head.matchAll(/`([^`]*)`/g)].map(([, name]) => name!));
}

describe('docs/monitoring.md', () => {
  it('lists the metrics that functions emit and those that are counted in logs, and no other', () => {
    const { METRIC_NAMESPACE, ...others } = names;
    const filters = resourcesOf(cellTemplate(), 'AWS::Logs::MetricFilter').values();
    const counted = [...filters].map(({ Properties }) => {
      const [{ MetricName, MetricNamespace } = {}] = Properties.MetricTransformations;
      expect(MetricNamespace).toBe(METRIC_NAMESPACE);
      return MetricName!.replace('/rollouts-api', '/<stack>');
    });
    const emitted = Object.values(others).flat();
    expect(rowsOf('Metrics').sort()).toEqual([...new Set([...emitted, ...counted])].sort());
  });

  it('lists the alarms in their order', () => {
    expect(rowsOf('Alarms')).toEqual([...ALARM_IDS]);
  });

  it('names the outcomes that need someone, in the row of their alarm', () => {
    const row = text.split('\n').find((line) => line.startsWith('| `NeedsSomeone`') && line.includes('FAILED'))!;
    const named = EVERY_OUTCOME.filter((outcome) => row.includes(`\`${outcome}\``));
    expect(named).toEqual(EVERY_OUTCOME.filter((outcome) => OUTCOMES[outcome].needs !== null));
  });

  it('tells the prices that are counted with', () => {
    const { alarmMonth, metricMonth, dashboardMonth } = readPrices().prices;
    const usd = (amount: number): string => `$${amount.toFixed(2)}`;
    const { alarms, metrics, ...ticks } = atRest(5, readPrices());
    const ofTicks = Object.values(ticks).reduce((sum, part) => sum + part, 0);
    const costs = [
      ...text.matchAll(/^\| (alarms|the metric `NeedsSomeone`|the tick[^|]*?|dashboard) +\| (\$[\d.]+) /gm),
    ];
    expect(costs.map(([, what, cost]) => [what, cost])).toEqual([
      ['alarms', usd(alarms)],
      ['the metric `NeedsSomeone`', usd(metrics)],
      ['the tick, every five minutes', usd(ofTicks)],
      ['dashboard', usd(dashboardMonth.usd)],
    ]);
    expect(text).toContain(`six alarms on one metric each, ${usd(alarmMonth.usd)}`);
    expect(text).toContain(`A metric costs ${usd(metricMonth.usd)} a month`);
  });
});
