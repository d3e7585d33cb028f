import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  PutImageCommand,
  type ECRClient,
  type Image,
  type ImageDetail,
  type ImageFailure,
  type Repository,
} from '@aws-sdk/client-ecr';
import type { RolloutConfig } from '../rollout/config.ts';
import { AwsRefused, AwsUnavailable } from '../rollout/errors.ts';
import type { ListedPage } from '../rollout/inventory.ts';
import { asImageDigest, plainText, type ImageDigest } from '../rollout/identifiers.ts';
import type { ManifestFacts } from '../rollout/preflight.ts';
import { artifactTypeOf, type ManifestTypes } from '../rollout/media-types.ts';
import type { RegistryImage } from '../rollout/select-image.ts';
import { isFault } from './faults.ts';

/** Images that ECR lists on one page. */
const IMAGES_PER_PAGE = 1000;

/** DescribeImages pages that are followed: the quota of a repository is 100,000 images. */
const PAGES_MAX = 100;

/** Manifest types that a push may have; without this list ECR would convert or omit indexes. */
export const ACCEPTED_MEDIA_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

type DescribedRepository = Repository & { readonly repositoryUri: string };

/** The repository as ECR describes it; its absence is a failure. */
export async function readRepository(
  client: ECRClient,
  { repository }: Pick<RolloutConfig, 'repository'>,
): Promise<DescribedRepository> {
  const { repositories } = await client.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }));
  return repositories![0] as DescribedRepository;
}

/** The images among which the tag policy chooses: one for an exact tag, else all that are tagged. */
export async function candidateImages(
  client: ECRClient,
  { repository, tagPolicy }: Pick<RolloutConfig, 'repository' | 'tagPolicy'>,
): Promise<RegistryImage[]> {
  if (tagPolicy.kind !== 'exact') return listTaggedImages(client, repository);
  const image = await findImage(client, repository, { imageTag: tagPolicy.tag });
  return image ? [image] : [];
}

/** The image with this tag or digest; undefined when the repository has none. */
export async function findImage(
  client: ECRClient,
  repositoryName: string,
  imageId: { readonly imageTag?: string; readonly imageDigest?: string },
): Promise<RegistryImage | undefined> {
  return (await describeImages(client, repositoryName, [imageId])).flatMap(toRegistryImages)[0];
}

/** Those of these images that the repository has. */
export async function findImages(
  client: ECRClient,
  repositoryName: string,
  digests: readonly string[],
): Promise<RegistryImage[]> {
  // Without ids ECR would list everything.
  if (digests.length === 0) return [];
  const together = await describeImages(
    client,
    repositoryName,
    digests.map((imageDigest) => ({ imageDigest })),
  );
  // One missing image fails the whole call: then each is asked for alone.
  if (together.length > 0 || digests.length === 1) return together.flatMap(toRegistryImages);
  const found = await Promise.all(digests.map((imageDigest) => findImage(client, repositoryName, { imageDigest })));
  return found.flatMap((image) => image ?? []);
}

/** One page of the images that are tagged: the first, or the one that ECR's token names. ECR lists them in no order. */
export async function listPage(client: ECRClient, repositoryName: string, nextToken?: string): Promise<ListedPage> {
  const answer = await client.send(
    new DescribeImagesCommand({
      repositoryName,
      filter: { tagStatus: 'TAGGED' },
      maxResults: IMAGES_PER_PAGE,
      nextToken,
    }),
  );
  return { images: (answer.imageDetails ?? []).flatMap(toRegistryImages), nextToken: answer.nextToken || undefined };
}

/** All images that are tagged, the first page of which may be known. */
export async function listTaggedImages(
  client: ECRClient,
  repositoryName: string,
  first?: ListedPage,
): Promise<RegistryImage[]> {
  let page = first ?? (await listPage(client, repositoryName));
  const images = [...page.images];
  for (let count = 1; page.nextToken !== undefined; count++) {
    if (count === PAGES_MAX) throw tooManyImages(repositoryName, images.length);
    page = await listPage(client, repositoryName, page.nextToken);
    images.push(...page.images);
  }
  return images;
}

