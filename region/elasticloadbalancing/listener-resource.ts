import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import * as z from 'zod';
import { readProperties } from '../properties.ts';
import { Fault, type ResourceCreator, type ResourceDeleter } from '../service.ts';
import { removeListeners, targetGroupOf, type LoadBalancer, type Balancing, type TargetGroupRecord } from './model.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2::Listener';

const actionSchema = z.strictObject({
  Type: z.enum(['forward', 'fixed-response', 'redirect']),
  Order: z.int().optional(),
  TargetGroupArn: z.string().optional(),
  FixedResponseConfig: z
    .strictObject({
      StatusCode: z.string(),
      ContentType: z.string().optional(),
      MessageBody: z.string().optional(),
    })
    .optional(),
  RedirectConfig: z
    .strictObject({
      StatusCode: z.enum(['HTTP_301', 'HTTP_302']),
      Protocol: z.string().optional(),
      Port: z.string().optional(),
      Host: z.string().optional(),
      Path: z.string().optional(),
      Query: z.string().optional(),
    })
    .optional(),
});
/** The member that an action of each type needs. */
const NEEDED = {
  forward: 'TargetGroupArn',
  'fixed-response': 'FixedResponseConfig',
  redirect: 'RedirectConfig',
} as const;

/** What a redirect leaves as it is. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RedirectActionConfig.html */
const UNCHANGED = { Protocol: '#{protocol}', Port: '#{port}', Host: '#{host}', Path: '/#{path}', Query: '#{query}' };

/** Of a listener that the API or a template makes without naming one. */
const DEFAULT_SSL_POLICY = 'ELBSecurityPolicy-2016-08';

const schema = z.strictObject({
  LoadBalancerArn: z.string(),
  Port: z.int().min(1).max(65_535),
  Protocol: z.enum(['HTTP', 'HTTPS']),
  Certificates: z.array(z.strictObject({ CertificateArn: z.string() })).default([]),
  SslPolicy: z.string().optional(),
  DefaultActions: z.array(actionSchema).length(1),
});

/** Creates a listener; the target group that it forwards to is from then on its load balancer's. `Ref` is its ARN. */
export function listenerResource(balancing: Balancing): ResourceCreator {
  return (_logicalId, properties) => {
    const read = readProperties(schema, TYPE, properties);
    const loadBalancer = balancing.state.loadBalancers.get(read.LoadBalancerArn);
    if (!loadBalancer) throw new Fault('LoadBalancerNotFound', `Load balancer '${read.LoadBalancerArn}' not found`);
    if (read.Protocol === 'HTTPS' && read.Certificates.length !== 1) {
      throw new Fault('ValidationError', 'A certificate must be specified for HTTPS listeners');
    }
    const others = [...balancing.state.listeners.values()].filter((other) => other.loadBalancer === loadBalancer);
    if (others.some(({ port }) => port === read.Port)) {
      const problem = `A listener already exists on port ${read.Port} for the load balancer '${loadBalancer.arn}'`;
      throw new Fault('DuplicateListener', problem);
    }
    const targetGroups = read.DefaultActions.flatMap((action) => {
      const needed = NEEDED[action.Type];
      if (!action[needed]) throw new Fault('ValidationError', `An action of type '${action.Type}' needs ${needed}`);
      return action.Type === 'forward' ? [targetGroupOf(balancing, action.TargetGroupArn!)] : [];
    });
    for (const group of targetGroups) attach(group, loadBalancer);
    const arn = `${loadBalancer.arn.replace(':loadbalancer/', ':listener/')}/${balancing.kernel.random.hex(16)}`;
    balancing.state.listeners.set(arn, {
      loadBalancer,
      port: read.Port,
      protocol: read.Protocol,
      certificateArns: read.Certificates.map(({ CertificateArn }) => CertificateArn),
      sslPolicy: read.Protocol === 'HTTPS' ? (read.SslPolicy ?? DEFAULT_SSL_POLICY) : undefined,
      defaultActions: read.DefaultActions.map(answeredAction),
      targetGroups,
    });
    return { ref: arn, attributes: { ListenerArn: arn } };
  };
}

/** The action with what Elastic Load Balancing fills in. */
function answeredAction(action: z.output<typeof actionSchema>): Action {
  if (action.Type === 'forward') return { ...action, ForwardConfig: forwardConfig(action.TargetGroupArn!) };
  if (action.Type === 'redirect') return { ...action, RedirectConfig: { ...UNCHANGED, ...action.RedirectConfig! } };
  return action;
}

function forwardConfig(TargetGroupArn: string): Action['ForwardConfig'] {
  return { TargetGroups: [{ TargetGroupArn, Weight: 1 }], TargetGroupStickinessConfig: { Enabled: false } };
}

/** Deletes a listener: a target group that no other one forwards to has no load balancer any more. */
export function listenerDeleter({ state }: Balancing): ResourceDeleter {
  return ({ current }) => removeListeners(state, (arn) => arn === current.ref);
}

function attach(group: TargetGroupRecord, loadBalancer: LoadBalancer): void {
  if (group.vpcId !== loadBalancer.vpcId) {
    throw new Fault(
      'InvalidConfigurationRequest',
      `The target group '${group.arn}' is not in the VPC of the load balancer '${loadBalancer.arn}'`,
    );
  }
  if (group.loadBalancer !== undefined && group.loadBalancer !== loadBalancer) {
    throw new Fault(
      'TargetGroupAssociationLimit',
      `The target group '${group.arn}' cannot be associated with more than one load balancer`,
    );
  }
  group.loadBalancer = loadBalancer;
}
