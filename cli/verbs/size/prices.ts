import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../terminal/command.ts';

const DEFAULT_FILE = join(import.meta.dirname, 'prices.json');

const dated = { asOf: z.iso.date(), source: z.url() };
const price = z.strictObject({ usd: z.number().nonnegative(), unit: z.string().min(1), ...dated });
const percent = z.number().min(0).max(100);

const pricesSchema = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
  prices: z.strictObject({
    fargateX86VcpuHour: price,
    fargateX86GibHour: price,
    fargateArmVcpuHour: price,
    fargateArmGibHour: price,
    ephemeralStorageGibHour: price,
    publicIpv4Hour: price,
    loadBalancerHour: price,
    loadBalancerLcuHour: price,
    logsIngestedGib: price,
    logsStoredGibMonth: price,
    alarmMonth: price,
    metricMonth: price,
    dashboardMonth: price,
    traceRecorded: price,
    dynamodbReadUnit: price,
    stateTransition: price,
    lambdaRequest: price,
    lambdaArmGbSecond: price,
  }),
  /** Spot has no fixed price: what is taken off here is an estimate between what was seen lowest and highest. */
  spot: z.strictObject({ discountPercent: percent, lowestPercent: percent, highestPercent: percent, ...dated }),
});

/** One Region's prices in US dollars, each with its unit, date and source. */
export type Prices = z.infer<typeof pricesSchema>;

/** The prices of a file in the shape of `prices.json`, or of that file itself; throws {@link UsageError}. */
export function readPrices(file: string = DEFAULT_FILE): Prices {
  const parsed = pricesSchema.safeParse(parse(file, contentOf(file)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusal(file, `${issue!.path.join('.') || 'the document'}: ${issue!.message}`);
}

/** The first and the last date that a price bears, as YYYY-MM-DD. */
export function datesOf({ prices, spot }: Prices): { readonly oldest: string; readonly newest: string } {
  const dates = [...Object.values(prices), spot].map(({ asOf }) => asOf).sort();
  return { oldest: dates[0]!, newest: dates.at(-1)! };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`--prices ${file}: there is no such file to read; start from cli/size/prices.json`);
  }
}

function parse(file: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw refusal(file, error instanceof Error ? error.message : String(error));
  }
}

function refusal(file: string, problem: string): UsageError {
  return new UsageError(`--prices ${file} is not a price file, ${problem}; start from cli/size/prices.json`);
}
