import { imageManifest } from '../../region/ecr/image-manifests.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';
import { registerLike } from './revisions.ts';

/** Deploys the service by hand with an agent beside its container: from a repository of the same account, or `image`. */
export async function deployBesideAgent(
  world: World,
  image?: string,
  pass: (seconds: number) => Promise<unknown> = (seconds) => world.advance(seconds),
): Promise<void> {
  const { region, config } = world;
  region.ecr.createRepository({ repositoryName: 'agent' });
  region.ecr.pushImage({ repositoryName: 'agent', image: imageManifest({ seedText: 'agent' }), tag: '1' });
  const own = `${region.account}.dkr.ecr.${region.region}.amazonaws.com/agent:1`;
  region.events.setDelivery(() => 'never');
  const taskDefinition = await registerLike(world, (await world.service()).taskDefinition, (containers) => {
    const [api] = JSON.parse(containers) as object[];
    return JSON.stringify([api, { name: 'agent', image: image ?? own, essential: true }]);
  });
  const { cluster, serviceName: service } = config;
  await operate(region, 'ecs', 'UpdateService', { cluster, service, taskDefinition });
  await pass(600);
  region.events.setDelivery(() => 'once');
}

/** Takes the agent's image out of its repository. */
export async function deleteAgent({ region }: World): Promise<void> {
  const gone = { repositoryName: 'agent', imageIds: [{ imageTag: '1' }] };
  await operate(region, 'ecr', 'BatchDeleteImage', gone);
}
