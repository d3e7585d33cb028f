import type { RegionContext } from '../service.ts';

/** What scaling needs of the rest of the region. */
export interface ScalingPorts extends RegionContext {
  /** The service's desired count; throws when the cluster or the service does not exist. */
  readonly desiredCount: (cluster: string, service: string) => number;
  readonly setDesiredCount: (cluster: string, service: string, count: number) => void;
  /** Whether an `ALBRequestCountPerTarget` label names a load balancer and a target group of its own. */
  readonly isRouted: (resourceLabel: string) => boolean;
}

/** A scalable target's bounds, and the names of its policies. */
export interface ScalableTarget {
  readonly minCapacity: number;
  readonly maxCapacity: number;
  readonly policyNames: Set<string>;
}

/** What Application Auto Scaling knows. */
export interface ScalingState {
  /** By `service/<cluster>/<service>|ecs:service:DesiredCount|ecs`. */
  readonly targets: Map<string, ScalableTarget>;
}

export interface Scaling extends ScalingPorts {
  readonly state: ScalingState;
}

/** No target. */
export function newScalingState(): ScalingState {
  return { targets: new Map() };
}
