import { listPage } from '../../../functions/aws/registry.ts';
import type { RegistryImage } from '../../../functions/rollout/select-image.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';

/** The tagged images that ECR lists first, the one that was pushed last before the others: in a large repository not all. */
export async function newestImages({ clients, config }: DeployedCell): Promise<readonly RegistryImage[]> {
  const { images } = await listPage(clients.ecr, config.repository);
  return [...images].sort((a, b) => b.pushedAt - a.pushedAt);
}
