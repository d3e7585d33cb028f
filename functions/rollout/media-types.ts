/**
 * What a registry keeps beside images: build caches, charts, SBOMs, attestations, signatures. They have tags like images, and are
 * told apart by their types only (OCI image specification, "Media types"; OCI distribution specification, artifacts).
 */

/** The configs of images; anything else that a manifest calls its config makes it an artifact. */
const IMAGE_CONFIGS: readonly (string | undefined)[] = [
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
];

/** Layers that a container runtime unpacks. An attestation has the config of an image and statements for layers. */
const IMAGE_LAYER = /^application\/vnd\.(?:oci\.image\.layer\.|docker\.image\.rootfs\.)/;

/** Whether the `artifactMediaType` that ECR tells speaks for an image; of an index it tells none. */
export function isImageType(artifactMediaType: string | undefined): boolean {
  return artifactMediaType === undefined || IMAGE_CONFIGS.includes(artifactMediaType);
}

/** What an index lists; a build cache lists layers instead. */
const MANIFEST = /^application\/vnd\.(?:oci\.image\.(?:manifest|index)\.|docker\.distribution\.manifest\.)/;

/** The types that a manifest names, as far as they tell an image from an artifact. */
export interface ManifestTypes {
  readonly artifactType?: string;
  readonly config?: { readonly mediaType?: string };
  readonly layers?: readonly { readonly mediaType?: string }[];
  readonly manifests?: readonly { readonly mediaType?: string }[];
}

/** The type that makes a manifest an artifact, no image; undefined for an image. */
export function artifactTypeOf({
  artifactType,
  config,
  layers = [],
  manifests = [],
}: ManifestTypes): string | undefined {
  if (!isImageType(artifactType)) return artifactType;
  if (!isImageType(config?.mediaType)) return config?.mediaType;
  return strangeAmong(layers, IMAGE_LAYER) ?? strangeAmong(manifests, MANIFEST);
}

function strangeAmong(entries: readonly { readonly mediaType?: string }[], known: RegExp): string | undefined {
  return entries.find(({ mediaType }) => mediaType !== undefined && !known.test(mediaType))?.mediaType;
}
