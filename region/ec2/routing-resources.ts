import * as z from 'zod';
import { readProperties } from '../properties.ts';
import { Fault, type ResourceCreator } from '../service.ts';
import { existing, newId, type Networks } from './model.ts';
import { tagsSchema } from './vpc-resources.ts';

const internetGatewaySchema = z.strictObject({ Tags: tagsSchema });
const attachmentSchema = z.strictObject({ VpcId: z.string(), InternetGatewayId: z.string() });
const routeTableSchema = z.strictObject({ VpcId: z.string(), Tags: tagsSchema });
// Routes to anything but an internet gateway are not modelled.
const routeSchema = z.strictObject({
  RouteTableId: z.string(),
  DestinationCidrBlock: z.string(),
  GatewayId: z.string(),
});
const associationSchema = z.strictObject({ RouteTableId: z.string(), SubnetId: z.string() });

/** Creates `AWS::EC2::InternetGateway`. */
export function internetGatewayResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    readProperties(internetGatewaySchema, 'AWS::EC2::InternetGateway', properties);
    const id = newId(networks, 'igw');
    networks.state.internetGateways.set(id, undefined);
    return { ref: id, attributes: { InternetGatewayId: id } };
  };
}

/** Creates `AWS::EC2::VPCGatewayAttachment`: a VPC has one internet gateway, and a gateway one VPC. */
export function gatewayAttachmentResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    const read = readProperties(attachmentSchema, 'AWS::EC2::VPCGatewayAttachment', properties);
    const { VpcId: vpcId, InternetGatewayId: gatewayId } = read;
    existing(networks.state.vpcs, vpcId, 'vpc');
    const attachedTo = vpcOfGateway(networks, gatewayId);
    if (attachedTo !== undefined) {
      throw new Fault(
        'Resource.AlreadyAssociated',
        `resource ${gatewayId} is already attached to network ${attachedTo}`,
      );
    }
    if ([...networks.state.internetGateways.values()].includes(vpcId)) {
      throw new Fault('InvalidParameterValue', `Network ${vpcId} already has an internet gateway attached`);
    }
    networks.state.internetGateways.set(gatewayId, vpcId);
    return { ref: `IGW|${vpcId}`, attributes: { AttachmentType: 'IGW' } };
  };
}

/** Creates `AWS::EC2::RouteTable`. */
export function routeTableResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    const { VpcId: vpcId } = readProperties(routeTableSchema, 'AWS::EC2::RouteTable', properties);
    existing(networks.state.vpcs, vpcId, 'vpc');
    const id = newId(networks, 'rtb');
    networks.state.routeTables.set(id, { id, vpcId, destinations: new Set() });
    return { ref: id, attributes: { RouteTableId: id } };
  };
}

/** Creates `AWS::EC2::Route` to an internet gateway, which must already be attached to the table's VPC. */
export function routeResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    const read = readProperties(routeSchema, 'AWS::EC2::Route', properties);
    const { RouteTableId: tableId, DestinationCidrBlock: destination, GatewayId: gatewayId } = read;
    const table = existing(networks.state.routeTables, tableId, 'routeTable');
    if (vpcOfGateway(networks, gatewayId) !== table.vpcId) {
      throw new Fault(
        'InvalidParameterValue',
        `route table ${tableId} and network gateway ${gatewayId} belong to different networks`,
      );
    }
    if (table.destinations.has(destination)) {
      throw new Fault('RouteAlreadyExists', `The route identified by ${destination} already exists.`);
    }
    table.destinations.add(destination);
    return { ref: `${tableId}|${destination}`, attributes: { CidrBlock: destination } };
  };
}

/** Creates `AWS::EC2::SubnetRouteTableAssociation`: a subnet has one route table, of its own VPC. */
export function routeTableAssociationResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    const read = readProperties(associationSchema, 'AWS::EC2::SubnetRouteTableAssociation', properties);
    const table = existing(networks.state.routeTables, read.RouteTableId, 'routeTable');
    const subnet = existing(networks.state.subnets, read.SubnetId, 'subnet');
    if (table.vpcId !== subnet.vpcId) {
      throw new Fault(
        'InvalidParameterValue',
        `route table ${table.id} and subnet ${subnet.id} belong to different networks`,
      );
    }
    if (subnet.routeTableId !== undefined) {
      const problem = `the specified association for route table ${subnet.routeTableId} conflicts with an existing association`;
      throw new Fault('Resource.AlreadyAssociated', problem);
    }
    subnet.routeTableId = table.id;
    const id = newId(networks, 'rtbassoc');
    return { ref: id, attributes: { Id: id } };
  };
}

function vpcOfGateway({ state: { internetGateways } }: Networks, id: string): string | undefined {
  if (internetGateways.has(id)) return internetGateways.get(id);
  throw new Fault('InvalidInternetGatewayID.NotFound', `The internetGateway ID '${id}' does not exist`);
}
