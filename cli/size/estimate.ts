import type { Footprint } from './footprint.ts';
import { judgeSize, type SizeVerdict, type Utilisation } from './judge-size.ts';
import { monthlyCost, WAYS, type MonthlyCost, type Usage, type Way } from './monthly-cost.ts';
import type { Prices } from './prices.ts';
import { rolloutCost, type RolloutCost } from './rollout-cost.ts';

/** What is assumed because nothing says it. */
export interface Assumptions extends Usage {
  readonly rolloutMinutes: number;
}

/** Everything that is told of one service. */
export interface Estimate {
  /** `cluster/service` */
  readonly service: string;
  /** Where the size comes from. */
  readonly source: 'configuration' | 'flags' | 'account';
  readonly footprint: Footprint;
  readonly monthly: Readonly<Record<Way, MonthlyCost>>;
  /** Totals at the ends of autoscaling, on the service's own architecture. */
  readonly scaled?: { readonly least: number; readonly most: number };
  readonly rollout: RolloutCost;
  /** Absent when the account was not asked. */
  readonly verdict?: SizeVerdict;
  readonly utilisation?: Utilisation;
  /** What a month would cost with the fitting size, on the service's own architecture. */
  readonly fittingTotal?: number;
}

/** What is known of one service. */
export interface Known {
  readonly service: string;
  readonly source: Estimate['source'];
  readonly footprint: Footprint;
  readonly utilisation?: Utilisation | undefined;
}

/** Estimates one service: its month, its rollout, and whether its size fits. */
export function estimate(known: Known, assumptions: Assumptions, prices: Prices): Estimate {
  const { footprint, service, source, utilisation } = known;
  const month = (of: Footprint, way: Way = footprint.architecture): MonthlyCost =>
    monthlyCost(of, assumptions, prices, way);
  const { scaling } = footprint;
  const verdict = utilisation && judgeSize(utilisation, footprint);
  return {
    service,
    source,
    footprint,
    monthly: Object.fromEntries(WAYS.map((way) => [way, month(footprint, way)])) as Record<Way, MonthlyCost>,
    ...(scaling && {
      scaled: {
        least: month({ ...footprint, count: scaling.minCount }).total,
        most: month({ ...footprint, count: scaling.maxCount }).total,
      },
    }),
    rollout: rolloutCost(footprint, assumptions.rolloutMinutes, prices),
    ...(verdict && { verdict, utilisation }),
    ...(verdict?.fitting && { fittingTotal: month({ ...footprint, ...verdict.fitting }).total }),
  };
}
