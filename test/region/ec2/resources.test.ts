import { describe, expect, it } from 'vitest';
import { createRegion } from '../../../region/region.ts';
import { NotModelled } from '../../../region/service.ts';
import { create, publicNetwork } from './network-fixture.ts';

const region = createRegion;

it('gives a group other rules in place of those inside it, and keeps the ones that are resources of their own', async () => {
  const target = region();
  const { vpc } = await publicNetwork(target);
  const rule = (port: number) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port, CidrIp: '0.0.0.0/0' });
  const before = { GroupDescription: 'tasks', VpcId: vpc, SecurityGroupIngress: [rule(8000)] };
  const after = { ...before, SecurityGroupIngress: [rule(9000)] };
  const type = 'AWS::EC2::SecurityGroup';
  const current = await create(target, type, before);
  const add = (port: number) =>
    create(target, 'AWS::EC2::SecurityGroupIngress', { GroupId: current.ref, ...rule(port) });
  await add(22);
  const changed = { logicalId: 'Thing', type, stackName: 'stack', current, before, after };
  expect(await target.updaters[type]!.update(changed)).toEqual(current);
  await expect(add(9000)).rejects.toThrow('already exists');
  await expect(add(22)).rejects.toThrow('already exists');
  await expect(add(8000)).resolves.toMatchObject({ ref: expect.stringMatching(/^sgr-/) });
});

describe('a public network', () => {
  it('is made of a VPC, subnets, a gateway, a route table and its routes', async () => {
    const target = region();
    const { vpc, gateway, subnets } = await publicNetwork(target);
    const table = await create(target, 'AWS::EC2::RouteTable', { VpcId: vpc });
    const route = { RouteTableId: table.ref, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gateway };
    expect(await create(target, 'AWS::EC2::Route', route)).toEqual({
      ref: `${table.ref}|0.0.0.0/0`,
      attributes: { CidrBlock: '0.0.0.0/0' },
    });
    const association = { RouteTableId: table.ref, SubnetId: subnets[0] };
    const { ref, attributes } = await create(target, 'AWS::EC2::SubnetRouteTableAssociation', association);
    expect(ref).toMatch(/^rtbassoc-[0-9a-f]{17}$/);
    expect(attributes).toEqual({ Id: ref });
    expect(target.ec2.network.subnet(subnets[1]!)).toMatchObject({ vpcId: vpc, availabilityZone: 'us-east-1b' });
    expect(target.ec2.network.hasInternetGateway(vpc)).toBe(true);
  });

  it('tells the attributes that CloudFormation documents', async () => {
    const target = region();
    const vpc = await create(target, 'AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', EnableDnsSupport: true });
    expect(vpc.attributes).toEqual({
      VpcId: vpc.ref,
      CidrBlock: '10.0.0.0/16',
      DefaultSecurityGroup: expect.stringMatching(/^sg-[0-9a-f]{17}$/),
      DefaultNetworkAcl: expect.stringMatching(/^acl-[0-9a-f]{17}$/),
    });
    const subnet = await create(target, 'AWS::EC2::Subnet', { VpcId: vpc.ref, CidrBlock: '10.0.0.0/24' });
    expect(subnet.attributes).toEqual({
      SubnetId: subnet.ref,
      VpcId: vpc.ref,
      CidrBlock: '10.0.0.0/24',
      AvailabilityZone: 'us-east-1a',
    });
    const group = await create(target, 'AWS::EC2::SecurityGroup', { GroupDescription: 'g', VpcId: vpc.ref });
    expect(group.attributes).toEqual({ GroupId: group.ref, VpcId: vpc.ref });
  });
});

