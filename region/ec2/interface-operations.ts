import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  Filter,
  NetworkInterface as InterfaceAnswer,
  NetworkInterfaceAssociation,
} from '@aws-sdk/client-ec2';
import { NotModelled, operation, type NetworkInterface, type Operation } from '../service.ts';
import { existing, type Networks } from './model.ts';

/** The network interfaces that other services have put into subnets. */
export function interfaceOperations(networks: Networks): Readonly<Record<string, Operation>> {
  return {
    DescribeNetworkInterfaces: operation<DescribeNetworkInterfacesRequest, DescribeNetworkInterfacesResult>({
      // The action has no resource type: policies name `*`.
      permissions: () => [{ action: 'ec2:DescribeNetworkInterfaces', resource: '*' }],
      apply: (request) => describeNetworkInterfaces(networks, request),
    }),
  };
}

function describeNetworkInterfaces(
  networks: Networks,
  { NetworkInterfaceIds: ids = [], Filters = [], ...rest }: DescribeNetworkInterfacesRequest,
): DescribeNetworkInterfacesResult {
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new NotModelled(`${unknown} of ec2:DescribeNetworkInterfaces`);
  const all = new Map(networks.networkInterfaces().map((each) => [each.id, each]));
  const named = ids.length === 0 ? [...all.values()] : ids.map((id) => existing(all, id, 'networkInterface'));
  const found = named.filter((each) => Filters.every((filter) => fits(filter, each)));
  return { NetworkInterfaces: found.map((each) => interfaceAnswer(networks, each)) };
}

/** Unlike an id that is named, one that a filter lets through need not exist. */
function fits({ Name, Values = [] }: Filter, { id }: NetworkInterface): boolean {
  if (Name !== 'network-interface-id') throw new NotModelled(`the filter ${Name} of ec2:DescribeNetworkInterfaces`);
  return Values.includes(id);
}

function interfaceAnswer({ account, region, state }: Networks, of: NetworkInterface): InterfaceAnswer {
  const { id, mac, privateIp, subnetId, securityGroupIds } = of;
  const Association = of.isPublic ? associationOf(id, region) : undefined;
  return {
    ...(Association && { Association }),
    Attachment: { DeleteOnTermination: false, DeviceIndex: 1, Status: 'attached' },
    AvailabilityZone: of.availabilityZone,
    Description: of.description,
    Groups: securityGroupIds.map((GroupId) => ({ GroupId, GroupName: state.securityGroups.get(GroupId)?.name })),
    InterfaceType: 'interface',
    Ipv6Addresses: [],
    MacAddress: mac,
    NetworkInterfaceId: id,
    OwnerId: account,
    PrivateIpAddress: privateIp,
    PrivateIpAddresses: [{ Primary: true, PrivateIpAddress: privateIp, ...(Association && { Association }) }],
    RequesterManaged: true,
    SourceDestCheck: true,
    Status: 'in-use',
    SubnetId: subnetId,
    TagSet: [],
    VpcId: subnetId === undefined ? undefined : state.subnets.get(subnetId)?.vpcId,
  };
}

/** The address follows from the id: of the block for benchmarks (RFC 2544), which belongs to nobody on the internet. */
function associationOf(id: string, region: string): NetworkInterfaceAssociation {
  const [b, c, d] = id
    .slice(-6)
    .match(/../g)!
    .map((digits) => Number.parseInt(digits, 16));
  const octets = [198, 18 + (b! % 2), c!, 1 + (d! % 254)];
  const domain = region === 'us-east-1' ? 'compute-1' : `${region}.compute`;
  return {
    IpOwnerId: 'amazon',
    PublicDnsName: `ec2-${octets.join('-')}.${domain}.amazonaws.com`,
    PublicIp: octets.join('.'),
  };
}
