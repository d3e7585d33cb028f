import type { Service } from '../service.ts';
import type { ScalableTarget, ScalingContext } from './model.ts';
import { scalableTargetResource } from './scalable-target-resource.ts';
import { scalingPolicyResource } from './scaling-policy-resource.ts';

/** Application Auto Scaling for services of ECS. Policies never act: the region has no load. */
export interface ApplicationAutoScaling extends Service {
  readonly id: 'application-autoscaling';
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
