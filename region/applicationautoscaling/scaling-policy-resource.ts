import * as z from 'zod';
import { readProperties } from '../properties.ts';
import { Fault, type ResourceCreator, type ResourceDeleter } from '../service.ts';
import type { Scaling } from './model.ts';
import { partitionOf } from '../partition.ts';

const TYPE = 'AWS::ApplicationAutoScaling::ScalingPolicy';

const metricSchema = z.strictObject({
  PredefinedMetricType: z.enum([
    'ECSServiceAverageCPUUtilization',
    'ECSServiceAverageMemoryUtilization',
    'ALBRequestCountPerTarget',
  ]),
  ResourceLabel: z.string().optional(),
});

const schema = z.strictObject({
  PolicyName: z.string().min(1).max(256),
  PolicyType: z.literal('TargetTrackingScaling'),
  ScalingTargetId: z.string(),
  TargetTrackingScalingPolicyConfiguration: z.strictObject({
    TargetValue: z.number().positive(),
    PredefinedMetricSpecification: metricSchema,
    DisableScaleIn: z.boolean().optional(),
    ScaleInCooldown: z.int().min(0).optional(),
    ScaleOutCooldown: z.int().min(0).optional(),
  }),
});

/** Creates a target tracking policy; `Ref` is its ARN. It never acts: nothing in the region measures load. */
export function scalingPolicyResource(scaling: Scaling): ResourceCreator {
  return (_logicalId, properties) => {
    const read = readProperties(schema, TYPE, properties);
    const target = scaling.state.targets.get(read.ScalingTargetId);
    if (!target) {
      const problem = `No scalable target registered for ${read.ScalingTargetId}`;
      throw new Fault('ObjectNotFoundException', problem);
    }
    if (target.policyNames.has(read.PolicyName)) {
      throw new Fault('AlreadyExistsException', `The policy ${read.PolicyName} exists already`);
    }
    refuseUnrouted(scaling, read.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification);
    target.policyNames.add(read.PolicyName);
    const { account, region, kernel } = scaling;
    const resourceId = read.ScalingTargetId.split('|')[0]!;
    const prefix = `arn:${partitionOf(region)}:autoscaling:${region}:${account}:scalingPolicy:${kernel.random.uuid()}`;
    const arn = `${prefix}:resource/ecs/${resourceId}:policyName/${read.PolicyName}`;
    return { ref: arn, attributes: { Arn: arn } };
  };
}

/** Deletes a policy. */
export function scalingPolicyDeleter({ state }: Scaling): ResourceDeleter {
  return ({ properties }) => {
    const { ScalingTargetId, PolicyName } = schema.parse(properties);
    state.targets.get(ScalingTargetId)?.policyNames.delete(PolicyName);
  };
}

function refuseUnrouted(
  { isRouted }: Scaling,
  { PredefinedMetricType: metric, ResourceLabel: label }: z.output<typeof metricSchema>,
): void {
  const isPerTarget = metric === 'ALBRequestCountPerTarget';
  if (isPerTarget !== (label !== undefined)) {
    throw new Fault(
      'ValidationException',
      `A resource label goes with ALBRequestCountPerTarget and no other metric: ${metric}, ${label}`,
    );
  }
  if (label === undefined || isRouted(label)) return;
  throw new Fault('ValidationException', `The load balancer does not route traffic to the target group: ${label}`);
}
