import { atRest, type RestPart } from './at-rest.ts';
import type { Footprint, TaskSize } from './footprint.ts';
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
  /** True when nothing but the size is known: neither addresses nor a load balancer. */
  readonly isPartial: boolean;
  readonly monthly: Readonly<Record<Way, MonthlyCost>>;
  /** What the orchestrator costs a month when nobody pushes, in US dollars. */
  readonly atRest: Readonly<Record<RestPart, number>>;
  /** Totals at the ends of autoscaling, on the service's own architecture. */
  readonly scaled: { readonly least: number; readonly most: number } | undefined;
  readonly rollout: RolloutCost;
  /** Absent when the account was not asked. */
  readonly verdict: SizeVerdict | undefined;
  readonly utilisation: Utilisation | undefined;
  /** What a month costs with the size that was judged and with the fitting one, on the service's own architecture. */
  readonly judgedTotal: number | undefined;
  readonly fittingTotal: number | undefined;
}

/** A service whose size nobody tells, and the sentence that says what would. */
export interface Unsized {
  /** `cluster/service` */
  readonly service: string;
  readonly refusal: Error;
}

/** What is known of one service. */
export interface Known {
  readonly service: string;
  readonly source: Estimate['source'];
  readonly footprint: Footprint;
  readonly isPartial: boolean;
  /** What was used, and of which size: the one that runs, whatever other size is asked about. */
  readonly used?: { readonly utilisation: Utilisation; readonly size: TaskSize } | undefined;
}

/** Estimates one service: its month, its rollout, and whether its size fits. */
export function estimate(known: Known, assumptions: Assumptions, prices: Prices): Estimate {
  const { footprint, service, source, isPartial, used } = known;
  const month = (of: Footprint, way: Way = footprint.architecture): MonthlyCost =>
    monthlyCost(of, assumptions, prices, way);
  const { scaling } = footprint;
  const withSize = ({ cpu, memoryMiB }: TaskSize): number => month({ ...footprint, cpu, memoryMiB }).total;
  const verdict = used && judgeSize(used.utilisation, used.size);
  return {
    service,
    source,
    footprint,
    isPartial,
    monthly: Object.fromEntries(WAYS.map((way) => [way, month(footprint, way)])) as Record<Way, MonthlyCost>,
    atRest: atRest(footprint.tickMinutes, prices),
    scaled: scaling && {
      least: month({ ...footprint, count: scaling.minCount }).total,
      most: month({ ...footprint, count: scaling.maxCount }).total,
    },
    rollout: rolloutCost(footprint, assumptions.rolloutMinutes, prices),
    verdict,
    utilisation: used?.utilisation,
    judgedTotal: used && withSize(used.size),
    fittingTotal: verdict?.fitting && withSize(verdict.fitting),
  };
}
