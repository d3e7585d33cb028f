import type { Network, RegionContext, Service } from '../service.ts';
import { admitNetwork, type OutsideNetwork } from './admit-network.ts';
import type { NetworkStore } from './network.ts';
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
  /** Makes a network known that stands outside the stacks. */
  admitNetwork(network: OutsideNetwork): void;
}

/** Creates EC2 without any network: no default VPC is there. */
export function createEc2(context: RegionContext): Ec2 {
  const store: NetworkStore = {
    context,
    vpcs: new Map(),
    subnets: new Map(),
    internetGateways: new Map(),
    routeTables: new Map(),
    securityGroups: new Map(),
  };
  return {
    id: 'ec2',
    operations: {},
    resources: {
      'AWS::EC2::VPC': vpcResource(store),
      'AWS::EC2::Subnet': subnetResource(store),
      'AWS::EC2::InternetGateway': internetGatewayResource(store),
      'AWS::EC2::VPCGatewayAttachment': gatewayAttachmentResource(store),
      'AWS::EC2::RouteTable': routeTableResource(store),
      'AWS::EC2::Route': routeResource(store),
      'AWS::EC2::SubnetRouteTableAssociation': routeTableAssociationResource(store),
      'AWS::EC2::SecurityGroup': securityGroupResource(store),
      'AWS::EC2::SecurityGroupIngress': securityGroupIngressResource(store),
      'AWS::EC2::SecurityGroupEgress': securityGroupEgressResource(store),
    },
    updaters: { 'AWS::EC2::SecurityGroup': securityGroupUpdater(store) },
    admitNetwork: (outside) => admitNetwork(store, outside),
    network: {
      hasVpc: (vpcId) => store.vpcs.has(vpcId),
      hasInternetGateway: (vpcId) => [...store.internetGateways.values()].includes(vpcId),
      subnet: (id) => store.subnets.get(id),
      vpcOfSecurityGroup: (id) => store.securityGroups.get(id)?.vpcId,
    },
  };
}
