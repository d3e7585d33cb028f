import { join } from 'node:path';
import { atRest } from '../cli/verbs/size/at-rest.ts';
import { functionCalls } from '../cli/verbs/size/function-calls.ts';
import { readPrices } from '../cli/verbs/size/prices.ts';
import { addOldImages } from '../rehearsal/cell/old-images.ts';
import { openWorld, type World } from '../rehearsal/world.ts';
import { checkConfiguration } from '../configuration/check-configuration.ts';
import { synthesize } from '../infra/synthesize.ts';
import type { Measurement } from './measurement.ts';

/** Tagged images beside the one that runs. */
const IMAGES = [10, 1_500, 10_000, 100_000];
const PRICES = readPrices();
const HOURS = 2;
const HOURS_A_DAY = 24;
const DAYS_A_MONTH = 30;
/** A call to read the ledger and one to list a page; beyond a page of images, one to remember how far the list is. */
const CALLS_A_TICK = { onePage: 2, manyPages: 3 };
const TICK_MINUTES = 5;
const TICKS_A_DAY = 288;

/**
 * us-east-1, on demand: DynamoDB's read and write request units (https://aws.amazon.com/dynamodb/pricing/on-demand/). Other prices
 * are those of `rollouts size`, each with its source; ECR's calls are free.
 */
const DOLLARS = { read: 0.125e-6, write: 0.625e-6 };
/** Of a ledger of 8 KB. */
const READS_A_TICK = 2;

/** What a cell costs that nobody pushes to, by how many images its repository has: the tag policy lists them. */
export async function measureIdleCells(scratch: string): Promise<Measurement[]> {
  const assembly = join(scratch, 'idle');
  const service = {
    repository: 'team/api',
    container: 'api',
    tag: { glob: 'main-*' },
    cluster: 'prod',
    service: 'api',
  };
  await synthesize(checkConfiguration({ services: [service] }, 'bench'), { outdir: assembly });
  const measurements = [measureWatching()];
  for (const images of IMAGES) measurements.push(...(await measureIdle(assembly, images)));
  return measurements;
}

/** What a cell costs to which nobody pushes, an account's free alarms and metrics left out. */
function measureWatching(): Measurement {
  const value = Object.values(atRest(TICK_MINUTES, PRICES)).reduce((total, part) => total + part, 0);
  return { name: 'idle cell: dollars a month', value, unit: '$', bound: 1 };
}

async function measureIdle(assembly: string, images: number): Promise<Measurement[]> {
  const world = await openWorld({ assembly, hasTicks: true });
  addOldImages(world.region, world.config, images, (index) => `main-${index}`);
  // The first look, and for many images the pass through all of them that it waits for.
  await world.advance(3600 + (images / 1000) * 300);
  const calls = await callsIn(world, HOURS * 3600);
  await world.close();
  const aDay = (count: number): number => (count * HOURS_A_DAY) / HOURS;
  const bound = (images > 1000 ? CALLS_A_TICK.manyPages : CALLS_A_TICK.onePage) * TICKS_A_DAY;
  return [
    { name: `idle cell, ${images} images: AWS calls a day`, value: aDay(calls.all), unit: '', bound },
    {
      name: `idle cell, ${images} images: dollars a month for its ticks`,
      value: dollars(aDay(calls.writes)),
      unit: '$',
      bound: 0.05,
    },
  ];
}

/** The free tier of Lambda left out. */
function dollars(writesADay: number): number {
  const ticks = functionCalls(TICKS_A_DAY, PRICES) + TICKS_A_DAY * READS_A_TICK * DOLLARS.read;
  return DAYS_A_MONTH * (ticks + writesADay * DOLLARS.write);
}

interface Calls {
  readonly all: number;
  readonly writes: number;
}

/** Calls of our functions while nobody does anything. */
async function callsIn({ region, advance }: World, seconds: number): Promise<Calls> {
  let [all, writes, isCounting] = [0, 0, true];
  region.onPark(({ phase, operation, caller }) => {
    if (!isCounting || phase === 'answer' || caller?.kind !== 'role') return 'proceed';
    all++;
    if (operation === 'PutItem') writes++;
    return 'proceed';
  });
  await advance(seconds);
  isCounting = false;
  return { all, writes };
}
