import type { HistoryEntry } from '../../../functions/rollout/ledger.ts';
import { timeSpentOf, timeSpentTexts, type TimeSpent } from '../../../functions/rollout/time-spent.ts';
import { hasPassed, type ScenarioReport } from '../../../timeline/scenario-report.ts';
import { hangingLines } from '../../terminal/layout.ts';

/** Where the time of a played rollout went, by what the history keeps of it; undefined where nothing was rolled. */
export function timeSpentIn({ entry }: ScenarioReport): TimeSpent | undefined {
  return entry && timeSpentOf(entry as HistoryEntry);
}

/** Where the time of the first rollout went that succeeded, and what would make it faster: a slow one is seen before it is deployed. */
export function timeLines(reports: readonly ScenarioReport[]): string[] {
  const good = reports.find((report) => report.outcome === 'SUCCEEDED' && hasPassed(report) && timeSpentIn(report));
  if (!good) return [];
  const [whole = '', ...advice] = timeSpentTexts(timeSpentIn(good)!);
  return [
    ...hangingLines('', `${good.name}: where the time went, ${whole}`),
    ...advice.flatMap((text) => hangingLines('  ', text)),
  ];
}