describe('a subnet', () => {
  it.each([
    ['of a VPC that does not exist', { VpcId: 'vpc-1' }, "The vpc ID 'vpc-1' does not exist"],
    ['outside its VPC', { CidrBlock: '10.1.0.0/24' }, "The CIDR '10.1.0.0/24' is invalid."],
    ['that is larger than its VPC', { CidrBlock: '10.0.0.0/15' }, "The CIDR '10.0.0.0/15' is invalid."],
    ['over another subnet', { CidrBlock: '10.0.64.0/20' }, "The CIDR '10.0.64.0/20' conflicts with another subnet"],
    ['in another region', { AvailabilityZone: 'eu-west-1a' }, 'Value (eu-west-1a) for parameter availabilityZone'],
  ])('%s is refused', async (_, properties, message) => {
    const target = region();
    const { vpc } = await publicNetwork(target);
    const subnet = { VpcId: vpc, CidrBlock: '10.0.192.0/24', ...properties };
    await expect(create(target, 'AWS::EC2::Subnet', subnet)).rejects.toThrow(message);
  });

  it('has one route table, of its own VPC', async () => {
    const target = region();
    const { vpc, subnets } = await publicNetwork(target);
    const other = await publicNetwork(target);
    const table = await create(target, 'AWS::EC2::RouteTable', { VpcId: vpc });
    const associate = (SubnetId: string) =>
      create(target, 'AWS::EC2::SubnetRouteTableAssociation', { RouteTableId: table.ref, SubnetId });
    await expect(associate(other.subnets[0]!)).rejects.toThrow('belong to different networks');
    await associate(subnets[0]!);
    await expect(associate(subnets[0]!)).rejects.toThrow('conflicts with an existing association');
  });
});

describe('an internet gateway', () => {
  it('is no target of a route until it is attached to the VPC of the route table', async () => {
    const target = region();
    const { vpc } = await publicNetwork(target);
    const table = await create(target, 'AWS::EC2::RouteTable', { VpcId: vpc });
    const loose = await create(target, 'AWS::EC2::InternetGateway', {});
    const route = { RouteTableId: table.ref, DestinationCidrBlock: '0.0.0.0/0', GatewayId: loose.ref };
    await expect(create(target, 'AWS::EC2::Route', route)).rejects.toThrow('belong to different networks');
    const nowhere = create(target, 'AWS::EC2::Route', { ...route, GatewayId: 'igw-1' });
    await expect(nowhere).rejects.toThrow("The internetGateway ID 'igw-1' does not exist");
  });

  it('is attached to one VPC, which has no other', async () => {
    const target = region();
    const { vpc, gateway } = await publicNetwork(target);
    const attach = (InternetGatewayId: string) =>
      create(target, 'AWS::EC2::VPCGatewayAttachment', { VpcId: vpc, InternetGatewayId });
    await expect(attach(gateway)).rejects.toThrow(`${gateway} is already attached to network ${vpc}`);
    const second = await create(target, 'AWS::EC2::InternetGateway', {});
    await expect(attach(second.ref)).rejects.toThrow('already has an internet gateway attached');
  });
});

