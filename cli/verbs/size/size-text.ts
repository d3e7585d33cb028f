import { alignedColumns } from '../../../timeline/aligned-columns.ts';
import type { Assumptions, Estimate, Unsized } from './estimate.ts';
import type { TaskSize } from './footprint.ts';
import { REST_PARTS, type RestPart } from './at-rest.ts';
import { HOURS } from './function-calls.ts';
import { ITEMS, WAYS, type Item } from './monthly-cost.ts';
import { datesOf, type Prices } from './prices.ts';
import { FUNCTION_CALLS, TRANSITIONS } from './rollout-cost.ts';

/** All ways as wide as the last one's head. */
const HEADS = [`USD a month (${HOURS} hours)`, ...['x86_64', 'arm64', 'Spot, about'].map((way) => way.padStart(11))];
const WIDTH_MAX = 80;

const SOURCES = {
  configuration: 'as configured',
  flags: 'as the flags say',
  account: 'as it runs',
} as const satisfies Record<Estimate['source'], string>;

/** All lines that a person reads about one service; none is longer than 80 columns. */
export function estimateLines(estimate: Estimate): string[] {
  const { service, source, footprint, isPartial } = estimate;
  const lines = [
    `${service}, ${SOURCES[source]}`,
    `${tasks(footprint.count)} of ${sizeText(footprint)}, ${footprint.architecture}`,
    '',
    ...table(estimate),
    ...(isPartial ? ['Not counted, because only --live tells: public addresses, a load balancer.'] : []),
    '',
    ...restText(estimate),
    ...rolloutText(estimate),
    ...scalingText(estimate),
    ...verdictText(estimate),
    '',
  ];
  return lines.flatMap(folded);
}

/** What is said of the services that could not be told. */
export function unsizedLines(unsized: readonly Unsized[]): string[] {
  return unsized.flatMap(({ refusal }) => [...folded(`${refusal.message}.`), '']);
}

/** What holds for all estimates: how old the prices are, what was assumed, and what is left out. */
export function footnotes(prices: Prices, { logGibPerDay, lcus, rolloutMinutes }: Assumptions): string[] {
  const { region, spot } = prices;
  const { oldest, newest } = datesOf(prices);
  return [
    `Prices of ${region} only, dated ${oldest} to ${newest}; other Regions: --prices FILE.`,
    `Spot varies: ${spot.lowestPercent} to ${spot.highestPercent} % off, counted as ${spot.discountPercent} % (${spot.asOf}); AWS may stop such tasks.`,
    `Assumed: ${logGibPerDay} GiB of logs a day, ${lcus} LCU${lcus === 1 ? '' : 's'}, rollouts of ${rolloutMinutes} minutes.`,
    'Left out: free tiers, savings plans, data transfer, images, secrets.',
  ].flatMap(folded);
}

/** `0.5 vCPU and 1 GiB`. */
function sizeText({ cpu, memoryMiB }: TaskSize): string {
  return `${cpu / 1024} vCPU and ${memoryMiB / 1024} GiB`;
}

function table({ monthly }: Estimate): string[] {
  const items = (Object.entries(ITEMS) as [Item, string][])
    .filter(([item]) => WAYS.some((way) => monthly[way].items[item] > 0))
    .map(([item, name]) => [name, ...WAYS.map((way) => monthly[way].items[item].toFixed(2))]);
  const total = ['total', ...WAYS.map((way) => monthly[way].total.toFixed(2))];
  return alignedColumns([HEADS, ...items, total], [1, 2, 3]);
}

function restText({ atRest }: Estimate): string[] {
  const parts = Object.entries(atRest) as [RestPart, number][];
  const total = parts.reduce((sum, [, usd]) => sum + usd, 0);
  const told = parts.map(([part, usd]) => `$${usd.toFixed(usd < 0.01 ? 3 : 2)} for ${REST_PARTS[part]}`);
  return [`The orchestrator, when nobody pushes: $${total.toFixed(2)} a month: ${told.join(', ')}.`];
}

function rolloutText({ rollout }: Estimate): string[] {
  const { extraTasks, minutes, tasksUsd, totalUsd } = rollout;
  const beside = extraTasks === 0 ? 'no task more' : `${tasks(extraTasks)} more for ${minutes} minutes`;
  return [
    `One rollout: about $${totalUsd.toFixed(4)}: $${tasksUsd.toFixed(4)} for ${beside}, the rest for ${TRANSITIONS} state transitions and ${FUNCTION_CALLS} function calls.`,
  ];
}

function scalingText({ scaled, footprint: { scaling, architecture } }: Estimate): string[] {
  if (!scaled || !scaling) return [];
  const { minCount, maxCount } = scaling;
  return [
    `Autoscaling from ${minCount} to ${maxCount} tasks: $${scaled.least.toFixed(2)} to $${scaled.most.toFixed(2)} a month (${architecture}).`,
  ];
}

function verdictText({ verdict, source, judgedTotal, fittingTotal }: Estimate): string[] {
  if (!verdict) return ['Whether the size fits: --live asks the metrics of your account.'];
  const { word, reason, fitting } = verdict;
  const told = `${source === 'flags' ? 'The size that runs' : 'Size'}: ${WORDS[word]}; ${reason}.`;
  if (word === 'fits' || !fitting) return [told];
  const pair = `${sizeText(fitting)} (cpu ${fitting.cpu}, memoryMiB ${fitting.memoryMiB})`;
  return [
    told,
    `What would fit: ${pair}, $${fittingTotal!.toFixed(2)} instead of $${judgedTotal!.toFixed(2)} a month.`,
  ];
}

const WORDS = { over: 'too large', under: 'too small', fits: 'fits', unknown: 'unknown' } as const;

function tasks(count: number): string {
  return `${count} task${count === 1 ? '' : 's'}`;
}

/** A sentence in lines of at most 80 columns, the later ones indented. */
function folded(text: string): string[] {
  if (text.length <= WIDTH_MAX) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH_MAX) {
      lines.push(line);
      line = ' ';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
