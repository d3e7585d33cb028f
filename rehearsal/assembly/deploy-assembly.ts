import type { DeployedStack } from '../../region/cloudformation/deploy-stack.ts';
import type { Region } from '../../region/region.ts';
import { readCloudAssembly, type AssemblyCode } from './cloud-assembly.ts';

/**
 * Deploys every stack of a synthesized cloud assembly, each after those that it depends on: the first time it creates, later
 * it changes what differs and deletes what has left. As `cdk deploy` does, it first deletes a stack whose creation failed.
 */
export async function deployAssembly(
  region: Pick<Region, 'deployStack' | 'deleteStack' | 'cloudformation'>,
  directory: string,
  code: AssemblyCode = 'deployed',
): Promise<DeployedStack[]> {
  const deployed: DeployedStack[] = [];
  for (const stack of readCloudAssembly(directory, code)) {
    const hasFailed = region.cloudformation.state.stacks.get(stack.name)?.status === 'ROLLBACK_COMPLETE';
    if (hasFailed) await region.deleteStack(stack.name);
    deployed.push(await region.deployStack(stack));
  }
  return deployed;
}
