import { DescribeImagesCommand, DescribeRepositoriesCommand, type ImageDetail } from '@aws-sdk/client-ecr';
import { selectImage, type RegistryImage } from '../../functions/rollout/select-image.ts';
import type { SelectedImage } from '../../functions/rollout/ledger.ts';
import type { DeployedCell } from './deployed-cell.ts';

type RegistryPlace = Pick<DeployedCell, 'clients' | 'config'>;

/** DescribeImages pages that are followed, 1,000 images each: a repository's quota is 100,000 images. */
const PAGES_MAX = 100;

/** What the tag policy selects now; undefined when it selects nothing. */
export async function selectedImage(place: RegistryPlace): Promise<SelectedImage | undefined> {
  const { tagPolicy } = place.config;
  const exact = tagPolicy.kind === 'exact' ? await findImage(place, { imageTag: tagPolicy.tag }) : undefined;
  const candidates = tagPolicy.kind === 'exact' ? (exact ? [exact] : []) : await taggedImages(place);
  return selectImage(candidates, tagPolicy);
}

/** The image with this tag or digest; undefined when the repository has none. */
export async function findImage(
  { clients, config }: RegistryPlace,
  imageId: { readonly imageTag?: string; readonly imageDigest?: string },
): Promise<RegistryImage | undefined> {
  try {
    const { imageDetails } = await clients.ecr.send(
      new DescribeImagesCommand({ repositoryName: config.repository, imageIds: [imageId] }),
    );
    return imageDetails?.[0] && toRegistryImage(imageDetails[0]);
  } catch (error) {
    if (error instanceof Error && error.name === 'ImageNotFoundException') return undefined;
    throw error;
  }
}

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com/team/api`, as ECR says it. */
export async function repositoryUri({ clients, config }: RegistryPlace): Promise<string> {
  const { repositories } = await clients.ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [config.repository] }),
  );
  return repositories![0]!.repositoryUri!;
}

async function taggedImages({ clients, config }: RegistryPlace): Promise<RegistryImage[]> {
  const images: RegistryImage[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await clients.ecr.send(
      new DescribeImagesCommand({
        repositoryName: config.repository,
        filter: { tagStatus: 'TAGGED' },
        maxResults: 1000,
        nextToken,
      }),
    );
    images.push(...(answer.imageDetails ?? []).map(toRegistryImage));
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return images;
}

function toRegistryImage({ imageDigest = '', imageTags = [], imagePushedAt }: ImageDetail): RegistryImage {
  return { digest: imageDigest, tags: imageTags, pushedAt: imagePushedAt?.getTime() ?? 0 };
}
