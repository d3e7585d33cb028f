import type { Palette } from './palette.ts';
import { hasPassed, isPathAsTold, transitionsPriceUsd, type ScenarioReport } from './scenario-report.ts';

const COLUMNS = ['scenario', 'outcome', 'virtual', 'transitions', 'price', 'AWS calls', 'lag', 'path'] as const;
/** Numbers stand under one another. */
const RIGHT_ALIGNED = new Set<string>(['virtual', 'transitions', 'price', 'AWS calls', 'lag']);

/** A table with one line per scenario, and below it what did not end as its story says. */
export function summary(reports: readonly ScenarioReport[], palette: Palette): string[] {
  const isOneService = new Set(reports.map(({ service }) => service)).size < 2;
  const rows = reports.map((report) => row(report, isOneService));
  const widths = COLUMNS.map((name, column) => Math.max(name.length, ...rows.map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => aligned(cell, widths[column]!, COLUMNS[column]!))
      .join('  ')
      .trimEnd();
  const marked = rows.map((cells, index) => {
    const passed = hasPassed(reports[index]!);
    return `${passed ? palette.good('ok  ') : palette.bad('FAIL')}  ${line(cells)}`;
  });
  return [
    palette.faint(`      ${line(COLUMNS)}`),
    ...marked,
    ...reports.flatMap((report) => complaints(report, palette)),
  ];
}

function row(report: ScenarioReport, isOneService: boolean): string[] {
  const lag = report.detectionLagSeconds;
  return [
    isOneService ? report.name : `${report.service} ${report.name}`,
    report.outcome,
    `${report.virtualSeconds.toFixed(1)} s`,
    String(report.stateTransitions),
    `$${transitionsPriceUsd(report).toFixed(6)}`,
    String(report.awsCalls),
    lag === undefined ? '-' : `${lag.toFixed(2)} s`,
    pathText(report.path),
  ];
}

/** `A > B x2 > C` where B was entered twice in a row. */
function pathText(path: readonly string[]): string {
  const runs: { state: string; times: number }[] = [];
  for (const state of path) {
    const last = runs.at(-1);
    if (last?.state === state) last.times++;
    else runs.push({ state, times: 1 });
  }
  return runs.map(({ state, times }) => (times > 1 ? `${state} x${times}` : state)).join(' > ');
}

function aligned(cell: string, width: number, column: string): string {
  return RIGHT_ALIGNED.has(column) ? cell.padStart(width) : cell.padEnd(width);
}

function complaints(report: ScenarioReport, palette: Palette): string[] {
  const found: string[] = [];
  if (report.outcome !== report.expected) {
    const why = report.message ? `: ${report.message}` : '';
    found.push(`the story ends ${report.expected}, this ended ${report.outcome}${why}`);
  }
  if (!isPathAsTold(report)) found.push(`the story's path is ${report.expectedPath.join(' > ')}`);
  return [...found, ...report.differences].map((text) => palette.bad(`${report.name}: ${text}`));
}
