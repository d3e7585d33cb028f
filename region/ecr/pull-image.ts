import { createHash } from 'node:crypto';
import { BEHAVIOUR_ANNOTATION, UNPULLABLE } from '../ecs/behaviour.ts';
import type { PullResult } from '../service.ts';
import { notesOf, platformOf } from './image-notes.ts';
import { parseReference, type ImageReference } from './image-reference.ts';
import { IMAGE_CONFIGS } from './manifest.ts';
import type { Ecr, Repository, StoredImage } from './model.ts';
import { imageByTag, registryHost } from './registry.ts';

/** What a container agent would get for `image` on `platform`; failures carry the texts that ECS shows. */
export function pullImage(ecr: Ecr, image: string, platform: string): PullResult {
  const admitted = ecr.state.foreignImages.get(image);
  if (admitted) return { kind: 'pulled', imageDigest: foreignDigest(image), annotations: admitted };
  const reference = parseReference(image);
  if (reference === undefined) return failed(`failed to resolve ref ${image}: invalid reference format`);
  if (reference.host !== registryHost(ecr)) return pullForeign(reference);
  const repository = ecr.state.repositories.get(reference.repositoryName);
  const stored = repository && lookUp(repository, reference);
  if (!repository || !stored) return failed(`failed to resolve ref ${image}: not found`);
  if (stored.status !== 'ACTIVE') return refusedByRegistry(reference, '404 Not Found');
  return pullStored(repository, stored, platform, reference);
}

/**
 * Nobody can say here what another registry has, so its images run, healthy, the same in every deployment; a name says
 * when they do not.
 */
function pullForeign({ image, host }: ImageReference): PullResult {
  // RFC 2606: no such host ever exists.
  if (host.replace(/:\d+$/, '').endsWith('.invalid'))
    return failed(`failed to resolve ref ${image}: dial tcp: lookup ${host}: no such host`);
  if (image.includes(UNPULLABLE)) return failed(`failed to resolve ref ${image}: not found`);
  return { kind: 'pulled', imageDigest: foreignDigest(image), annotations: {} };
}

function pullStored(
  repository: Repository,
  stored: StoredImage,
  platform: string,
  reference: ImageReference,
): PullResult {
  const running = stored.manifest.kind === 'index' ? entryFor(repository, stored, platform) : stored;
  if (!running || !isBuiltFor(repository, running, platform)) return wrongPlatform(platform);
  if (running.status !== 'ACTIVE') return refusedByRegistry(reference, '404 Not Found');
  if (!isImage(running)) return noImage();
  // An index speaks for its images where they say nothing themselves; annotations beat the labels of a configuration.
  const annotations = {
    ...notesOf(repository, running.manifest),
    ...stored.manifest.annotations,
    ...running.manifest.annotations,
  };
  if (annotations[BEHAVIOUR_ANNOTATION] === UNPULLABLE) return refusedByRegistry(reference, '403 Forbidden');
  return { kind: 'pulled', imageDigest: running.manifest.digest, annotations };
}

/** What an index has for a platform, also by way of another index. Attestations say `unknown/unknown`, so no platform ever selects them. */
function entryFor(repository: Repository, { manifest }: StoredImage, platform: string): StoredImage | undefined {
  if (manifest.kind !== 'index') return undefined;
  const entry = manifest.entries.find((candidate) => candidate.platform === platform);
  const child = entry && repository.images.get(entry.digest);
  return child?.manifest.kind === 'index' ? entryFor(repository, child, platform) : child;
}

/** A lone manifest does not name its platform; where no note and no configuration does, it fits. */
function isBuiltFor(repository: Repository, { manifest }: StoredImage, platform: string): boolean {
  return (platformOf(repository, manifest) ?? platform) === platform;
}

function lookUp(repository: Repository, { tag, digest }: ImageReference): StoredImage | undefined {
  return digest === undefined ? imageByTag(repository, tag) : repository.images.get(digest);
}

function isImage({ manifest }: StoredImage): boolean {
  return manifest.kind === 'image' && IMAGE_CONFIGS.includes(manifest.configMediaType);
}

function failed(cause: string, retries = 1): PullResult {
  const reason = `CannotPullContainerError: pull image manifest has been retried ${retries} time(s): ${cause}`;
  return { kind: 'failed', reason };
}

function wrongPlatform(platform: string): PullResult {
  return failed(`image Manifest does not contain descriptor matching platform '${platform}'`, 7);
}

/** What containerd says of a Helm chart, a signature or an attestation, which have no file systems that layers could make up. */
function noImage(): PullResult {
  const cause = 'failed to unpack image on snapshotter overlayfs: mismatched image rootfs and manifest layers';
  return { kind: 'failed', reason: `CannotPullContainerError: ref pull has been retried 1 time(s): ${cause}` };
}

function refusedByRegistry({ image, host, repositoryName, tag, digest }: ImageReference, status: string): PullResult {
  const url = `https://${host}/v2/${repositoryName}/manifests/${digest ?? tag}`;
  return failed(`failed to resolve ref ${image}: unexpected status code ${url}: ${status}`);
}

function foreignDigest(image: string): string {
  return image.split('@')[1] ?? `sha256:${createHash('sha256').update(image).digest('hex')}`;
}
