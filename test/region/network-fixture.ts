import type { CreatedResource, ResourceCreator } from '../../rehearsal/region/service.ts';

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