function tooManyImages(repositoryName: string, listed: number): Error {
  const most = (PAGES_MAX * IMAGES_PER_PAGE).toLocaleString('en-US');
  const seen = `${PAGES_MAX} pages with ${listed.toLocaleString('en-US')} tagged images, and there are more`;
  return new Error(
    `ECR lists ${seen} in repository ${repositoryName}: ${most} are its quota, and no more are read. Let a lifecycle policy expire old tags, or follow one tag: tag: { exact: '…' } in the configuration.`,
  );
}

/** ECR's `imageStatus` by digest or tag; what the repository lacks is absent. Archived images are looked for too. */
export async function imageStatuses(
  client: ECRClient,
  repositoryName: string,
  references: readonly string[],
): Promise<Record<string, string>> {
  const wanted = [...new Set(references)];
  const together = await describeImages(client, repositoryName, wanted.map(toImageId));
  // One missing image fails the whole call: then each is asked for alone.
  const found =
    together.length > 0
      ? wanted.map((reference) => together.find((detail) => isMeant(detail, reference)))
      : await Promise.all(
          wanted.map(async (reference) => (await describeImages(client, repositoryName, [toImageId(reference)]))[0]),
        );
  return Object.fromEntries(
    wanted.flatMap((reference, index) => {
      const detail = found[index];
      return detail ? [[reference, detail.imageStatus ?? 'ACTIVE']] : [];
    }),
  );
}

function toImageId(reference: string): { readonly imageTag?: string; readonly imageDigest?: string } {
  return asImageDigest(reference) ? { imageDigest: reference } : { imageTag: reference };
}

function isMeant({ imageDigest, imageTags }: ImageDetail, reference: string): boolean {
  return imageDigest === reference || (imageTags?.includes(reference) ?? false);
}

/** Indexes may list indexes; nobody nests them deeper than this. */
const NESTED_MAX = 3;

/**
 * The manifest of a digest and, for an index, its children and theirs, any of which its tasks may show; attestations
 * (`unknown/unknown`) are left out. Undefined when ECR has none; one that it has and cannot read says why.
 */
export async function readManifest(
  client: ECRClient,
  repositoryName: string,
  digest: ImageDigest,
  depth = NESTED_MAX,
): Promise<ManifestFacts | undefined> {
  try {
    const text = (await getImage(client, repositoryName, digest))?.imageManifest;
    if (text === undefined) return undefined;
    const manifest = parseManifest(digest, text);
    if (!manifest.children || depth === 0) return manifest;
    const nested = await Promise.all(
      indexesIn(text).map((index) => readManifest(client, repositoryName, index, depth - 1)),
    );
    return { ...manifest, children: withNested(manifest.children, nested) };
  } catch (error) {
    if (error instanceof AwsRefused) return { digest, unreadable: error.message };
    throw error;
  }
}

/** Gives an image one more tag, moving it from whatever has it; safe to repeat. An image that is gone stays gone, and is told. */
export async function tagImage(
  client: ECRClient,
  repositoryName: string,
  digest: ImageDigest,
  imageTag: string,
): Promise<'tagged' | 'gone'> {
  const { imageManifest, imageManifestMediaType } = (await getImage(client, repositoryName, digest)) ?? {};
  if (imageManifest === undefined) return 'gone';
  try {
    await client.send(
      new PutImageCommand({ repositoryName, imageManifest, imageManifestMediaType, imageTag, imageDigest: digest }),
    );
  } catch (error) {
    // ECR's word for: that image has that tag already.
    if (!isFault(error, 'ImageAlreadyExistsException')) throw error;
  }
  return 'tagged';
}

