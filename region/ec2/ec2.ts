import type { Network, Service } from '../service.ts';
import { admitNetwork, type OutsideNetwork } from './admit-network.ts';
import { interfaceOperations } from './interface-operations.ts';
import { newNetworksState, type Networks, type NetworksPorts, type NetworksState } from './model.ts';
import { networkDeleters } from './network-deleters.ts';
import {
  gatewayAttachmentResource,
  internetGatewayResource,
  routeResource,
  routeTableAssociationResource,
  routeTableResource,
} from './routing-resources.ts';
import {
  securityGroupEgressResource,
  securityGroupIngressResource,
  securityGroupResource,
  securityGroupUpdater,
} from './security-group-resources.ts';
import { subnetResource, vpcResource } from './vpc-resources.ts';

/** The virtual networks that stacks make: they exist and refer to one another; nothing flows through them. */
export interface Ec2 extends Service {
  readonly id: 'ec2';
  readonly network: Network;
  /** Attributes of what there is of a type such as `AWS::EC2::VPC::Id`, by id; undefined for other types. */
  valuesOfType(type: string): ReadonlyMap<string, Readonly<Record<string, string>>> | undefined;
  /** Makes a network known that stands outside the stacks. */
  admitNetwork(network: OutsideNetwork): void;
}

/** Creates EC2, without any network unless told. */
export function createEc2(ports: NetworksPorts, state: NetworksState = newNetworksState()): Ec2 {
  const networks: Networks = { ...ports, state };
  return {
    id: 'ec2',
    state,
    operations: interfaceOperations(networks),
    resources: {
      'AWS::EC2::VPC': vpcResource(networks),
      'AWS::EC2::Subnet': subnetResource(networks),
      'AWS::EC2::InternetGateway': internetGatewayResource(networks),
      'AWS::EC2::VPCGatewayAttachment': gatewayAttachmentResource(networks),
      'AWS::EC2::RouteTable': routeTableResource(networks),
      'AWS::EC2::Route': routeResource(networks),
      'AWS::EC2::SubnetRouteTableAssociation': routeTableAssociationResource(networks),
      'AWS::EC2::SecurityGroup': securityGroupResource(networks),
      'AWS::EC2::SecurityGroupIngress': securityGroupIngressResource(networks),
      'AWS::EC2::SecurityGroupEgress': securityGroupEgressResource(networks),
    },
    updaters: { 'AWS::EC2::SecurityGroup': securityGroupUpdater(networks) },
    deleters: networkDeleters(networks),
    valuesOfType: (type) => valuesOfType(state, type),
    admitNetwork: (outside) => admitNetwork(networks, outside),
    network: {
      hasVpc: (vpcId) => state.vpcs.has(vpcId),
      hasInternetGateway: (vpcId) => [...state.internetGateways.values()].includes(vpcId),
      subnet: (id) => state.subnets.get(id),
      vpcOfSecurityGroup: (id) => state.securityGroups.get(id)?.vpcId,
    },
  };
}

/** CloudFormation user guide, "Fn::ValueOf": tags and default ACLs are not among those that are modelled. */
function valuesOfType(state: NetworksState, type: string): ReadonlyMap<string, Record<string, string>> | undefined {
  switch (type) {
    case 'AWS::EC2::VPC::Id':
      return new Map([...state.vpcs.keys()].map((id) => [id, {}]));
    case 'AWS::EC2::Subnet::Id':
      return new Map(
        [...state.subnets.values()].map(({ id, vpcId: VpcId, availabilityZone: AvailabilityZone }) => [
          id,
          { VpcId, AvailabilityZone },
        ]),
      );
    case 'AWS::EC2::SecurityGroup::Id':
      return new Map([...state.securityGroups.keys()].map((id) => [id, {}]));
    default:
      return undefined;
  }
}
