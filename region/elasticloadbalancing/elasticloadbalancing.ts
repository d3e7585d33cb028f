import type { FindTargetGroup, Network, RegionContext, Service } from '../service.ts';
import { listenerResource } from './listener-resource.ts';
import { loadBalancerResource } from './load-balancer-resource.ts';
import type { Store } from './store.ts';
import { targetGroupResource } from './target-group-resource.ts';

/** Application load balancers. The health of their targets is reckoned where the targets live: in ECS. */
export interface ElasticLoadBalancing extends Service {
  readonly id: 'elasticloadbalancing';
  readonly findTargetGroup: FindTargetGroup;
  /** Whether `app/<name>/<id>/targetgroup/<name>/<id>` is a load balancer with a target group of its own. */
  isRouted(resourceLabel: string): boolean;
}

/** Creates Elastic Load Balancing without any load balancer. */
export function createElasticLoadBalancing(
  context: RegionContext & { readonly network: Network },
): ElasticLoadBalancing {
  const store: Store = { context, network: context.network, loadBalancers: new Map(), targetGroups: new Map() };
  return {
    id: 'elasticloadbalancing',
    operations: {},
    resources: {
      'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancerResource(store),
      'AWS::ElasticLoadBalancingV2::TargetGroup': targetGroupResource(store),
      'AWS::ElasticLoadBalancingV2::Listener': listenerResource(store),
    },
    findTargetGroup: (arn) => {
      const group = store.targetGroups.get(arn);
      return group && { ...group, hasLoadBalancer: group.loadBalancer !== undefined };
    },
    isRouted: (label) =>
      [...store.targetGroups.values()].some(
        ({ loadBalancer, fullName }) => `${loadBalancer?.fullName}/${fullName}` === label,
      ),
  };
}
