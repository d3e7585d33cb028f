import type { LoadedResource } from '../../region/cloudformation/change-resource.ts';
import { readCloudAssembly } from './cloud-assembly.ts';
import { deployStack, type DeployedStack, type StackTarget } from '../../region/cloudformation/deploy-stack.ts';

/** Deploys every stack of a synthesized cloud assembly into a region; anything unknown is refused with the stack and resource named. */
export async function loadAssembly(target: StackTarget, directory: string): Promise<DeployedStack[]> {
  return createDeployer(target).deploy(directory);
}

/** Plays CloudFormation's part over time. */
export interface Deployer {
  /** Deploys every stack: the first time it creates, later it changes what differs from the last time. */
  deploy(directory: string): Promise<DeployedStack[]>;
}

/** A deployer for an account in which no stack was deployed yet. */
export function createDeployer(target: StackTarget): Deployer {
  const deployed = new Map<string, Map<string, LoadedResource>>();
  return {
    async deploy(directory) {
      const stacks: DeployedStack[] = [];
      for (const stack of readCloudAssembly(directory)) {
        const known = deployed.get(stack.name) ?? new Map<string, LoadedResource>();
        deployed.set(stack.name, known);
        stacks.push(await deployStack(target, stack, known));
      }
      return stacks;
    },
  };
}
