import type { Assumptions, Estimate, Unsized } from './estimate.ts';
import { HOURS } from './monthly-cost.ts';
import { datesOf, type Prices } from './prices.ts';

/** The document of `rollouts size --json`, as docs/sizing.md describes it. */
export function sizeDocument(
  estimates: readonly Estimate[],
  unsized: readonly Unsized[],
  prices: Prices,
  assumptions: Assumptions,
): object {
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
function rounded(document: object): object {
  return JSON.parse(
    JSON.stringify(document, (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(6)) : value)),
  ) as object;
}

function serviceMember(estimate: Estimate): object {
  const { service, source, isPartial, footprint, monthly, scaled, rollout, verdict, utilisation, fittingTotal } =
    estimate;
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
    scaled: scaled ?? null,
    rollout,
    size: verdict
      ? {
          word: verdict.word,
          reason: verdict.reason,
          fitting: verdict.fitting ? { ...verdict.fitting, monthlyTotal: fittingTotal } : null,
          hours: utilisation!.hours,
          cpuPercent: utilisation!.shares?.cpu ?? null,
          memoryPercent: utilisation!.shares?.memory ?? null,
        }
      : null,
  };
}
