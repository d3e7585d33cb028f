import { alignedColumns } from './aligned-columns.ts';
import type { Palette } from './palette.ts';
import {
  hasPassed,
  isOutcomeAsTold,
  isPathAsTold,
  NOT_PLAYED,
  transitionsPriceUsd,
  type ScenarioReport,
} from './scenario-report.ts';

const HEADS = ['scenario', 'outcome', 'virtual', 'steps', 'price', 'calls', 'lag'];
/** Indices of all columns but the scenario and its outcome. */
const NUMBERS = [2, 3, 4, 5, 6];

/** As wide as the screen that all of it fits: 80 columns. */
const LEGEND = 'steps: state transitions; calls: to AWS; lag: from when ECS knew to our verdict';
const PATH_INDENT = ' '.repeat(8);
const PATH_WIDTH = 72;

/** How much a summary says. */
interface SummaryDetail {
  /** The path of every scenario; where it is not the story's it is told anyway. */
  readonly hasPaths: boolean;
}

/**
 * A table with a row per scenario, a service's below its name where there are several; below it what did not end as its story
 * says, how many did, and in the end the point: how soon a bad image was noticed and taken back.
 */
export function summary(
  reports: readonly ScenarioReport[],
  palette: Palette,
  { hasPaths }: SummaryDetail = { hasPaths: false },
): string[] {
  const isOneService = new Set(reports.map(({ service }) => service)).size < 2;
  const [heads, ...lines] = alignedColumns([HEADS, ...reports.map(row)], NUMBERS);
  const marked = reports.flatMap((report, index) => {
    const isNext = !isOneService && report.service !== reports[index - 1]?.service;
    const mark = hasPassed(report) ? palette.good('ok  ') : palette.bad('FAIL');
    const path = hasPaths ? pathLines(report.path).map((text) => palette.faint(`${PATH_INDENT}${text}`)) : [];
    return [...(isNext ? [palette.strong(report.service)] : []), `${mark}  ${lines[index]}`, ...path];
  });
  return [
    palette.faint(`      ${heads}`),
    ...marked,
    '',
    palette.faint(LEGEND),
    ...reports.flatMap((report) => complaints(report)).map(palette.bad),
    ...refusalSentences(reports).map(palette.bad),
    conclusion(reports, isOneService, palette),
    ...reports.flatMap((report) => wayBackLines(report, isOneService)).map(palette.strong),
  ];
}

function row(report: ScenarioReport): string[] {
  const lag = report.detectionLagSeconds;
  return [
    report.name,
    report.outcome,
    `${report.virtualSeconds.toFixed(1)} s`,
    String(report.stateTransitions),
    `$${transitionsPriceUsd(report).toFixed(6)}`,
    String(report.awsCalls),
    lag === undefined ? '-' : `${lag.toFixed(2)} s`,
  ];
}

/** What all this is for, of a scenario that ended as its story says. */
function wayBackLines(report: ScenarioReport, isOneService: boolean): string[] {
  const { wayBack } = report;
  if (!wayBack || !hasPassed(report)) return [];
  const { noticedSeconds, backSeconds, fewestServing, desiredCount } = wayBack;
  const times = `bad image noticed after ${noticedSeconds.toFixed(1)} s, proven image back at ${backSeconds.toFixed(1)} s,`;
  const tasks = (count: number): string => `${count} ${count === 1 ? 'task' : 'tasks'}`;
  const served =
    fewestServing >= desiredCount
      ? `${tasks(desiredCount)} served throughout`
      : `never fewer than ${fewestServing} of ${tasks(desiredCount)} served`;
  return [`${nameOf(report, isOneService)}: ${times}`, `${PATH_INDENT}${served}`];
}

function nameOf({ service, name }: ScenarioReport, isOneService: boolean): string {
  return isOneService ? name : `${service} ${name}`;
}

/** `A > B x2 > C` where B was entered twice in a row; as many lines as it takes. */
function pathLines(path: readonly string[]): string[] {
  const lines: string[] = [];
  for (const step of stepsOf(path)) {
    const longer = lines.length === 0 ? step : `${lines.at(-1)} > ${step}`;
    if (lines.length > 0 && longer.length > PATH_WIDTH) lines.push(`> ${step}`);
    else lines.splice(-1, 1, longer);
  }
  return lines;
}

function stepsOf(path: readonly string[]): string[] {
  const runs: { state: string; times: number }[] = [];
  for (const state of path) {
    const last = runs.at(-1);
    if (last?.state === state) last.times++;
    else runs.push({ state, times: 1 });
  }
  return runs.map(({ state, times }) => (times > 1 ? `${state} x${times}` : state));
}

/** What is not as a scenario's story says. A refusal explains the outcome better than the sentence in which a handler died of it. */
export function complaints(report: ScenarioReport): string[] {
  const found: string[] = [];
  const isPlayed = report.outcome !== NOT_PLAYED;
  if (isPlayed && !isOutcomeAsTold(report)) {
    const why = report.message && report.refusals.length === 0 ? `: ${report.message}` : '';
    found.push(`the story ends ${report.expected}, this ended ${report.outcome}${why}`);
  }
  if (isPlayed && !isPathAsTold(report)) found.push(`the story's path is ${report.expectedPath.join(' > ')}`);
  return [...found, ...report.differences].map((text) => `${report.name}: ${text}`);
}

/** One sentence for each permission that a role lacks, however many scenarios and resources met it. */
export function refusalSentences(reports: readonly ScenarioReport[]): string[] {
  const lacking = new Map(
    reports.flatMap(({ refusals }) => refusals).map((refusal) => [`${refusal.role} ${refusal.action}`, refusal]),
  );
  return [...lacking.values()].map(({ role, action, resource }) => `the role ${role} may not ${action} on ${resource}`);
}

function conclusion(reports: readonly ScenarioReport[], isOneService: boolean, palette: Palette): string {
  const failed = reports.filter((report) => !hasPassed(report));
  const count = `${reports.length - failed.length} of ${reports.length} scenarios ended as their stories say`;
  if (failed.length === 0) return palette.good(`${count}.`);
  return palette.bad(`${count}; not ${failed.map((report) => nameOf(report, isOneService)).join(', ')}.`);
}
