import type {
  DescribeListenersInput,
  DescribeListenersOutput,
  DescribeLoadBalancersInput,
  DescribeLoadBalancersOutput,
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  Listener as ListenerAnswer,
  LoadBalancer as LoadBalancerAnswer,
  TargetGroup as TargetGroupAnswer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { pageOf } from '../page.ts';
import { Fault, operation, type Operation } from '../service.ts';
import type { Balancing, Listener, LoadBalancer, TargetGroupRecord } from './model.ts';

/** Of one page, where the caller names no size. */
const PAGE_SIZE = 400;

/** What load balancers, listeners and target groups there are. None of these actions has a resource type: policies name `*`. */
export function balancingOperations(balancing: Balancing): Readonly<Record<string, Operation>> {
  return {
    DescribeLoadBalancers: operation<DescribeLoadBalancersInput, DescribeLoadBalancersOutput>({
      permissions: may('DescribeLoadBalancers'),
      apply: (input) => describeLoadBalancers(balancing, input),
    }),
    DescribeListeners: operation<DescribeListenersInput, DescribeListenersOutput>({
      permissions: may('DescribeListeners'),
      apply: (input) => describeListeners(balancing, input),
    }),
    DescribeTargetGroups: operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput>({
      permissions: may('DescribeTargetGroups'),
      apply: (input) => describeTargetGroups(balancing, input),
    }),
  };
}

function may(action: string) {
  return () => [{ action: `elasticloadbalancing:${action}`, resource: '*' }];
}

function describeLoadBalancers(
  balancing: Balancing,
  { LoadBalancerArns: arns = [], Names: names = [], Marker, PageSize }: DescribeLoadBalancersInput,
): DescribeLoadBalancersOutput {
  const all = [...balancing.state.loadBalancers.values()];
  const absent = [
    ...arns.filter((arn) => !balancing.state.loadBalancers.has(arn)),
    ...names.filter((name) => !all.some((each) => each.name === name)),
  ];
  if (absent.length > 0) throw notFound('LoadBalancer', 'Load balancers', absent);
  const isAskedFor = (each: LoadBalancer): boolean => arns.includes(each.arn) || names.includes(each.name);
  const found = arns.length + names.length === 0 ? all : all.filter(isAskedFor);
  const { items, nextToken } = pageOf(found, PageSize ?? PAGE_SIZE, Marker, invalidMarker);
  return { LoadBalancers: items.map((each) => loadBalancerAnswer(balancing, each)), NextMarker: nextToken };
}

function loadBalancerAnswer({ network }: Balancing, of: LoadBalancer): LoadBalancerAnswer {
  return {
    LoadBalancerArn: of.arn,
    DNSName: of.dnsName,
    CanonicalHostedZoneId: of.hostedZoneId,
    CreatedTime: of.createdAt,
    LoadBalancerName: of.name,
    Scheme: of.scheme,
    VpcId: of.vpcId,
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: of.subnetIds.map((SubnetId) => ({
      ZoneName: network.subnet(SubnetId)?.availabilityZone,
      SubnetId,
      LoadBalancerAddresses: [],
    })),
    SecurityGroups: [...of.securityGroupIds],
    IpAddressType: 'ipv4',
  };
}

function describeListeners(
  { state: { listeners, loadBalancers } }: Balancing,
  { LoadBalancerArn, ListenerArns: arns = [], Marker, PageSize }: DescribeListenersInput,
): DescribeListenersOutput {
  if (LoadBalancerArn === undefined && arns.length === 0)
    throw new Fault('ValidationError', 'You must specify either listener ARNs or a load balancer ARN');
  if (LoadBalancerArn !== undefined && !loadBalancers.has(LoadBalancerArn))
    throw notFound('LoadBalancer', 'Load balancers', [LoadBalancerArn]);
  const absent = arns.filter((arn) => !listeners.has(arn));
  if (absent.length > 0) throw notFound('Listener', 'One or more listeners', absent);
  const found = [...listeners].filter(
    ([arn, { loadBalancer }]) => loadBalancer.arn === LoadBalancerArn || arns.includes(arn),
  );
  const { items, nextToken } = pageOf(found, PageSize ?? PAGE_SIZE, Marker, invalidMarker);
  return { Listeners: items.map(([arn, listener]) => listenerAnswer(arn, listener)), NextMarker: nextToken };
}

function listenerAnswer(ListenerArn: string, of: Listener): ListenerAnswer {
  return {
    ListenerArn,
    LoadBalancerArn: of.loadBalancer.arn,
    Port: of.port,
    Protocol: of.protocol,
    ...(of.protocol === 'HTTPS' && {
      Certificates: of.certificateArns.map((CertificateArn) => ({ CertificateArn })),
      SslPolicy: of.sslPolicy,
      MutualAuthentication: { Mode: 'off' },
    }),
    DefaultActions: [...of.defaultActions],
  };
}

function describeTargetGroups(
  { state: { targetGroups, loadBalancers } }: Balancing,
  { LoadBalancerArn, TargetGroupArns: arns = [], Names: names = [], Marker, PageSize }: DescribeTargetGroupsInput,
): DescribeTargetGroupsOutput {
  if (LoadBalancerArn !== undefined && !loadBalancers.has(LoadBalancerArn))
    throw notFound('LoadBalancer', 'Load balancers', [LoadBalancerArn]);
  const all = [...targetGroups.values()];
  const absent = [
    ...arns.filter((arn) => !targetGroups.has(arn)),
    ...names.filter((name) => !all.some((each) => each.name === name)),
  ];
  if (absent.length > 0) throw notFound('TargetGroup', 'One or more target groups', absent);
  const isAskedFor = (each: TargetGroupRecord): boolean =>
    arns.includes(each.arn) ||
    names.includes(each.name) ||
    (LoadBalancerArn !== undefined && each.loadBalancer?.arn === LoadBalancerArn);
  const isEveryone = LoadBalancerArn === undefined && arns.length + names.length === 0;
  const found = isEveryone ? all : all.filter(isAskedFor);
  const { items, nextToken } = pageOf(found, PageSize ?? PAGE_SIZE, Marker, invalidMarker);
  return { TargetGroups: items.map(targetGroupAnswer), NextMarker: nextToken };
}

function targetGroupAnswer(of: TargetGroupRecord): TargetGroupAnswer {
  return {
    TargetGroupArn: of.arn,
    TargetGroupName: of.name,
    Protocol: of.protocol,
    Port: of.port,
    VpcId: of.vpcId,
    HealthCheckProtocol: of.healthCheckProtocol,
    HealthCheckPort: 'traffic-port',
    HealthCheckEnabled: true,
    HealthCheckIntervalSeconds: of.healthCheckIntervalSeconds,
    HealthCheckTimeoutSeconds: of.healthCheckTimeoutSeconds,
    HealthyThresholdCount: of.healthyThreshold,
    UnhealthyThresholdCount: of.unhealthyThreshold,
    HealthCheckPath: of.healthCheckPath,
    Matcher: { HttpCode: of.matcher },
    LoadBalancerArns: of.loadBalancer === undefined ? [] : [of.loadBalancer.arn],
    TargetType: of.targetType,
    ProtocolVersion: 'HTTP1',
    IpAddressType: 'ipv4',
  };
}

function notFound(code: 'LoadBalancer' | 'Listener' | 'TargetGroup', what: string, names: readonly string[]): Fault {
  return new Fault(`${code}NotFound`, `${what} '[${names.join(', ')}]' not found`);
}

function invalidMarker(): Fault {
  return new Fault('ValidationError', 'The marker is not valid');
}
