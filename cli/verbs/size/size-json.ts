import { z } from 'zod';
import { list, shape, version } from '../../terminal/document.ts';
import type { Assumptions, Estimate, Unsized } from './estimate.ts';
import { HOURS } from './function-calls.ts';
import { datesOf, type Prices } from './prices.ts';

const usd = z.number();
const items = z.strictObject({
  vcpu: usd.describe('Every second of every task.'),
  memory: usd.describe('The same.'),
  ephemeralStorage: usd.describe('What tasks have beyond 20 GiB.'),
  publicIpv4: usd.describe('Of the tasks.'),
  loadBalancer: usd.describe('Its hours, capacity units and addresses.'),
  logs: usd.describe('What comes in, and what is kept.'),
  orchestrator: usd.describe('What it costs when nobody pushes: the sum of `atRest`.'),
  dashboard: usd.describe('What it shares with the other services of the file; 0 without one.'),
});
const monthSchema = shape('month', {
  items: items.describe('What it is made of.'),
  total: usd.describe('Their sum.'),
});
const shareSchema = shape('share', {
  average: z.number().describe('Percent, over the whole time.'),
  busiestHour: z.number().describe('The highest hourly average.'),
  peak: z.number().describe('The highest single value.'),
});

const estimateSchema = shape('estimate', {
  service: z.string().describe('`cluster/service`.'),
  source: z.enum(['configuration', 'flags', 'account']).describe('Where size and count come from.'),
  partial: z
    .boolean()
    .describe(
      'True when addresses and load balancer are not known and so not counted: an adopted service without `--live`.',
    ),
  architecture: z.enum(['x86_64', 'arm64']).describe('What the tasks run on.'),
  cpu: z.number().describe('CPU units; 1024 are one vCPU.'),
  memoryMiB: z.number().describe('Memory of a task.'),
  ephemeralStorageGiB: z.number().describe('Storage of a task, the free 20 GiB included.'),
  count: z.number().describe('Tasks that run all the time.'),
  monthly: z
    .strictObject({
      x86_64: monthSchema.describe('On x86.'),
      arm64: monthSchema.describe('On ARM.'),
      spot: monthSchema.describe("On Spot capacity of the service's own architecture."),
    })
    .describe('What a month costs.'),
  atRest: z
    .strictObject({
      alarms: usd.describe('Its alarms.'),
      metrics: usd.describe('The metric that has values at every hour.'),
      functions: usd.describe('The tick.'),
      traces: usd.describe('Of the tick, in X-Ray.'),
      logs: usd.describe('What the tick logs.'),
      ledger: usd.describe('What the tick reads.'),
    })
    .describe('What the orchestrator costs a month when nobody pushes.'),
  scaled: z
    .strictObject({
      least: usd.describe('With the fewest tasks.'),
      most: usd.describe('With the most.'),
    })
    .nullable()
    .describe('Monthly totals at the ends of autoscaling; null without it.'),
  rollout: z
    .strictObject({
      minutes: z.number().describe('How long two sets of tasks run.'),
      extraTasks: z.number().describe('Tasks that run beside the old ones.'),
      tasksUsd: usd.describe('For those tasks.'),
      transitionsUsd: usd.describe('For state transitions.'),
      functionsUsd: usd.describe('For function calls.'),
      totalUsd: usd.describe('All together.'),
    })
    .describe('What one rollout costs.'),
  size: z
    .strictObject({
      word: z.enum(['over', 'under', 'fits', 'unknown']).describe('The verdict.'),
      reason: z.string().describe('Why, in a sentence.'),
      fitting: z
        .strictObject({
          cpu: z.number().describe('CPU units.'),
          memoryMiB: z.number().describe('Memory of a task.'),
          monthlyTotal: usd.describe('What a month costs with it.'),
        })
        .nullable()
        .describe('The smallest size that would do; null when none would, or too little is known.'),
      hours: z.number().describe('Hours of which both CPU and memory are known.'),
      cpuPercent: shareSchema.nullable().describe('How much was used; null when no hour is known.'),
      memoryPercent: shareSchema.nullable().describe('The same.'),
    })
    .nullable()
    .describe('Whether the size that runs fits; null without `--live`.'),
});

/** The document of `rollouts size --json`. */
export const sizeSchema = z.strictObject({
  schema: version,
  currency: z.literal('USD').describe('Of all amounts.'),
  hoursPerMonth: z.literal(730).describe('What a month is counted as.'),
  prices: z
    .strictObject({
      region: z.string().describe('Whose prices they are.'),
      oldest: z.iso.date().describe('The date of the oldest price.'),
      newest: z.iso.date().describe('Of the newest.'),
      spotDiscountPercent: z.number().describe('What Spot is counted with.'),
    })
    .describe('What was counted with.'),
  assumptions: z
    .strictObject({
      logGibPerDay: z.number().describe('`--log-gib-per-day`'),
      lcus: z.number().describe('`--lcu`'),
      rolloutMinutes: z.number().describe('`--rollout-minutes`'),
    })
    .describe('What nothing but the use decides.'),
  services: list(estimateSchema).describe('One per service, in the order of the configuration.'),
  unsized: list(
    z.strictObject({
      service: z.string().describe('`cluster/service`.'),
      message: z.string().describe('What would tell its size.'),
    }),
  ).describe('Services whose size is not known. Where there are no others, the run fails.'),
});
export type SizeDocument = z.infer<typeof sizeSchema>;

/** The document of `rollouts size --json`. */
export function sizeJson(
  estimates: readonly Estimate[],
  unsized: readonly Unsized[],
  prices: Prices,
  assumptions: Assumptions,
): SizeDocument {
  const { oldest, newest } = datesOf(prices);
  return rounded({
    schema: 1,
    currency: 'USD',
    hoursPerMonth: HOURS,
    prices: { region: prices.region, oldest, newest, spotDiscountPercent: prices.spot.discountPercent },
    assumptions,
    services: estimates.map(serviceMember),
    unsized: unsized.map(({ service, refusal }) => ({ service, message: refusal.message })),
  });
}

/** Six decimals: fractions of a cent count in a rollout, and what comes after them is the noise of binary numbers. */
function rounded(document: SizeDocument): SizeDocument {
  return JSON.parse(
    JSON.stringify(document, (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(6)) : value)),
  ) as SizeDocument;
}

function serviceMember(estimate: Estimate): SizeDocument['services'][number] {
  const {
    service,
    source,
    isPartial,
    footprint,
    monthly,
    atRest,
    scaled,
    rollout,
    verdict,
    utilisation,
    fittingTotal,
  } = estimate;
  return {
    service,
    source,
    partial: isPartial,
    architecture: footprint.architecture,
    cpu: footprint.cpu,
    memoryMiB: footprint.memoryMiB,
    ephemeralStorageGiB: footprint.ephemeralStorageGiB,
    count: footprint.count,
    monthly,
    atRest,
    scaled: scaled ?? null,
    rollout,
    size: verdict
      ? {
          word: verdict.word,
          reason: verdict.reason,
          fitting: verdict.fitting ? { ...verdict.fitting, monthlyTotal: fittingTotal! } : null,
          hours: utilisation!.hours,
          cpuPercent: utilisation!.shares?.cpu ?? null,
          memoryPercent: utilisation!.shares?.memory ?? null,
        }
      : null,
  };
}
