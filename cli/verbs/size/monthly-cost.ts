import { FREE_STORAGE_GIB } from '../../../configuration/fargate-sizes.ts';
import { atRest } from './at-rest.ts';
import type { Footprint } from './footprint.ts';
import { HOURS } from './function-calls.ts';
import type { Prices } from './prices.ts';

/** What the tasks may run on; `spot` is Spot capacity of the service's own architecture. */
export const WAYS = ['x86_64', 'arm64', 'spot'] as const;
export type Way = (typeof WAYS)[number];

/** What a cost is made of, in the order in which it is told. */
export const ITEMS = {
  vcpu: 'vCPU',
  memory: 'memory',
  ephemeralStorage: `storage beyond ${FREE_STORAGE_GIB} GiB`,
  publicIpv4: 'public IPv4 addresses',
  loadBalancer: 'load balancer',
  logs: 'logs',
  orchestrator: 'orchestrator',
  dashboard: 'dashboard, its share',
} as const;
export type Item = keyof typeof ITEMS;

/** What nothing but the service's use decides. */
export interface Usage {
  /** What all tasks together write. */
  readonly logGibPerDay: number;
  /** Load balancer capacity units on average. */
  readonly lcus: number;
}

/** US dollars a month. */
export interface MonthlyCost {
  readonly items: Readonly<Record<Item, number>>;
  readonly total: number;
}

/** What a service costs in a month, run in one of the ways; free tiers and savings plans aside. */
export function monthlyCost(footprint: Footprint, usage: Usage, prices: Prices, way: Way): MonthlyCost {
  const items: Record<Item, number> = {
    ...taskItems(footprint, footprint.count * HOURS, prices, way),
    loadBalancer: footprint.loadBalancer ? loadBalancer(footprint.loadBalancer.addresses, usage, prices) : 0,
    logs: logs(footprint, usage, prices),
    orchestrator: orchestrator(footprint, prices),
    dashboard: footprint.dashboardShare * prices.prices.dashboardMonth.usd,
  };
  return { items, total: Object.values(items).reduce((total, item) => total + item, 0) };
}

type TaskItem = 'vcpu' | 'memory' | 'ephemeralStorage' | 'publicIpv4';

/** What so many hours of one task cost, in US dollars. */
export function taskItems(
  { cpu, memoryMiB, ephemeralStorageGiB, hasPublicIp, architecture }: Footprint,
  taskHours: number,
  { prices, spot }: Prices,
  way: Way,
): Record<TaskItem, number> {
  const isArm = (way === 'spot' ? architecture : way) === 'arm64';
  const paid = way === 'spot' ? 1 - spot.discountPercent / 100 : 1;
  const vcpuHour = isArm ? prices.fargateArmVcpuHour : prices.fargateX86VcpuHour;
  const gibHour = isArm ? prices.fargateArmGibHour : prices.fargateX86GibHour;
  return {
    vcpu: (cpu / 1024) * vcpuHour.usd * paid * taskHours,
    memory: (memoryMiB / 1024) * gibHour.usd * paid * taskHours,
    ephemeralStorage: (ephemeralStorageGiB - FREE_STORAGE_GIB) * prices.ephemeralStorageGibHour.usd * taskHours,
    publicIpv4: hasPublicIp ? prices.publicIpv4Hour.usd * taskHours : 0,
  };
}

function loadBalancer(addresses: number, { lcus }: Usage, { prices }: Prices): number {
  const hourly = prices.loadBalancerHour.usd + lcus * prices.loadBalancerLcuHour.usd;
  return HOURS * (hourly + addresses * prices.publicIpv4Hour.usd);
}

/** Once the retention is full as much goes as comes, so what is kept is the retention's worth. */
function logs({ logRetentionDays }: Footprint, { logGibPerDay }: Usage, { prices }: Prices): number {
  const ingested = logGibPerDay * (HOURS / 24) * prices.logsIngestedGib.usd;
  return ingested + logGibPerDay * logRetentionDays * prices.logsStoredGibMonth.usd;
}

function orchestrator({ tickMinutes }: Footprint, prices: Prices): number {
  return Object.values(atRest(tickMinutes, prices)).reduce((total, part) => total + part, 0);
}
