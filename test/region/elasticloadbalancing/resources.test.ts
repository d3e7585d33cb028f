import { describe, expect, it } from 'vitest';
import { createRegion } from '../../../region/region.ts';
import { NotModelled } from '../../../region/service.ts';
import { create, loadBalancer, publicNetwork, routedTargetGroup } from '../ec2/network-fixture.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2';
const PREFIX = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';
const GROUP = { Port: 8000, Protocol: 'HTTP', TargetType: 'ip' };

describe('a load balancer', () => {
  it('tells its ARN, its names and where it is reached', async () => {
    const target = createRegion();
    const { subnets } = await publicNetwork(target);
    const { ref, attributes } = await create(target, `${TYPE}::LoadBalancer`, { Name: 'web', Subnets: subnets });
    expect(ref).toMatch(new RegExp(`^${PREFIX}:loadbalancer/app/web/[0-9a-f]{16}$`));
    expect(attributes).toEqual({
      LoadBalancerArn: ref,
      LoadBalancerName: 'web',
      LoadBalancerFullName: ref.split('loadbalancer/')[1],
      DNSName: expect.stringMatching(/^web-\d{10}\.us-east-1\.elb\.amazonaws\.com$/),
      CanonicalHostedZoneID: 'Z35SXDOTRQ7X7K',
    });
  });

  it('gets a name that fits into 32 characters when the template gives none', async () => {
    const target = createRegion();
    const { arn } = await loadBalancer(target);
    expect(arn).toMatch(/:loadbalancer\/app\/stack-Resource\d+-[0-9a-f]{12}\//);
  });

  it('that faces the internet is refused until its VPC has a gateway', async () => {
    const target = createRegion();
    const vpc = (await create(target, 'AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' })).ref;
    const subnet = async (zone: string, CidrBlock: string) =>
      (await create(target, 'AWS::EC2::Subnet', { VpcId: vpc, AvailabilityZone: zone, CidrBlock })).ref;
    const Subnets = [await subnet('us-east-1a', '10.0.0.0/24'), await subnet('us-east-1b', '10.0.1.0/24')];
    const facing = create(target, `${TYPE}::LoadBalancer`, { Subnets });
    await expect(facing).rejects.toThrow(`VPC ${vpc} has no internet gateway`);
    const internal = await create(target, `${TYPE}::LoadBalancer`, { Subnets, Scheme: 'internal' });
    expect(internal.attributes['DNSName']).toMatch(/^internal-/);
  });

  it('wants two zones of one VPC, and security groups of that VPC', async () => {
    const target = createRegion();
    const { subnets } = await publicNetwork(target);
    const other = await publicNetwork(target);
    const balance = (properties: object) =>
      create(target, `${TYPE}::LoadBalancer`, { Subnets: subnets, ...properties });
    await expect(balance({ Subnets: subnets.slice(1) })).rejects.toThrow('At least two subnets');
    await expect(balance({ Subnets: [...subnets, 'subnet-1'] })).rejects.toThrow("'subnet-1' does not exist");
    await expect(balance({ Subnets: [...subnets, other.subnets[0]] })).rejects.toThrow('the same Availability Zone');
    await expect(balance({ Subnets: [subnets[0], other.subnets[1]] })).rejects.toThrow('must belong to the same VPC');
    await expect(balance({ SecurityGroups: [other.securityGroup] })).rejects.toThrow('does not belong to VPC');
    await expect(balance({ Name: 'a-name-of-more-than-thirty-two-characters' })).rejects.toThrow('is invalid');
    await balance({ Name: 'web' });
    await expect(balance({ Name: 'web' })).rejects.toThrow("with the name 'web' already exists");
  });
});

