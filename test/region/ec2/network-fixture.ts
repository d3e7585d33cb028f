import type { CreatedResource, ResourceCreator } from '../../../region/service.ts';

/** Where resources can be created: a service, several of them, or the region. */
interface Target {
  readonly resources: Readonly<Record<string, ResourceCreator>>;
}

let count = 0;

/** Creates a resource as CloudFormation would, under a logical id of its own. */
export async function create(target: Target, type: string, properties: object): Promise<CreatedResource> {
  const creator = target.resources[type];
  if (!creator) throw new Error(`nothing creates ${type}`);
  return await creator(`Resource${++count}`, properties as Record<string, unknown>, 'stack');
}

/** A VPC with two public subnets, as infrastructure as code makes it. */
export async function publicNetwork(target: Target) {
  const vpc = await create(target, 'AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' });
  const gateway = await create(target, 'AWS::EC2::InternetGateway', {});
  await create(target, 'AWS::EC2::VPCGatewayAttachment', { VpcId: vpc.ref, InternetGatewayId: gateway.ref });
  const subnets: string[] = [];
  for (const [zone, CidrBlock] of [['us-east-1a', '10.0.0.0/18'] as const, ['us-east-1b', '10.0.64.0/18'] as const]) {
    const place = { VpcId: vpc.ref, AvailabilityZone: zone, CidrBlock };
    subnets.push((await create(target, 'AWS::EC2::Subnet', { ...place, MapPublicIpOnLaunch: true })).ref);
  }
  const group = { GroupDescription: 'of the network', VpcId: vpc.ref };
  const { ref: securityGroup } = await create(target, 'AWS::EC2::SecurityGroup', group);
  return { vpc: vpc.ref, gateway: gateway.ref, subnets, securityGroup };
}

/** A public network with a load balancer; nothing is routed yet. */
export async function loadBalancer(target: Target) {
  const network = await publicNetwork(target);
  const properties = { Subnets: network.subnets, SecurityGroups: [network.securityGroup] };
  const { ref: arn } = await create(target, 'AWS::ElasticLoadBalancingV2::LoadBalancer', properties);
  return { ...network, arn };
}

/** A target group on port 8000 to which a load balancer forwards: a check every 10 s, 3 successes, 2 failures. */
export async function routedTargetGroup(target: Target, properties: object = {}): Promise<string> {
  return (await routed(target, properties)).ref;
}

/** The same, with the load balancer's ARN. */
export async function routed(target: Target, properties: object = {}) {
  const { vpc, arn } = await loadBalancer(target);
  const group = await create(target, 'AWS::ElasticLoadBalancingV2::TargetGroup', {
    VpcId: vpc,
    Port: 8000,
    Protocol: 'HTTP',
    TargetType: 'ip',
    HealthCheckIntervalSeconds: 10,
    HealthyThresholdCount: 3,
    UnhealthyThresholdCount: 2,
    ...properties,
  });
  const forward = [{ Type: 'forward', TargetGroupArn: group.ref }];
  const listener = { LoadBalancerArn: arn, Port: 80, Protocol: 'HTTP', DefaultActions: forward };
  await create(target, 'AWS::ElasticLoadBalancingV2::Listener', listener);
  return { ref: group.ref, loadBalancer: arn };
}
