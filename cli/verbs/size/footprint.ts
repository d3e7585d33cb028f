import type { CheckedService } from '../../../configuration/configuration.ts';
import { FREE_STORAGE_GIB } from '../../../configuration/fargate-sizes.ts';
import type { Provision } from '../../../configuration/provisioning.ts';

/** The subnets of the network that is made where none is named; a load balancer has an address in each. */
const OWN_SUBNETS = 2;

/** What ECS itself does unless it is told otherwise, and what a provisioned service is told. */
export const DEFAULT_MAXIMUM_PERCENT = 200;

/** A size of Fargate tasks. */
export interface TaskSize {
  /** CPU units; 1024 are one vCPU. */
  readonly cpu: number;
  readonly memoryMiB: number;
}

/** Everything about a service that costs money. */
export interface Footprint extends TaskSize {
  readonly architecture: 'x86_64' | 'arm64';
  /** In all, the free part included. */
  readonly ephemeralStorageGiB: number;
  /** Tasks that run all the time. */
  readonly count: number;
  /** Between which counts autoscaling moves. */
  readonly scaling?: { readonly minCount: number; readonly maxCount: number } | undefined;
  /** True when each task has a public IPv4 address. */
  readonly hasPublicIp: boolean;
  /** Public IPv4 addresses of the load balancer, when there is one. */
  readonly loadBalancer?: { readonly addresses: number } | undefined;
  /** How many tasks, in percent of the count, may run during a rollout. */
  readonly maximumPercent: number;
  readonly logRetentionDays: number;
  readonly tickMinutes: number;
  /** How much of a dashboard it pays for; services of one configuration share theirs. */
  readonly dashboardShare: number;
}

/** What a provisioned service will be. */
export function configuredFootprint(service: CheckedService, provision: Provision): Footprint {
  const { network, loadBalancer, scaling } = provision;
  return {
    ...sizeOf(provision),
    architecture: provision.architecture,
    ephemeralStorageGiB: provision.ephemeralStorageGiB ?? FREE_STORAGE_GIB,
    count: provision.desiredCount,
    scaling,
    hasPublicIp: network?.assignPublicIp ?? true,
    loadBalancer: loadBalancer && { addresses: network?.subnetIds.length ?? OWN_SUBNETS },
    maximumPercent: DEFAULT_MAXIMUM_PERCENT,
    ...machineryOf(service),
  };
}

/** What is known of an adopted service when only its size and count were told. */
export function toldFootprint(service: CheckedService, size: TaskSize, count: number): Footprint {
  return {
    ...sizeOf(size),
    architecture: 'x86_64',
    ephemeralStorageGiB: FREE_STORAGE_GIB,
    count,
    hasPublicIp: false,
    maximumPercent: DEFAULT_MAXIMUM_PERCENT,
    ...machineryOf(service),
  };
}

/** The part of a footprint that is configured for every service, adopted or not. */
export function machineryOf({
  logRetentionDays,
  tickMinutes,
  dashboard,
}: CheckedService): Pick<Footprint, 'logRetentionDays' | 'tickMinutes' | 'dashboardShare'> {
  return { logRetentionDays, tickMinutes, dashboardShare: dashboard?.share ?? 0 };
}

function sizeOf({ cpu, memoryMiB }: TaskSize): TaskSize {
  return { cpu, memoryMiB };
}
