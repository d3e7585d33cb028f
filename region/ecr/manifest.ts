import { createHash } from 'node:crypto';
import * as z from 'zod';
import { parseJson } from '../json.ts';
import { NotModelled } from '../service.ts';
import { invalidParameter } from './faults.ts';

/** Longest manifest that PutImage takes (Amazon ECR API reference, PutImage). */
export const MANIFEST_BYTES_MAX = 4 * 1024 * 1024;

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';

/** The configurations that make a manifest one of an image; charts, signatures and other artifacts have their own. */
export const IMAGE_CONFIGS: readonly string[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

const descriptor = z.looseObject({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[a-f0-9]{64}$/),
  size: z.int().nonnegative(),
});
const platform = z.looseObject({ os: z.string(), architecture: z.string() });
const annotations = z.record(z.string(), z.string()).optional();
const imageShape = z.looseObject({
  schemaVersion: z.literal(2),
  config: descriptor,
  layers: z.array(descriptor),
  artifactType: z.string().optional(),
  annotations,
});
const indexShape = z.looseObject({
  schemaVersion: z.literal(2),
  manifests: z.array(descriptor.extend({ platform: platform.optional() })),
  annotations,
});

/** One entry of an index. */
interface IndexEntry {
  readonly digest: string;
  /** `linux/amd64`; undefined when the index does not say. Build attestations say `unknown/unknown`. */
  readonly platform: string | undefined;
}

interface ManifestBase {
  readonly text: string;
  /** sha256 of the text. */
  readonly digest: string;
  readonly mediaType: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A layer, or the configuration of an image, which ECR treats as one. */
export interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** A manifest as pushed: one image, or an index (Docker: manifest list) of images. */
export type Manifest =
  | (ManifestBase & {
      readonly kind: 'image';
      readonly artifactMediaType: string;
      readonly configMediaType: string;
      /** Digest of its configuration, which is one of the blobs. */
      readonly config: string;
      readonly sizeInBytes: number;
      readonly blobs: readonly Blob[];
    })
  | (ManifestBase & { readonly kind: 'index'; readonly entries: readonly IndexEntry[] });

/** Reads a manifest's text; `declaredMediaType` is needed where the text carries no `mediaType` of its own. */
export function parseManifest(text: string, declaredMediaType: string | undefined): Manifest {
  if (Buffer.byteLength(text) > MANIFEST_BYTES_MAX) throw invalidParameter('imageManifest', 'at most 4194304 bytes');
  const parsed = parseObject(text);
  const mediaType = mediaTypeOf(parsed, declaredMediaType);
  if (parsed.subject !== undefined) throw new NotModelled('ECR PutImage of a referrer (a manifest with a `subject`)');
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  if (mediaType === OCI_INDEX || mediaType === DOCKER_LIST) {
    const index = checked(indexShape, parsed);
    return { kind: 'index', text, digest, mediaType, annotations: index.annotations ?? {}, entries: entriesOf(index) };
  }
  const image = checked(imageShape, parsed);
  const artifactMediaType = image.artifactType ?? image.config.mediaType;
  const blobs = [image.config, ...image.layers].map(({ digest: blob, size }) => ({ digest: blob, size }));
  return {
    kind: 'image',
    text,
    digest,
    mediaType,
    annotations: image.annotations ?? {},
    artifactMediaType,
    configMediaType: image.config.mediaType,
    config: image.config.digest,
    sizeInBytes: blobs.reduce((total, { size }) => total + size, 0),
    blobs,
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return z.record(z.string(), z.unknown()).parse(parseJson(text));
  } catch {
    throw invalidParameter('imageManifest', 'Invalid JSON syntax');
  }
}

function mediaTypeOf(parsed: Record<string, unknown>, declared: string | undefined): string {
  const own = parsed.mediaType;
  if (typeof own === 'string' && declared !== undefined && own !== declared) {
    throw invalidParameter('imageManifestMediaType', `must equal the manifest's own mediaType '${own}'`);
  }
  const mediaType = typeof own === 'string' ? own : declared;
  if (mediaType === undefined) throw invalidParameter('imageManifestMediaType', 'must be given: the manifest has none');
  if (![OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST].includes(mediaType)) {
    throw new NotModelled(`ECR manifest media type ${mediaType}`);
  }
  return mediaType;
}

function checked<Shape extends z.ZodType>(shape: Shape, parsed: unknown): z.output<Shape> {
  const result = shape.safeParse(parsed);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalidParameter('imageManifest', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid manifest'}`);
}

function entriesOf(index: z.output<typeof indexShape>): IndexEntry[] {
  return index.manifests.map(({ digest, platform: of }) => ({
    digest,
    platform: of && `${of.os}/${of.architecture}`,
  }));
}