describe('a target group', () => {
  it('tells its ARN and its names', async () => {
    const target = createRegion();
    const { vpc } = await publicNetwork(target);
    const { ref, attributes } = await create(target, `${TYPE}::TargetGroup`, { ...GROUP, Name: 'api', VpcId: vpc });
    expect(ref).toMatch(new RegExp(`^${PREFIX}:targetgroup/api/[0-9a-f]{16}$`));
    const TargetGroupFullName = `targetgroup/${ref.split('targetgroup/')[1]}`;
    expect(attributes).toEqual({ TargetGroupArn: ref, TargetGroupFullName, TargetGroupName: 'api' });
  });

  it('has AWS’s defaults for health checks and draining', async () => {
    const target = createRegion();
    const { vpc } = await publicNetwork(target);
    const { ref } = await create(target, `${TYPE}::TargetGroup`, { Port: 80, Protocol: 'HTTP', VpcId: vpc });
    expect(target.elasticLoadBalancing.findTargetGroup(ref)).toMatchObject({
      targetType: 'instance',
      hasLoadBalancer: false,
      healthCheckIntervalSeconds: 30,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
      deregistrationDelaySeconds: 300,
    });
  });

  it.each([
    ['of a VPC that does not exist', { VpcId: 'vpc-1' }, "The VPC ID 'vpc-1' is not found"],
    ['whose checks overlap', { HealthCheckIntervalSeconds: 5 }, 'interval must be greater than the timeout'],
    ['with too few checks', { HealthyThresholdCount: 1 }, 'HealthyThresholdCount'],
    [
      'that drains for two hours',
      { TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '7200' }] },
      'must be between 0 and 3600',
    ],
  ])('%s is refused', async (_, properties, message) => {
    const target = createRegion();
    const { vpc } = await publicNetwork(target);
    const group = { ...GROUP, VpcId: vpc, ...properties };
    await expect(create(target, `${TYPE}::TargetGroup`, group)).rejects.toThrow(message);
  });
});

describe('a listener', () => {
  it('gives its target group a load balancer', async () => {
    const target = createRegion();
    const group = await routedTargetGroup(target);
    expect(target.elasticLoadBalancing.findTargetGroup(group)).toMatchObject({ hasLoadBalancer: true });
  });

  it('tells its ARN, and holds its port alone', async () => {
    const target = createRegion();
    const { arn } = await loadBalancer(target);
    const DefaultActions = [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }];
    const listener = { LoadBalancerArn: arn, Port: 80, Protocol: 'HTTP', DefaultActions };
    const { ref, attributes } = await create(target, `${TYPE}::Listener`, listener);
    expect(ref).toMatch(new RegExp(`^${arn.replace(':loadbalancer/', ':listener/')}/[0-9a-f]{16}$`));
    expect(attributes).toEqual({ ListenerArn: ref });
    await expect(create(target, `${TYPE}::Listener`, listener)).rejects.toThrow('already exists on port 80');
    const secure = create(target, `${TYPE}::Listener`, { ...listener, Port: 443, Protocol: 'HTTPS' });
    await expect(secure).rejects.toThrow('A certificate must be specified');
  });

  it('forwards to a target group of its own VPC that no other load balancer has', async () => {
    const target = createRegion();
    const taken = await routedTargetGroup(target);
    const { arn, vpc, subnets } = await loadBalancer(target);
    const forward = (LoadBalancerArn: string, TargetGroupArn: string) => {
      const DefaultActions = [{ Type: 'forward', TargetGroupArn }];
      return create(target, `${TYPE}::Listener`, { LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions });
    };
    await expect(forward(arn, 'arn:none')).rejects.toThrow('target groups not found (arn:none)');
    await expect(forward(`${PREFIX}:none`, taken)).rejects.toThrow('not found');
    await expect(forward(arn, taken)).rejects.toThrow('is not in the VPC of the load balancer');
    const { ref: own } = await create(target, `${TYPE}::TargetGroup`, { ...GROUP, VpcId: vpc });
    await forward(arn, own);
    const again = { Subnets: subnets, Scheme: 'internal' };
    const { ref: second } = await create(target, `${TYPE}::LoadBalancer`, again);
    await expect(forward(second, own)).rejects.toThrow('cannot be associated with more than one load balancer');
  });
});

describe('what load balancing is not modelled with', () => {
  it.each([
    ['LoadBalancer', { Subnets: [], Type: 'network' }],
    ['LoadBalancer', { Subnets: [], LoadBalancerAttributes: [{ Key: 'access_logs.s3.enabled', Value: 'true' }] }],
    ['TargetGroup', { ...GROUP, VpcId: 'vpc-1', TargetType: 'lambda' }],
    ['TargetGroup', { ...GROUP, VpcId: 'vpc-1', HealthCheckPort: '9000' }],
    ['TargetGroup', { ...GROUP, VpcId: 'vpc-1', Targets: [] }],
    ['Listener', { LoadBalancerArn: 'a', Port: 80, Protocol: 'TCP', DefaultActions: [] }],
  ])('is refused: %s with %o', async (type, properties) => {
    await expect(create(createRegion(), `${TYPE}::${type}`, properties)).rejects.toThrow(NotModelled);
  });
});
