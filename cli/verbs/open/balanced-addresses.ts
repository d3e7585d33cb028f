import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  type LoadBalancer,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Address } from './address.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { HTTP: 80, HTTPS: 443 };

/** Where load balancers listen for the target groups: by default, else where only a rule can pick the service. */
export async function balancedAddresses(
  client: ElasticLoadBalancingV2Client,
  targetGroups: readonly string[],
): Promise<Address[]> {
  const { TargetGroups = [] } = await client.send(
    new DescribeTargetGroupsCommand({ TargetGroupArns: [...targetGroups] }),
  );
  const arns = [...new Set(TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns))];
  if (arns.length === 0) return [];
  const { LoadBalancers = [] } = await client.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: arns }));
  const each = LoadBalancers.map(async (balancer) => {
    // A load balancer has at most 50 listeners, which is less than a page.
    const request = new DescribeListenersCommand({ LoadBalancerArn: balancer.LoadBalancerArn });
    return addressesOf(balancer, (await client.send(request)).Listeners ?? [], targetGroups);
  });
  return (await Promise.all(each)).flat();
}

function addressesOf(
  balancer: LoadBalancer,
  listeners: readonly Listener[],
  targetGroups: readonly string[],
): Address[] {
  const forwarding = listeners.filter(({ DefaultActions = [] }) =>
    DefaultActions.flatMap((action) => [
      action.TargetGroupArn,
      ...(action.ForwardConfig?.TargetGroups ?? []).map(({ TargetGroupArn }) => TargetGroupArn),
    ]).some((arn) => arn !== undefined && targetGroups.includes(arn)),
  );
  const isByRule = forwarding.length === 0;
  return (isByRule ? listeners : forwarding).map((listener) => addressOf(balancer, listener, isByRule));
}

function addressOf({ DNSName = '', Scheme }: LoadBalancer, { Port, Protocol }: Listener, isByRule: boolean): Address {
  const standard = DEFAULT_PORTS[Protocol ?? ''];
  const authority = Port === standard ? DNSName : `${DNSName}:${Port}`;
  return {
    url: standard === undefined ? undefined : `${Protocol!.toLowerCase()}://${authority}`,
    host: DNSName,
    port: Port,
    protocol: Protocol,
    isPublic: Scheme === 'internet-facing',
    isByRule,
    taskArn: undefined,
  };
}
