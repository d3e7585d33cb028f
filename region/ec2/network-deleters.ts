import { Fault, type ResourceDeleter } from '../service.ts';
import type { Networks, NetworksState } from './model.ts';
import { ruleDeleter } from './security-group-resources.ts';

/** Deleters of what networks consist of. Nothing goes while something else stands in it or refers to it. */
export function networkDeleters(networks: Networks): Readonly<Record<string, ResourceDeleter>> {
  return { ...placeDeleters(networks), ...routingDeleters(networks.state), ...groupDeleters(networks) };
}

function placeDeleters({ state, isOccupied }: Networks): Record<string, ResourceDeleter> {
  const { vpcs, subnets, securityGroups } = state;
  return {
    'AWS::EC2::VPC': ({ current: { ref } }) => {
      if (dependents(state, ref) > 0) throw dependencyViolation('vpc', ref);
      for (const [id, { vpcId }] of securityGroups) if (vpcId === ref) securityGroups.delete(id);
      vpcs.delete(ref);
    },
    'AWS::EC2::Subnet': ({ current: { ref } }) => {
      if (isOccupied(ref)) throw dependencyViolation('subnet', ref);
      subnets.delete(ref);
    },
  };
}

/** What must go before its VPC: all but its default security group. */
function dependents(state: NetworksState, vpcId: string): number {
  const { subnets, routeTables, securityGroups, internetGateways } = state;
  const groups = [...securityGroups.values()].filter(({ name }) => name !== 'default');
  const placed = [...subnets.values(), ...routeTables.values(), ...groups];
  const gateways = [...internetGateways.values()].filter((attachedTo) => attachedTo === vpcId);
  return placed.filter((each) => each.vpcId === vpcId).length + gateways.length;
}

function routingDeleters({ internetGateways, routeTables, subnets }: NetworksState): Record<string, ResourceDeleter> {
  return {
    'AWS::EC2::InternetGateway': ({ current: { ref } }) => {
      if (internetGateways.get(ref) !== undefined) throw dependencyViolation('internetGateway', ref);
      internetGateways.delete(ref);
    },
    'AWS::EC2::VPCGatewayAttachment': ({ properties }) => {
      const id = String(properties['InternetGatewayId']);
      if (internetGateways.has(id)) internetGateways.set(id, undefined);
    },
    'AWS::EC2::RouteTable': ({ current: { ref } }) => {
      const isUsed = [...subnets.values()].some(({ routeTableId }) => routeTableId === ref);
      if (isUsed) throw dependencyViolation('routeTable', ref);
      routeTables.delete(ref);
    },
    'AWS::EC2::Route': ({ properties }) =>
      void routeTables
        .get(String(properties['RouteTableId']))
        ?.destinations.delete(String(properties['DestinationCidrBlock'])),
    'AWS::EC2::SubnetRouteTableAssociation': ({ properties }) => {
      const subnet = subnets.get(String(properties['SubnetId']));
      if (subnet) subnet.routeTableId = undefined;
    },
  };
}

function groupDeleters(networks: Networks): Record<string, ResourceDeleter> {
  const { securityGroups } = networks.state;
  return {
    'AWS::EC2::SecurityGroup': ({ current: { ref } }) => {
      const others = [...securityGroups.values()].filter(({ id }) => id !== ref);
      const isNamed = others.some(({ rules }) => [...rules].some((rule) => rule.includes(`"${ref}"`)));
      if (isNamed || networks.isOccupied(ref))
        throw new Fault('DependencyViolation', `resource ${ref} has a dependent object`);
      securityGroups.delete(ref);
    },
    'AWS::EC2::SecurityGroupIngress': ruleDeleter(networks, 'ingress'),
    'AWS::EC2::SecurityGroupEgress': ruleDeleter(networks, 'egress'),
  };
}

function dependencyViolation(kind: string, id: string): Fault {
  return new Fault('DependencyViolation', `The ${kind} '${id}' has dependencies and cannot be deleted.`);
}
