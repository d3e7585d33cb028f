import { writeFileSync } from 'node:fs';
import type { Chronicle } from '../../../picture/chronicle.ts';
import { pageHtml, type Page } from '../../../picture/page.ts';
import type { Story } from '../../../rehearsal/stories.ts';
import { hasPassed, type ScenarioReport } from '../../../timeline/scenario-report.ts';
import { complaints, refusalSentences } from '../../../timeline/summary.ts';

/** A story that was played, and what happened in it. */
export interface Drawn {
  readonly story: Story;
  readonly chronicle: Chronicle;
}

/** Writes one file with every scenario that was played; answers its path. */
export function drawRehearsal(path: string, reports: readonly ScenarioReport[], drawn: readonly Drawn[]): string {
  writeFileSync(path, pageHtml(pageOf(reports, drawn)));
  return path;
}

/** The page of a rehearsal: first what did not end as its story says, then a section for each scenario. */
export function pageOf(reports: readonly ScenarioReport[], drawn: readonly Drawn[]): Page {
  const passed = reports.filter(hasPassed).length;
  const faults = [...new Set(reports.flatMap((report) => report.faults))];
  return {
    title: 'Rehearsal',
    sentence: `${passed} of ${reports.length} ${reports.length === 1 ? 'scenario' : 'scenarios'} ended as ${reports.length === 1 ? 'its story says' : 'their stories say'}.`,
    facts: [
      { name: 'Services', value: [...new Set(reports.map(({ service }) => service))].join(', ') },
      ...(faults.length > 0 ? [{ name: 'Faults', value: faults.join(', ') }] : []),
    ],
    violations: [...reports.flatMap(complaints), ...refusalSentences(reports)],
    worlds: drawn.map(({ story, chronicle }) => ({
      title: `${chronicle.service}: ${story.name}`,
      sentence: story.title,
      chronicle,
    })),
  };
}
