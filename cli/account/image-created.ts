import { BatchGetImageCommand, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import { ACCEPTED_MEDIA_TYPES } from '../../functions/aws/registry.ts';
import type { DeployedCell } from './deployed-cell.ts';

/** When the image was built, as whoever built it says: https://specs.opencontainers.org/image-spec/annotations/ */
const CREATED = 'org.opencontainers.image.created';

type RepositoryPlace = Pick<DeployedCell, 'clients' | 'config'>;

/** As far as a manifest concerns this; an index lists manifests, an image has a configuration. */
interface Manifest {
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly manifests?: readonly { readonly digest?: string; readonly platform?: { readonly os?: string } }[];
  readonly config?: { readonly digest?: string };
}

/** Indexes that list indexes are followed so deep. */
const NESTED_MAX = 2;
/** Milliseconds for the download of one configuration, some kilobytes. */
const DOWNLOAD_MS = 10_000;

/**
 * When an image was created, milliseconds since the epoch, as its annotation says, else its label, else undefined. An index says it
 * for its images, or the first of them does.
 */
export async function imageCreatedAt(
  place: RepositoryPlace,
  imageDigest: string,
  depth = NESTED_MAX,
): Promise<number | undefined> {
  const manifest = await manifestOf(place, imageDigest);
  const annotated = momentIn(manifest?.annotations?.[CREATED]);
  if (annotated !== undefined) return annotated;
  const child = manifest?.manifests?.find(({ platform }) => platform?.os !== 'unknown')?.digest;
  if (child !== undefined) return depth === 0 ? undefined : await imageCreatedAt(place, child, depth - 1);
  const config = manifest?.config?.digest;
  return config === undefined ? undefined : momentIn((await labelsOf(place, config))[CREATED]);
}

async function manifestOf({ clients, config }: RepositoryPlace, imageDigest: string): Promise<Manifest | undefined> {
  const { images } = await clients.ecr.send(
    new BatchGetImageCommand({
      repositoryName: config.repository,
      imageIds: [{ imageDigest }],
      acceptedMediaTypes: ACCEPTED_MEDIA_TYPES,
    }),
  );
  const text = images?.[0]?.imageManifest;
  return text === undefined ? undefined : (parsed(text) as Manifest);
}

/** Labels of a configuration; none where ECR or whoever stores it for ECR has no such file, or does not answer. */
async function labelsOf(
  { clients, config }: RepositoryPlace,
  layerDigest: string,
): Promise<Readonly<Record<string, string>>> {
  const repositoryName = config.repository;
  const url = await clients.ecr
    .send(new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest }))
    .then(({ downloadUrl }) => downloadUrl)
    .catch((error: unknown) => {
      if (error instanceof Error && /^Layer|^UnableToGetUpstreamLayer/.test(error.name)) return undefined;
      throw error;
    });
  if (url === undefined) return {};
  const text = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) }).then(
    (answer) => (answer.ok ? answer.text() : ''),
    () => '',
  );
  const { config: inner } = parsed(text) as {
    readonly config?: { readonly Labels?: Readonly<Record<string, string>> };
  };
  return inner?.Labels ?? {};
}

/** What somebody else wrote; an empty object where it is no JSON. */
function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function momentIn(text: unknown): number | undefined {
  const at = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}
