import type { FindTargetGroup, Service } from '../service.ts';
import { listenerDeleter, listenerResource } from './listener-resource.ts';
import { loadBalancerDeleter, loadBalancerResource } from './load-balancer-resource.ts';
import { newBalancingState, type Balancing, type BalancingPorts, type BalancingState } from './model.ts';
import { balancingOperations } from './operations.ts';
import { targetGroupDeleter, targetGroupResource } from './target-group-resource.ts';

/** Application load balancers. The health of their targets is reckoned where the targets live: in ECS. */
export interface ElasticLoadBalancing extends Service {
  readonly id: 'elasticloadbalancing';
  readonly findTargetGroup: FindTargetGroup;
  /** Whether `app/<name>/<id>/targetgroup/<name>/<id>` is a load balancer with a target group of its own. */
  isRouted(resourceLabel: string): boolean;
  /** Whether a load balancer is in this subnet or this security group. */
  usesNetwork(id: string): boolean;
}

/** Creates Elastic Load Balancing, without any load balancer unless told. */
export function createElasticLoadBalancing(
  ports: BalancingPorts,
  state: BalancingState = newBalancingState(),
): ElasticLoadBalancing {
  const balancing: Balancing = { ...ports, state };
  return {
    id: 'elasticloadbalancing',
    state,
    operations: balancingOperations(balancing),
    resources: {
      'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancerResource(balancing),
      'AWS::ElasticLoadBalancingV2::TargetGroup': targetGroupResource(balancing),
      'AWS::ElasticLoadBalancingV2::Listener': listenerResource(balancing),
    },
    deleters: {
      'AWS::ElasticLoadBalancingV2::LoadBalancer': loadBalancerDeleter(balancing),
      'AWS::ElasticLoadBalancingV2::TargetGroup': targetGroupDeleter(balancing),
      'AWS::ElasticLoadBalancingV2::Listener': listenerDeleter(balancing),
    },
    usesNetwork: (id) =>
      [...state.loadBalancers.values()].some(
        ({ subnetIds, securityGroupIds }) => subnetIds.includes(id) || securityGroupIds.includes(id),
      ),
    findTargetGroup: (arn) => {
      const group = state.targetGroups.get(arn);
      return group && { ...group, hasLoadBalancer: group.loadBalancer !== undefined };
    },
    isRouted: (label) =>
      [...state.targetGroups.values()].some(
        ({ loadBalancer, fullName }) => `${loadBalancer?.fullName}/${fullName}` === label,
      ),
  };
}
