import { createHash } from 'node:crypto';
import { OCI_INDEX, OCI_MANIFEST } from './manifest.ts';

const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const IN_TOTO = 'application/vnd.in-toto+json';

/** A manifest ready to push; `children` must be pushed before it. */
export interface BuiltManifest {
  readonly text: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly children: readonly BuiltManifest[];
  /** The contents of its configuration and layers, which must be uploaded before it, by digest. */
  readonly blobs: ReadonlyMap<string, string>;
}

/**
 * The manifest of one image, the same for the same arguments. `seedText` stands for the image's content;
 * `platform` (`linux/arm64`) is noted as annotation `rehearsal.platform`.
 */
export function imageManifest(of: {
  readonly seedText: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: string;
}): BuiltManifest {
  const platformNote = of.platform === undefined ? {} : { 'rehearsal.platform': of.platform };
  const annotations = { ...of.annotations, ...platformNote };
  const contents = [`${of.seedText} config`, `${of.seedText} layer`] as const;
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor(OCI_CONFIG, contents[0], 1_000, 4_000),
    layers: [descriptor(OCI_LAYER, contents[1], 20_000_000, 60_000_000)],
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return built(manifest, { contents });
}

/** An index over images, as buildx pushes it; with `attestation`, one attestation manifest for each image. */
export function imageIndex(
  images: readonly { readonly manifest: BuiltManifest; readonly platform: string }[],
  options: { readonly annotations?: Readonly<Record<string, string>>; readonly attestation?: boolean } = {},
): BuiltManifest {
  const attestations = options.attestation ? images.map(({ manifest }) => attestationOf(manifest)) : [];
  const index = {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [
      ...images.map(({ manifest, platform }) => ({ ...reference(manifest), platform: platformObject(platform) })),
      ...attestations.map((attestation, at) => attestationEntry(attestation, images[at]!.manifest)),
    ],
    ...(options.annotations && { annotations: options.annotations }),
  };
  return built(index, { children: [...images.map(({ manifest }) => manifest), ...attestations] });
}

function attestationOf(image: BuiltManifest): BuiltManifest {
  const contents = [`${image.digest} attestation config`, `${image.digest} provenance`] as const;
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor(OCI_CONFIG, contents[0], 150, 300),
    layers: [descriptor(IN_TOTO, contents[1], 1_000, 2_000)],
  };
  return built(manifest, { contents });
}

/** Shape of buildx's entries: https://docs.docker.com/build/metadata/attestations/attestation-storage/ */
function attestationEntry(attestation: BuiltManifest, image: BuiltManifest): object {
  return {
    ...reference(attestation),
    annotations: {
      'vnd.docker.reference.digest': image.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    },
    platform: { architecture: 'unknown', os: 'unknown' },
  };
}

function built(
  content: { readonly mediaType: string; readonly [member: string]: unknown },
  of: { readonly children?: readonly BuiltManifest[]; readonly contents?: readonly string[] },
): BuiltManifest {
  const text = JSON.stringify(content, undefined, 2);
  const { children = [], contents = [] } = of;
  const blobs = new Map(contents.map((blob) => [`sha256:${sha256(blob)}`, blob]));
  return { text, digest: `sha256:${sha256(text)}`, mediaType: content.mediaType, children, blobs };
}

function reference({ mediaType, digest, text }: BuiltManifest): { mediaType: string; digest: string; size: number } {
  return { mediaType, digest, size: Buffer.byteLength(text) };
}

function platformObject(platform: string): { architecture: string; os: string } {
  const [os, architecture] = platform.split('/');
  return { architecture: architecture!, os: os! };
}

/** A descriptor of `seedText`, with the size that such content would have. */
function descriptor(mediaType: string, seedText: string, sizeMin: number, sizeMax: number): object {
  const hash = sha256(seedText);
  const size = sizeMin + (Number.parseInt(hash.slice(0, 8), 16) % (sizeMax - sizeMin));
  return { mediaType, digest: `sha256:${hash}`, size };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
