import type { OutsideNetwork } from '../../region/ec2/admit-network.ts';
import type { AssemblyStack } from './cloud-assembly.ts';

/** A stack that names subnets or groups but no VPC leaves open in which one they are. */
const UNNAMED_VPC = 'vpc-0000000000000000f';

/** The networks that the stacks of a cloud assembly name without creating them: ids that are written out in a template. */
export function outsideNetworks(stacks: readonly AssemblyStack[]): OutsideNetwork[] {
  return stacks.flatMap(({ name, template }) => {
    const ids = [...new Set(textsIn(template.Resources ?? {}))];
    const of = (kind: string): string[] => ids.filter((id) => new RegExp(`^${kind}-[0-9a-f]{8,17}$`).test(id));
    const [vpcs, subnetIds, securityGroupIds] = [of('vpc'), of('subnet'), of('sg')];
    if (vpcs.length + subnetIds.length + securityGroupIds.length === 0) return [];
    if (vpcs.length > 1)
      throw new Error(`stack ${name} names the VPCs ${vpcs.join(', ')}: more than one is not modelled`);
    return [{ vpcId: vpcs[0] ?? UNNAMED_VPC, subnetIds, securityGroupIds }];
  });
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
