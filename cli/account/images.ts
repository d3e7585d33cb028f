import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import * as registry from '../../functions/aws/registry.ts';
import type { SelectedImage } from '../../functions/rollout/ledger.ts';
import { selectImage, type RegistryImage } from '../../functions/rollout/select-image.ts';
import type { DeployedCell } from './deployed-cell.ts';

type RegistryPlace = Pick<DeployedCell, 'clients' | 'config'>;

/** What the tag policy selects now; undefined when it selects nothing. */
export async function selectedImage({ clients, config }: RegistryPlace): Promise<SelectedImage | undefined> {
  return selectImage(await registry.candidateImages(clients.ecr, config), config.tagPolicy);
}

/** The image with this tag or digest; undefined when the repository has none. */
export function findImage(
  { clients, config }: RegistryPlace,
  imageId: { readonly imageTag?: string; readonly imageDigest?: string },
): Promise<RegistryImage | undefined> {
  return registry.findImage(clients.ecr, config.repository, imageId);
}

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/api`, as ECR says it. */
export async function repositoryUri({ clients, config }: RegistryPlace): Promise<string> {
  const { repositories } = await clients.ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [config.repository] }),
  );
  return repositories![0]!.repositoryUri!;
}