describe('a security group', () => {
  const HTTP = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' };

  it('refers to another one from both sides', async () => {
    const target = region();
    const { vpc, securityGroup } = await publicNetwork(target);
    const group = { GroupDescription: 'peer', VpcId: vpc, SecurityGroupIngress: [HTTP] };
    const { ref: peer } = await create(target, 'AWS::EC2::SecurityGroup', group);
    const ports = { IpProtocol: 'tcp', FromPort: 8000, ToPort: 8000, Description: 'Load balancer to target' };
    const into = { ...ports, GroupId: securityGroup, SourceSecurityGroupId: peer };
    const out = { ...ports, GroupId: peer, DestinationSecurityGroupId: securityGroup };
    const { ref, attributes } = await create(target, 'AWS::EC2::SecurityGroupIngress', into);
    expect(attributes).toEqual({ Id: ref });
    expect(ref).toMatch(/^sgr-/);
    await create(target, 'AWS::EC2::SecurityGroupEgress', out);
    await expect(create(target, 'AWS::EC2::SecurityGroupIngress', into)).rejects.toThrow('already exists');
  });

  it.each([
    ['in no VPC', { VpcId: 'vpc-1' }, "The vpc ID 'vpc-1' does not exist"],
    ['with a description that EC2 does not take', { GroupDescription: 'Tasks – web' }, 'Invalid security group'],
    ['with a name like an id', { GroupName: 'sg-web' }, 'sg-*'],
    ['with a rule without a peer', { SecurityGroupIngress: [{ ...HTTP, CidrIp: undefined }] }, 'exactly one of'],
    ['with a rule without ports', { SecurityGroupIngress: [{ ...HTTP, ToPort: undefined }] }, 'FromPort and ToPort'],
    ['with a rule of no ports', { SecurityGroupIngress: [{ ...HTTP, ToPort: 79 }] }, 'Invalid range of ports'],
    ['with a rule twice', { SecurityGroupIngress: [HTTP, HTTP] }, 'already exists'],
    [
      'with a rule about a group that does not exist',
      { SecurityGroupIngress: [{ ...HTTP, CidrIp: undefined, SourceSecurityGroupId: 'sg-1' }] },
      "The security group ID 'sg-1' does not exist",
    ],
  ])('%s is refused', async (_, properties, message) => {
    const target = region();
    const { vpc } = await publicNetwork(target);
    const group = { GroupDescription: 'web', VpcId: vpc, ...properties };
    await expect(create(target, 'AWS::EC2::SecurityGroup', group)).rejects.toThrow(message);
  });

  it('has no peer in another VPC', async () => {
    const target = region();
    const { securityGroup } = await publicNetwork(target);
    const other = await publicNetwork(target);
    const rule = {
      ...HTTP,
      CidrIp: undefined,
      GroupId: securityGroup,
      SourceSecurityGroupId: other.securityGroup,
    };
    const crossing = create(target, 'AWS::EC2::SecurityGroupIngress', rule);
    await expect(crossing).rejects.toThrow('belong to different networks');
  });
});

describe('a network that stands outside the stacks', () => {
  const OUTSIDE = { vpcId: 'vpc-1', subnetIds: ['subnet-1', 'subnet-2'], securityGroupIds: ['sg-1'] };

  it('is refused until it is admitted, and then takes groups, rules and a load balancer', async () => {
    const target = region();
    const group = { GroupDescription: 'Tasks', VpcId: 'vpc-1' };
    const balancer = { Subnets: OUTSIDE.subnetIds, SecurityGroups: ['sg-1'] };
    await expect(create(target, 'AWS::EC2::SecurityGroup', group)).rejects.toThrow("'vpc-1' does not exist");
    target.ec2.admitNetwork(OUTSIDE);
    target.ec2.admitNetwork(OUTSIDE);
    const { ref } = await create(target, 'AWS::EC2::SecurityGroup', group);
    const ports = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80 };
    const rule = { ...ports, GroupId: ref, SourceSecurityGroupId: 'sg-1' };
    expect((await create(target, 'AWS::EC2::SecurityGroupIngress', rule)).ref).toMatch(/^sgr-/);
    const { ref: arn } = await create(target, 'AWS::ElasticLoadBalancingV2::LoadBalancer', balancer);
    expect(arn).toContain(':loadbalancer/app/');
  });

  it('takes no further subnets', async () => {
    const target = region();
    target.ec2.admitNetwork(OUTSIDE);
    const subnet = create(target, 'AWS::EC2::Subnet', { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24' });
    await expect(subnet).rejects.toThrow(NotModelled);
  });
});

describe('what networks are not modelled with', () => {
  it.each([
    ['AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', Ipv4IpamPoolId: 'ipam-1' }],
    ['AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16', InstanceTenancy: 'dedicated' }],
    ['AWS::EC2::Subnet', { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/24', Ipv6Native: true }],
    ['AWS::EC2::VPCGatewayAttachment', { VpcId: 'vpc-1', InternetGatewayId: 'igw-1', VpnGatewayId: 'vgw-1' }],
    [
      'AWS::EC2::SecurityGroup',
      { GroupDescription: 'g', VpcId: 'vpc-1', SecurityGroupIngress: [{ IpProtocol: '50' }] },
    ],
  ])('is refused: %s with %o', async (type, properties) => {
    await expect(create(region(), type, properties)).rejects.toThrow(NotModelled);
  });
});
