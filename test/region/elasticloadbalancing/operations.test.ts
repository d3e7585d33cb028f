import {
  DescribeListenersCommand,
  DescribeTargetGroupsCommand,
  ElasticLoadBalancingV2Client,
  type DescribeListenersOutput,
  type DescribeLoadBalancersOutput,
  type DescribeTargetGroupsOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createRegion, type Region } from '../../../region/region.ts';
import { create, publicNetwork, routed } from '../ec2/network-fixture.ts';
import { clientConfiguration, driven } from '../wire/endpoint.ts';

const TYPE = 'AWS::ElasticLoadBalancingV2';

let region: Region;
beforeEach(() => void (region = createRegion()));

const call = <Output>(operation: string, input: object): Promise<Output> =>
  region.call<Output>({ kind: 'operator' }, 'elasticloadbalancing', operation, input);

describe('DescribeLoadBalancers', () => {
  it('tells where a load balancer is reached, as its resource did', async () => {
    const { subnets, securityGroup } = await publicNetwork(region);
    const { ref, attributes } = await create(region, `${TYPE}::LoadBalancer`, {
      Name: 'web',
      Subnets: subnets,
      SecurityGroups: [securityGroup],
    });
    const { LoadBalancers } = await call<DescribeLoadBalancersOutput>('DescribeLoadBalancers', {
      LoadBalancerArns: [ref],
    });
    expect(LoadBalancers).toEqual([
      {
        LoadBalancerArn: ref,
        LoadBalancerName: 'web',
        DNSName: attributes['DNSName'],
        CanonicalHostedZoneId: 'Z35SXDOTRQ7X7K',
        CreatedTime: new Date(region.kernel.now),
        Scheme: 'internet-facing',
        Type: 'application',
        State: { Code: 'active' },
        VpcId: expect.stringMatching(/^vpc-/),
        AvailabilityZones: [
          { ZoneName: 'us-east-1a', SubnetId: subnets[0], LoadBalancerAddresses: [] },
          { ZoneName: 'us-east-1b', SubnetId: subnets[1], LoadBalancerAddresses: [] },
        ],
        SecurityGroups: [securityGroup],
        IpAddressType: 'ipv4',
      },
    ]);
  });

  it('finds by name, and names what there is not', async () => {
    await routed(region);
    const { subnets } = await publicNetwork(region);
    await create(region, `${TYPE}::LoadBalancer`, { Name: 'web', Subnets: subnets, Scheme: 'internal' });
    const { LoadBalancers } = await call<DescribeLoadBalancersOutput>('DescribeLoadBalancers', { Names: ['web'] });
    expect(LoadBalancers?.map(({ LoadBalancerName, Scheme }) => [LoadBalancerName, Scheme])).toEqual([
      ['web', 'internal'],
    ]);
    await expect(call('DescribeLoadBalancers', { Names: ['wep'] })).rejects.toMatchObject({
      code: 'LoadBalancerNotFound',
      message: "Load balancers '[wep]' not found",
    });
  });

  it('answers page by page', async () => {
    await routed(region);
    await routed(region);
    const first = await call<DescribeLoadBalancersOutput>('DescribeLoadBalancers', { PageSize: 1 });
    const Marker = first.NextMarker;
    const second = await call<DescribeLoadBalancersOutput>('DescribeLoadBalancers', { PageSize: 1, Marker });
    const arns = [first, second].flatMap(({ LoadBalancers }) => LoadBalancers!.map((each) => each.LoadBalancerArn));
    expect(new Set(arns).size).toBe(2);
    expect(second.NextMarker).toBeUndefined();
    await expect(call('DescribeLoadBalancers', { Marker: 'x' })).rejects.toMatchObject({ code: 'ValidationError' });
  });
});

