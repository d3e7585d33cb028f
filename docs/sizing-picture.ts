/** The picture of docs/sizing.md, drawn from the price file. */
import type { Footprint } from '../cli/verbs/size/footprint.ts';
import { ITEMS, monthlyCost, WAYS, type Item, type MonthlyCost, type Way } from '../cli/verbs/size/monthly-cost.ts';
import { readPrices, type Prices } from '../cli/verbs/size/prices.ts';

/** The service of the guide's example. */
const EXAMPLE: Footprint = {
  cpu: 512,
  memoryMiB: 1024,
  architecture: 'x86_64',
  ephemeralStorageGiB: 20,
  count: 2,
  hasPublicIp: true,
  loadBalancer: { addresses: 2 },
  maximumPercent: 200,
  logRetentionDays: 30,
  tickMinutes: 5,
  dashboardShare: 1,
};

const NAMES: Readonly<Record<Way, string>> = { x86_64: 'x86_64', arm64: 'arm64', spot: 'Spot (about)' };

/** Distinct in brightness too, and light enough for dark text on them. */
const COLOURS: Readonly<Record<Item, string>> = {
  vcpu: '#6baed6',
  memory: '#c6dbef',
  ephemeralStorage: '#d9d9d9',
  publicIpv4: '#fdae6b',
  loadBalancer: '#fdd0a2',
  logs: '#74c476',
  orchestrator: '#c7e9c0',
  dashboard: '#dadaeb',
};

const WIDTH = 760;
const LEFT = 110;
const BAR = { height: 44, step: 64, top: 56, widthMax: 560 };
/** A segment narrower than this has no room for its amount. */
const LABELLED_MIN = 34;

/** An SVG: a month of the example in each way of running it, divided by what is paid for. */
export function sizingPicture(prices: Prices = readPrices()): string {
  const months = WAYS.map((way) => [way, monthOf(way, prices)] as const);
  const scale = BAR.widthMax / Math.max(...months.map(([, { total }]) => total));
  const paid = (Object.keys(ITEMS) as Item[]).filter((item) => months.some(([, { items }]) => items[item] > 0));
  const legendTop = BAR.top + months.length * BAR.step + 18;
  const height = legendTop + 60;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="14" fill="#1a1a1a">`,
    '  <title>What two small tasks behind a load balancer cost in a month</title>',
    `  <rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `  <text x="16" y="30" font-size="16">Two tasks of 0.5 vCPU and 1 GiB behind a load balancer: US dollars a month, ${prices.region}</text>`,
    ...months.flatMap(([way, month], row) => bar(NAMES[way], month, BAR.top + row * BAR.step, scale)),
    ...paid.flatMap((item, index) => legendEntry(item, 16 + (index % 3) * 240, legendTop + Math.floor(index / 3) * 26)),
    '</svg>',
    '',
  ].join('\n');
}

function monthOf(way: Way, prices: Prices): MonthlyCost {
  return monthlyCost(EXAMPLE, { logGibPerDay: 0.1, lcus: 1 }, prices, way);
}

function bar(name: string, { items, total }: MonthlyCost, top: number, scale: number): string[] {
  const middle = top + BAR.height / 2 + 5;
  const lines = [`  <text x="16" y="${middle}">${name}</text>`];
  let left = LEFT;
  for (const [item, usd] of Object.entries(items) as [Item, number][]) {
    const width = usd * scale;
    if (width > 0) lines.push(...segment(item, usd, { left, top, width }));
    left += width;
  }
  return [...lines, `  <text x="${at(left + 10)}" y="${middle}" font-weight="bold">${total.toFixed(2)}</text>`];
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

function segment(item: Item, usd: number, { left, top, width }: Box): string[] {
  const box = `x="${at(left)}" y="${top}" width="${at(width)}" height="${BAR.height}"`;
  const rect = `  <rect ${box} fill="${COLOURS[item]}" stroke="#ffffff"/>`;
  if (width < LABELLED_MIN) return [rect];
  const [centre, middle] = [at(left + width / 2), top + BAR.height / 2 + 5];
  return [rect, `  <text x="${centre}" y="${middle}" text-anchor="middle">${usd.toFixed(2)}</text>`];
}

function legendEntry(item: Item, left: number, top: number): string[] {
  return [
    `  <rect x="${left}" y="${top}" width="16" height="16" fill="${COLOURS[item]}"/>`,
    `  <text x="${left + 24}" y="${top + 13}">${ITEMS[item]}</text>`,
  ];
}

function at(position: number): string {
  return position.toFixed(1);
}
