import * as z from 'zod';
import { readProperties } from '../properties.ts';
import { Fault, NotModelled, type ResourceCreator } from '../service.ts';
import { contains, overlaps, readCidr } from './cidr.ts';
import { existing, newId, type Networks } from './model.ts';

export const tagsSchema = z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional();

const vpcSchema = z.strictObject({
  CidrBlock: z.string(),
  EnableDnsHostnames: z.boolean().optional(),
  EnableDnsSupport: z.boolean().optional(),
  InstanceTenancy: z.literal('default').optional(),
  Tags: tagsSchema,
});

const subnetSchema = z.strictObject({
  VpcId: z.string(),
  CidrBlock: z.string(),
  AvailabilityZone: z.string().optional(),
  MapPublicIpOnLaunch: z.boolean().optional(),
  Tags: tagsSchema,
});

/** Creates `AWS::EC2::VPC`; `Ref` is its id. */
export function vpcResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    const { CidrBlock } = readProperties(vpcSchema, 'AWS::EC2::VPC', properties);
    const id = newId(networks, 'vpc');
    networks.state.vpcs.set(id, { id, cidr: readCidr(CidrBlock, 'InvalidVpc.Range') });
    const defaults = { DefaultSecurityGroup: newId(networks, 'sg'), DefaultNetworkAcl: newId(networks, 'acl') };
    const group = { id: defaults.DefaultSecurityGroup, name: 'default', vpcId: id, rules: new Set<string>() };
    networks.state.securityGroups.set(group.id, group);
    return { ref: id, attributes: { VpcId: id, CidrBlock, ...defaults } };
  };
}

/** Creates `AWS::EC2::Subnet`, whose block lies within its VPC's and overlaps no other subnet's. */
export function subnetResource(networks: Networks): ResourceCreator {
  return (_logicalId, properties) => {
    const read = readProperties(subnetSchema, 'AWS::EC2::Subnet', properties);
    const { CidrBlock, VpcId: vpcId, AvailabilityZone = `${networks.region}a` } = read;
    const vpc = existing(networks.state.vpcs, vpcId, 'vpc');
    const cidr = readCidr(CidrBlock, 'InvalidSubnet.Range');
    if (!vpc.cidr) throw new NotModelled(`A subnet in ${vpcId}, which stands outside the stacks,`);
    if (!contains(vpc.cidr, cidr)) throw new Fault('InvalidSubnet.Range', `The CIDR '${CidrBlock}' is invalid.`);
    const siblings = [...networks.state.subnets.values()].filter((subnet) => subnet.vpcId === vpcId);
    if (siblings.some((subnet) => overlaps(subnet.cidr!, cidr))) {
      throw new Fault('InvalidSubnet.Conflict', `The CIDR '${CidrBlock}' conflicts with another subnet`);
    }
    refuseForeignZone(networks, AvailabilityZone);
    const id = newId(networks, 'subnet');
    networks.state.subnets.set(id, { id, vpcId, cidr, availabilityZone: AvailabilityZone, routeTableId: undefined });
    return { ref: id, attributes: { SubnetId: id, VpcId: vpcId, CidrBlock, AvailabilityZone } };
  };
}

function refuseForeignZone({ region }: Networks, zone: string): void {
  if (zone.startsWith(region) && /^[a-f]$/.test(zone.slice(region.length))) return;
  const message = `Value (${zone}) for parameter availabilityZone is invalid. Subnets can only be created in the availability zones of ${region}.`;
  throw new Fault('InvalidParameterValue', message);
}
