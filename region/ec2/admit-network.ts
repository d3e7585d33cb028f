import type { NetworkStore } from './network.ts';

/** A network that stands outside the stacks: they only name it. */
export interface OutsideNetwork {
  readonly vpcId: string;
  /** Each in a zone of its own, in this order, as far as zones go. */
  readonly subnetIds: readonly string[];
  readonly securityGroupIds?: readonly string[];
}

const ZONES = 'abcdef';

/** Makes an outside network known, with an internet gateway; again, it changes nothing. */
export function admitNetwork(store: NetworkStore, { vpcId, subnetIds, securityGroupIds = [] }: OutsideNetwork): void {
  if (!store.vpcs.has(vpcId)) {
    store.vpcs.set(vpcId, { id: vpcId, cidr: undefined });
    store.internetGateways.set(`igw-of-${vpcId}`, vpcId);
  }
  for (const [index, id] of subnetIds.entries()) {
    const availabilityZone = `${store.context.region}${ZONES[index % ZONES.length]}`;
    if (!store.subnets.has(id)) {
      store.subnets.set(id, { id, vpcId, cidr: undefined, availabilityZone, routeTableId: undefined });
    }
  }
  for (const id of securityGroupIds) {
    if (!store.securityGroups.has(id)) store.securityGroups.set(id, { id, name: id, vpcId, rules: new Set() });
  }
}
