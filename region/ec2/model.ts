import { Fault, type NetworkInterface, type RegionContext } from '../service.ts';
import type { Cidr } from './cidr.ts';

/** What the virtual networks of the region consist of, by id. No packet is ever routed. */
export interface NetworksState {
  readonly vpcs: Map<string, Vpc>;
  readonly subnets: Map<string, Subnet>;
  /** The VPC that an internet gateway is attached to, if it is. */
  readonly internetGateways: Map<string, string | undefined>;
  readonly routeTables: Map<string, RouteTable>;
  readonly securityGroups: Map<string, SecurityGroup>;
}

/** What EC2 needs of the region. */
export interface NetworksPorts extends RegionContext {
  /** Whether a network interface of some service is in this subnet or this security group. */
  readonly isOccupied: (id: string) => boolean;
  /** Those that are there now. */
  readonly networkInterfaces: () => readonly NetworkInterface[];
}

export interface Networks extends NetworksPorts {
  readonly state: NetworksState;
}

/** No network: not even the default VPC of an AWS account. */
export function newNetworksState(): NetworksState {
  return {
    vpcs: new Map(),
    subnets: new Map(),
    internetGateways: new Map(),
    routeTables: new Map(),
    securityGroups: new Map(),
  };
}

export interface Vpc {
  readonly id: string;
  /** Undefined for one that stands outside the stacks: nobody said where its addresses are. */
  readonly cidr: Cidr | undefined;
}

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly cidr: Cidr | undefined;
  readonly availabilityZone: string;
  /** At most one. */
  routeTableId: string | undefined;
}

export interface RouteTable {
  readonly id: string;
  readonly vpcId: string;
  readonly destinations: Set<string>;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly vpcId: string;
  /** Rules as text, each once. */
  readonly rules: Set<string>;
}

/** `vpc-0a1b…` */
export const newId = ({ kernel }: Networks, prefix: string): string => `${prefix}-0${kernel.random.hex(16)}`;

/** The entry with this id; throws EC2's `Invalid….NotFound` for an id that does not exist. */
export function existing<Entry>(entries: ReadonlyMap<string, Entry>, id: string, kind: keyof typeof NOT_FOUND): Entry {
  const entry = entries.get(id);
  if (entry === undefined) throw new Fault(NOT_FOUND[kind], `The ${kind} ID '${id}' does not exist`);
  return entry;
}

const NOT_FOUND = {
  vpc: 'InvalidVpcID.NotFound',
  subnet: 'InvalidSubnetID.NotFound',
  routeTable: 'InvalidRouteTableID.NotFound',
  'security group': 'InvalidGroup.NotFound',
  networkInterface: 'InvalidNetworkInterfaceID.NotFound',
} as const;
