import type { DeployedStack, Stack } from '../../region/cloudformation/deploy-stack.ts';
import { readCloudAssembly } from './cloud-assembly.ts';

/** Deploys every stack of a synthesized cloud assembly, each after those that it depends on: the first time it creates, later it changes what differs. */
export async function deployAssembly(
  region: { deployStack(stack: Stack): Promise<DeployedStack> },
  directory: string,
): Promise<DeployedStack[]> {
  const deployed: DeployedStack[] = [];
  for (const stack of readCloudAssembly(directory)) deployed.push(await region.deployStack(stack));
  return deployed;
}
