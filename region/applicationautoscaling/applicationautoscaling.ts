import type { RegionContext, Service } from '../service.ts';
import { scalableTargetResource } from './scalable-target-resource.ts';
import { scalingPolicyResource } from './scaling-policy-resource.ts';

/** What scaling needs of the rest of the region. */
export interface ScalingContext extends RegionContext {
  /** The service's desired count; throws when the cluster or the service does not exist. */
  readonly desiredCount: (cluster: string, service: string) => number;
  readonly setDesiredCount: (cluster: string, service: string, count: number) => void;
  /** Whether an `ALBRequestCountPerTarget` label names a load balancer and a target group of its own. */
  readonly isRouted: (resourceLabel: string) => boolean;
}

/** Application Auto Scaling for services of ECS. Policies never act: the region has no load. */
export interface ApplicationAutoScaling extends Service {
  readonly id: 'application-autoscaling';
}

/** A scalable target's bounds, and the names of its policies. */
export interface ScalableTarget {
  readonly minCapacity: number;
  readonly maxCapacity: number;
  readonly policyNames: Set<string>;
}

/** Creates Application Auto Scaling without targets. */
export function createApplicationAutoScaling(context: ScalingContext): ApplicationAutoScaling {
  const targets = new Map<string, ScalableTarget>();
  return {
    id: 'application-autoscaling',
    operations: {},
    resources: {
      'AWS::ApplicationAutoScaling::ScalableTarget': scalableTargetResource(context, targets),
      'AWS::ApplicationAutoScaling::ScalingPolicy': scalingPolicyResource(context, targets),
    },
  };
}
