import type { Service } from '../service.ts';
import { newScalingState, type Scaling, type ScalingPorts, type ScalingState } from './model.ts';
import { scalableTargetDeleter, scalableTargetResource } from './scalable-target-resource.ts';
import { scalingPolicyDeleter, scalingPolicyResource } from './scaling-policy-resource.ts';

/** Application Auto Scaling for services of ECS. Policies never act: the region has no load. */
export interface ApplicationAutoScaling extends Service {
  readonly id: 'application-autoscaling';
}

/** Creates Application Auto Scaling, without targets unless told. */
export function createApplicationAutoScaling(
  ports: ScalingPorts,
  state: ScalingState = newScalingState(),
): ApplicationAutoScaling {
  const scaling: Scaling = { ...ports, state };
  return {
    id: 'application-autoscaling',
    state,
    operations: {},
    resources: {
      'AWS::ApplicationAutoScaling::ScalableTarget': scalableTargetResource(scaling),
      'AWS::ApplicationAutoScaling::ScalingPolicy': scalingPolicyResource(scaling),
    },
    deleters: {
      'AWS::ApplicationAutoScaling::ScalableTarget': scalableTargetDeleter(scaling),
      'AWS::ApplicationAutoScaling::ScalingPolicy': scalingPolicyDeleter(scaling),
    },
  };
}