describe('DescribeListeners', () => {
  it('tells what each listener of a load balancer does with a request', async () => {
    const { ref: group, loadBalancer } = await routed(region);
    await create(region, `${TYPE}::Listener`, {
      LoadBalancerArn: loadBalancer,
      Port: 8080,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Port: '80' } }],
    });
    const { Listeners } = await call<DescribeListenersOutput>('DescribeListeners', { LoadBalancerArn: loadBalancer });
    expect(Listeners?.map(({ Port, Protocol, DefaultActions }) => [Port, Protocol, DefaultActions])).toEqual([
      [
        80,
        'HTTP',
        [
          {
            Type: 'forward',
            TargetGroupArn: group,
            ForwardConfig: {
              TargetGroups: [{ TargetGroupArn: group, Weight: 1 }],
              TargetGroupStickinessConfig: { Enabled: false },
            },
          },
        ],
      ],
      [
        8080,
        'HTTP',
        [
          {
            Type: 'redirect',
            RedirectConfig: {
              StatusCode: 'HTTP_301',
              Port: '80',
              Protocol: '#{protocol}',
              Host: '#{host}',
              Path: '/#{path}',
              Query: '#{query}',
            },
          },
        ],
      ],
    ]);
  });

  it('shows the certificate of a listener that has one', async () => {
    const { ref: group, loadBalancer } = await routed(region);
    const { ref } = await create(region, `${TYPE}::Listener`, {
      LoadBalancerArn: loadBalancer,
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
    });
    const { Listeners } = await call<DescribeListenersOutput>('DescribeListeners', { ListenerArns: [ref] });
    expect(Listeners).toMatchObject([
      {
        ListenerArn: ref,
        Protocol: 'HTTPS',
        SslPolicy: 'ELBSecurityPolicy-2016-08',
        Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/1' }],
      },
    ]);
  });

  it('needs to be told whose', async () => {
    await expect(call('DescribeListeners', {})).rejects.toThrow('either listener ARNs or a load balancer ARN');
    await expect(call('DescribeListeners', { LoadBalancerArn: 'arn:x' })).rejects.toMatchObject({
      code: 'LoadBalancerNotFound',
    });
    await expect(call('DescribeListeners', { ListenerArns: ['arn:x'] })).rejects.toMatchObject({
      code: 'ListenerNotFound',
    });
  });
});

describe('DescribeTargetGroups', () => {
  it('tells whose load balancer forwards to a group, and how it is checked', async () => {
    const { ref: group, loadBalancer } = await routed(region, { HealthCheckPath: '/healthz' });
    const { vpc } = await publicNetwork(region);
    const unrouted = await create(region, `${TYPE}::TargetGroup`, { VpcId: vpc, Port: 8000, Protocol: 'HTTP' });
    const { TargetGroups } = await call<DescribeTargetGroupsOutput>('DescribeTargetGroups', {
      TargetGroupArns: [group],
    });
    expect(TargetGroups).toMatchObject([
      {
        TargetGroupArn: group,
        Protocol: 'HTTP',
        Port: 8000,
        TargetType: 'ip',
        HealthCheckPath: '/healthz',
        HealthCheckIntervalSeconds: 10,
        HealthyThresholdCount: 3,
        UnhealthyThresholdCount: 2,
        Matcher: { HttpCode: '200' },
        LoadBalancerArns: [loadBalancer],
      },
    ]);
    const all = await call<DescribeTargetGroupsOutput>('DescribeTargetGroups', {});
    expect(all.TargetGroups?.map(({ TargetGroupArn, LoadBalancerArns }) => [TargetGroupArn, LoadBalancerArns])).toEqual(
      [
        [group, [loadBalancer]],
        [unrouted.ref, []],
      ],
    );
    const his = await call<DescribeTargetGroupsOutput>('DescribeTargetGroups', { LoadBalancerArn: loadBalancer });
    expect(his.TargetGroups).toHaveLength(1);
  });

  it('is understood by the SDK’s client over the wire, faults too', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: region.kernel.now });
    onTestFinished(() => void vi.useRealTimers());
    const { ref: group, loadBalancer } = await routed(region);
    const client = new ElasticLoadBalancingV2Client(clientConfiguration(region.connect, 'OPERATOR'));
    const asked = client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }));
    expect(await driven(region.kernel, asked)).toMatchObject({ TargetGroups: [{ LoadBalancerArns: [loadBalancer] }] });
    const heard = client.send(new DescribeListenersCommand({ LoadBalancerArn: loadBalancer }));
    expect(await driven(region.kernel, heard)).toMatchObject({
      Listeners: [{ Port: 80, DefaultActions: [{ ForwardConfig: { TargetGroups: [{ Weight: 1 }] } }] }],
    });
    const absent = client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: ['arn:x'] }));
    await expect(driven(region.kernel, absent)).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
      message: "One or more target groups '[arn:x]' not found",
    });
  });
});