/** The image; undefined when the repository has none. Any other failure is told with 200 too, and says nothing of the image. */
async function getImage(
  client: ECRClient,
  repositoryName: string,
  imageDigest: ImageDigest,
): Promise<Image | undefined> {
  const { images, failures } = await client.send(
    new BatchGetImageCommand({
      repositoryName,
      imageIds: [{ imageDigest }],
      acceptedMediaTypes: ACCEPTED_MEDIA_TYPES,
    }),
  );
  const failure = failures?.find(({ failureCode }) => failureCode !== 'ImageNotFound');
  if (failure) throw unread(imageDigest, failure);
  return images?.[0];
}

/** Failures of a registry upstream of this one that pass by themselves; all others last until somebody does something. */
const PASSING: readonly (string | undefined)[] = ['UpstreamUnavailable', 'UpstreamTooManyRequests'];

function unread(digest: ImageDigest, { failureCode, failureReason }: ImageFailure): Error {
  const why = plainText([failureCode, failureReason].filter((word) => word !== undefined).join(': '));
  const message = `ECR cannot read ${digest} (${why})`;
  return PASSING.includes(failureCode) ? new AwsUnavailable(message) : new AwsRefused(message);
}

/** `<repositoryUri>@<digest>`: how a task definition pins an image. */
export function pinnedImage(repositoryUri: string, digest: ImageDigest): string {
  return `${repositoryUri}@${digest}`;
}

async function describeImages(
  client: ECRClient,
  repositoryName: string,
  imageIds: { readonly imageTag?: string; readonly imageDigest?: string }[],
): Promise<ImageDetail[]> {
  try {
    const { imageDetails } = await client.send(
      new DescribeImagesCommand({ repositoryName, imageIds, filter: { imageStatus: 'ANY' } }),
    );
    return imageDetails ?? [];
  } catch (error) {
    if (isFault(error, 'ImageNotFoundException')) return [];
    throw error;
  }
}

/** None where ECR names no digest, without which an image cannot be meant. */
function toRegistryImages({
  imageDigest,
  imageTags = [],
  imagePushedAt,
  artifactMediaType,
}: ImageDetail): RegistryImage[] {
  const digest = asImageDigest(imageDigest);
  return digest ? [{ digest, tags: imageTags, pushedAt: imagePushedAt?.getTime() ?? 0, artifactMediaType }] : [];
}

interface RawManifest extends ManifestTypes {
  readonly manifests?: readonly {
    readonly digest?: string;
    readonly mediaType?: string;
    readonly platform?: { readonly os?: string; readonly architecture?: string };
  }[];
}

const INDEX = /\.image\.index\.|\.manifest\.list\./;

/** The indexes that an index lists. */
function indexesIn(text: string): ImageDigest[] {
  const { manifests = [] } = JSON.parse(text) as RawManifest;
  return manifests.flatMap(({ digest, mediaType = '' }) =>
    INDEX.test(mediaType) ? (asImageDigest(digest) ?? []) : [],
  );
}

type Children = NonNullable<ManifestFacts['children']>;

/** An index among the children is for the platforms of its own, whether or not it names one. */
function withNested(children: Children, nested: readonly (ManifestFacts | undefined)[]): Children {
  return children.flatMap((child) => {
    const [first, ...rest] = nested.find((index) => index?.digest === child.digest)?.children ?? [];
    return first ? [{ ...first, digest: child.digest }, first, ...rest] : [child];
  });
}

function parseManifest(digest: ImageDigest, text: string): ManifestFacts {
  const raw = JSON.parse(text) as RawManifest;
  const artifactType = artifactTypeOf(raw);
  if (!raw.manifests) return { digest, artifactType };
  const children = raw.manifests.flatMap((child) => {
    const childDigest = asImageDigest(child.digest);
    const { os, architecture } = child.platform ?? {};
    return childDigest && os !== 'unknown' ? [{ digest: childDigest, os, architecture }] : [];
  });
  return { digest, artifactType, children };
}
