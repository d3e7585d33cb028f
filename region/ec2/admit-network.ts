import type { Networks } from './model.ts';

/** A network that stands outside the stacks: they only name it. */
export interface OutsideNetwork {
  readonly vpcId: string;
  /** Each in a zone of its own, in this order, as far as zones go. */
  readonly subnetIds: readonly string[];
  readonly securityGroupIds?: readonly string[];
}

const ZONES = 'abcdef';

/** Makes an outside network known, with an internet gateway; again, it changes nothing. */
export function admitNetwork(networks: Networks, { vpcId, subnetIds, securityGroupIds = [] }: OutsideNetwork): void {
  if (!networks.state.vpcs.has(vpcId)) {
    networks.state.vpcs.set(vpcId, { id: vpcId, cidr: undefined });
    networks.state.internetGateways.set(`igw-of-${vpcId}`, vpcId);
  }
  for (const [index, id] of subnetIds.entries()) {
    const availabilityZone = `${networks.region}${ZONES[index % ZONES.length]}`;
    if (!networks.state.subnets.has(id)) {
      networks.state.subnets.set(id, { id, vpcId, cidr: undefined, availabilityZone, routeTableId: undefined });
    }
  }
  for (const id of securityGroupIds) {
    if (!networks.state.securityGroups.has(id))
      networks.state.securityGroups.set(id, { id, name: id, vpcId, rules: new Set() });
  }
}
