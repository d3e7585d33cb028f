import * as z from 'zod';
import { readProperties } from '../properties.ts';
import { Fault, type ResourceCreator, type ResourceDeleter } from '../service.ts';
import { arnOf, checkedName, generatedName, type Balancing } from './model.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const DEREGISTRATION_DELAY = 'deregistration_delay.timeout_seconds';
const DEREGISTRATION_DELAY_DEFAULT = '300';

/** Held, not acted upon: they say how requests are spread, and there are none. */
const ATTRIBUTES = [
  DEREGISTRATION_DELAY,
  'stickiness.enabled',
  'stickiness.type',
  'load_balancing.algorithm.type',
] as const;

const schema = z.strictObject({
  Name: z.string().optional(),
  Port: z.int().min(1).max(65_535),
  Protocol: z.enum(['HTTP', 'HTTPS']),
  ProtocolVersion: z.literal('HTTP1').optional(),
  TargetType: z.enum(['instance', 'ip']).default('instance'),
  VpcId: z.string(),
  HealthCheckEnabled: z.literal(true).optional(),
  HealthCheckIntervalSeconds: z.int().min(5).max(300).default(30),
  HealthCheckTimeoutSeconds: z.int().min(2).max(120).default(5),
  HealthyThresholdCount: z.int().min(2).max(10).default(5),
  UnhealthyThresholdCount: z.int().min(2).max(10).default(2),
  // What a container answers is its behaviour's matter, whatever path it is asked for.
  HealthCheckPath: z.string().startsWith('/').optional(),
  HealthCheckProtocol: z.enum(['HTTP', 'HTTPS']).optional(),
  HealthCheckPort: z.literal('traffic-port').optional(),
  Matcher: z.strictObject({ HttpCode: z.string() }).optional(),
  TargetGroupAttributes: z.array(z.strictObject({ Key: z.enum(ATTRIBUTES), Value: z.string() })).default([]),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

/** Creates `AWS::ElasticLoadBalancingV2::TargetGroup` without targets; `Ref` is its ARN. */
export function targetGroupResource(balancing: Balancing): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(schema, TYPE, properties);
    const proposed = read.Name ?? generatedName(balancing, stackName, logicalId);
    const name = checkedName(proposed, balancing.state.targetGroups.values(), 'target group');
    if (!balancing.network.hasVpc(read.VpcId))
      throw new Fault('ValidationError', `The VPC ID '${read.VpcId}' is not found`);
    if (read.HealthCheckTimeoutSeconds >= read.HealthCheckIntervalSeconds) {
      const { HealthCheckIntervalSeconds: interval, HealthCheckTimeoutSeconds: timeout } = read;
      throw new Fault(
        'ValidationError',
        `Health check interval must be greater than the timeout (${interval} s, ${timeout} s)`,
      );
    }
    const fullName = `targetgroup/${name}/${balancing.kernel.random.hex(16)}`;
    const arn = arnOf(balancing, fullName);
    balancing.state.targetGroups.set(arn, {
      arn,
      name,
      fullName,
      vpcId: read.VpcId,
      targetType: read.TargetType,
      port: read.Port,
      protocol: read.Protocol,
      healthCheckPath: read.HealthCheckPath ?? '/',
      healthCheckProtocol: read.HealthCheckProtocol ?? 'HTTP',
      healthCheckTimeoutSeconds: read.HealthCheckTimeoutSeconds,
      matcher: read.Matcher?.HttpCode ?? '200',
      healthCheckIntervalSeconds: read.HealthCheckIntervalSeconds,
      healthyThreshold: read.HealthyThresholdCount,
      unhealthyThreshold: read.UnhealthyThresholdCount,
      deregistrationDelaySeconds: deregistrationDelay(read.TargetGroupAttributes),
      loadBalancer: undefined,
    });
    return { ref: arn, attributes: { TargetGroupArn: arn, TargetGroupFullName: fullName, TargetGroupName: name } };
  };
}

/** Deletes a target group to which no listener forwards. */
export function targetGroupDeleter({ state: { targetGroups } }: Balancing): ResourceDeleter {
  return ({ current: { ref } }) => {
    if (targetGroups.get(ref)?.loadBalancer) {
      throw new Fault('ResourceInUse', `Target group '${ref}' is currently in use by a listener or a rule`);
    }
    targetGroups.delete(ref);
  };
}

function deregistrationDelay(attributes: readonly { readonly Key: string; readonly Value: string }[]): number {
  const text = attributes.find(({ Key }) => Key === DEREGISTRATION_DELAY)?.Value ?? DEREGISTRATION_DELAY_DEFAULT;
  if (/^\d+$/.test(text) && Number(text) <= 3_600) return Number(text);
  throw new Fault('ValidationError', `'${DEREGISTRATION_DELAY}' must be between 0 and 3600, not '${text}'`);
}
