import type {
  BatchGetImageRequest,
  BatchGetImageResponse,
  DescribeImagesFilter,
  DescribeImagesRequest,
  DescribeImagesResponse,
  Image,
  ImageDetail,
  ImageFailure,
  ImageIdentifier,
  ListImagesRequest,
  ListImagesResponse,
} from '@aws-sdk/client-ecr';
import { NotModelled, operation, type Operation } from '../service.ts';
import { imageNotFound, invalidParameter } from './faults.ts';
import { checkIdentifier, failureOf } from './identifiers.ts';
import { pageOf } from './paging.ts';
import type { Ecr, Repository, StoredImage } from './model.ts';
import { imageById, permission, repositoryNamed } from './registry.ts';

const IMAGE_IDS_MAX = 100;

/** The operations that read images. */
export function imageReads(ecr: Ecr): Readonly<Record<string, Operation>> {
  return {
    BatchGetImage: operation<BatchGetImageRequest, BatchGetImageResponse>({
      permissions: (request) => [permission(ecr, 'ecr:BatchGetImage', request.repositoryName)],
      apply: (request) => batchGetImage(ecr, request),
    }),
    DescribeImages: operation<DescribeImagesRequest, DescribeImagesResponse>({
      permissions: (request) => [permission(ecr, 'ecr:DescribeImages', request.repositoryName)],
      apply: (request) => describeImages(ecr, request),
    }),
    ListImages: operation<ListImagesRequest, ListImagesResponse>({
      permissions: (request) => [permission(ecr, 'ecr:ListImages', request.repositoryName)],
      apply: (request) => listImages(ecr, request),
    }),
  };
}

/** Images that are missing are failures in the answer, not an error. */
function batchGetImage(ecr: Ecr, request: BatchGetImageRequest): BatchGetImageResponse {
  const repository = repositoryNamed(ecr, request);
  const ids = request.imageIds ?? [];
  if (ids.length < 1 || ids.length > IMAGE_IDS_MAX) throw invalidParameter('imageIds', `1 to ${IMAGE_IDS_MAX}`);
  const images: Image[] = [];
  const failures: ImageFailure[] = [];
  for (const id of ids) {
    const failure = failureOf(repository, id);
    if (failure) failures.push(failure);
    else images.push(imageOf(ecr, repository, id, request.acceptedMediaTypes));
  }
  return { images, failures };
}

function imageOf(
  ecr: Ecr,
  repository: Repository,
  id: ImageIdentifier,
  accepted: readonly string[] | undefined,
): Image {
  const { manifest, status } = imageById(repository, id)!;
  if (accepted && accepted.length > 0 && !accepted.includes(manifest.mediaType)) {
    throw new NotModelled(`ECR BatchGetImage with acceptedMediaTypes that lack the image's own ${manifest.mediaType}`);
  }
  if (status !== 'ACTIVE') throw new NotModelled(`ECR BatchGetImage of an image that is ${status}`);
  return {
    registryId: ecr.account,
    repositoryName: repository.name,
    imageId: { imageDigest: manifest.digest, ...(id.imageTag !== undefined && { imageTag: id.imageTag }) },
    imageManifest: manifest.text,
    imageManifestMediaType: manifest.mediaType,
  };
}

function describeImages(ecr: Ecr, request: DescribeImagesRequest): DescribeImagesResponse {
  const repository = repositoryNamed(ecr, request);
  const isListed = listed(request.filter);
  const detail = (image: StoredImage): ImageDetail => detailOf(ecr, repository, image);
  if (!request.imageIds) {
    const page = pageOf([...repository.images.values()].filter(isListed), request);
    return { imageDetails: page.items.map(detail), ...page.next };
  }
  if (request.maxResults !== undefined || request.nextToken !== undefined) {
    throw invalidParameter('imageIds', 'neither maxResults nor nextToken beside imageIds');
  }
  if (request.imageIds.length > IMAGE_IDS_MAX) throw invalidParameter('imageIds', `at most ${IMAGE_IDS_MAX}`);
  const images = new Set(request.imageIds.map((id) => namedImage(ecr, repository, id, isListed)));
  return { imageDetails: [...images].map(detail) };
}

function namedImage(
  ecr: Ecr,
  repository: Repository,
  id: ImageIdentifier,
  isListed: (image: StoredImage) => boolean,
): StoredImage {
  checkIdentifier(id);
  const image = imageById(repository, id);
  if (!image || !isListed(image)) throw imageNotFound(id, repository.name, ecr.account);
  return image;
}

/** "If not specified, only images with ACTIVE status are returned" (Amazon ECR API reference, DescribeImagesFilter). */
function listed(filter: DescribeImagesFilter | undefined): (image: StoredImage) => boolean {
  const { tagStatus = 'ANY', imageStatus = 'ACTIVE' } = filter ?? {};
  return (image) =>
    (tagStatus === 'ANY' || image.tags.size > 0 === (tagStatus === 'TAGGED')) &&
    (imageStatus === 'ANY' || image.status === imageStatus);
}

/** `imageTags` is absent, not empty, for an untagged image. */
function detailOf(ecr: Ecr, repository: Repository, image: StoredImage): ImageDetail {
  const { manifest } = image;
  return {
    registryId: ecr.account,
    repositoryName: repository.name,
    imageDigest: manifest.digest,
    ...(image.tags.size > 0 && { imageTags: [...image.tags] }),
    imageSizeInBytes: sizeInBytes(repository, image),
    imagePushedAt: image.pushedAt,
    imageManifestMediaType: manifest.mediaType,
    ...(manifest.kind === 'image' && { artifactMediaType: manifest.artifactMediaType }),
    imageStatus: image.status,
    ...(image.lastArchivedAt && { lastArchivedAt: image.lastArchivedAt }),
    ...(image.lastActivatedAt && { lastActivatedAt: image.lastActivatedAt }),
  };
}

/** "If the image is a manifest list, this will be the max size of all manifests in the list" (API reference, ImageDetail). */
function sizeInBytes(repository: Repository, { manifest }: StoredImage): number {
  if (manifest.kind === 'image') return manifest.sizeInBytes;
  const sizes = manifest.entries.flatMap(({ digest }) => {
    const child = repository.images.get(digest);
    return child ? [sizeInBytes(repository, child)] : [];
  });
  return Math.max(0, ...sizes);
}

/** One entry per tag; untagged images have one without a tag. */
function listImages(ecr: Ecr, request: ListImagesRequest): ListImagesResponse {
  const repository = repositoryNamed(ecr, request);
  const ids = [...repository.images.values()].filter(listed(request.filter)).flatMap(identifiersOf);
  const page = pageOf(ids, request);
  return { imageIds: page.items, ...page.next };
}

function identifiersOf({ manifest, tags }: StoredImage): ImageIdentifier[] {
  if (tags.size === 0) return [{ imageDigest: manifest.digest }];
  return [...tags].map((imageTag) => ({ imageDigest: manifest.digest, imageTag }));
}
