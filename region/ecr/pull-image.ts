import { createHash } from 'node:crypto';
import { NotModelled, type PullResult } from '../service.ts';
import type { Ecr, Repository, StoredImage } from './model.ts';
import { imageByTag, registryHost } from './registry.ts';

/** An annotation of a manifest that says which platform a lone image was built for. */
const PLATFORM_ANNOTATION = 'rehearsal.platform';
/** An annotation that says what the image is like; here only `unpullable` matters. */
const BEHAVIOUR_ANNOTATION = 'rehearsal.behaviour';

interface ImageReference {
  readonly image: string;
  readonly host: string;
  readonly repositoryName: string;
  readonly tag: string;
  readonly digest: string | undefined;
}

/** What a container agent would get for `image` on `platform`; failures carry the texts that ECS shows. */
export function pullImage(ecr: Ecr, image: string, platform: string): PullResult {
  const foreign = ecr.state.foreignImages.get(image);
  if (foreign) return { kind: 'pulled', imageDigest: foreignDigest(image), annotations: foreign };
  const reference = parseReference(image);
  // RFC 2606: no such host ever exists.
  if (reference.host.endsWith('.invalid'))
    return failed(`failed to resolve ref ${image}: dial tcp: lookup ${reference.host}: no such host`);
  if (reference.host !== registryHost(ecr)) {
    throw new NotModelled(`Pulling ${image} from a registry other than ${registryHost(ecr)} (see admitForeignImage)`);
  }
  const repository = ecr.state.repositories.get(reference.repositoryName);
  const stored = repository && lookUp(repository, reference);
  if (!repository || !stored) return failed(`failed to resolve ref ${image}: not found`);
  if (stored.status !== 'ACTIVE') return refusedByRegistry(reference, '404 Not Found');
  return pullStored(repository, stored, platform, reference);
}

function pullStored(
  repository: Repository,
  stored: StoredImage,
  platform: string,
  reference: ImageReference,
): PullResult {
  const running = stored.manifest.kind === 'index' ? entryFor(repository, stored, platform) : stored;
  if (!running || !isBuiltFor(running, platform)) return wrongPlatform(platform);
  if (running.status !== 'ACTIVE') return refusedByRegistry(reference, '404 Not Found');
  const annotations = { ...stored.manifest.annotations, ...running.manifest.annotations };
  if (annotations[BEHAVIOUR_ANNOTATION] === 'unpullable') return refusedByRegistry(reference, '403 Forbidden');
  return { kind: 'pulled', imageDigest: running.manifest.digest, annotations };
}

/** Attestations say `unknown/unknown`, so no platform ever selects them. */
function entryFor(repository: Repository, { manifest }: StoredImage, platform: string): StoredImage | undefined {
  if (manifest.kind !== 'index') return undefined;
  const entry = manifest.entries.find((candidate) => candidate.platform === platform);
  const child = entry && repository.images.get(entry.digest);
  if (child?.manifest.kind === 'index') throw new NotModelled('Pulling an index inside an index');
  return child;
}

/** A lone manifest does not name its platform (its config does, which is a layer): without the annotation it fits. */
function isBuiltFor({ manifest }: StoredImage, platform: string): boolean {
  return (manifest.annotations[PLATFORM_ANNOTATION] ?? platform) === platform;
}

function lookUp(repository: Repository, { tag, digest }: ImageReference): StoredImage | undefined {
  return digest === undefined ? imageByTag(repository, tag) : repository.images.get(digest);
}

/** `host/name[:tag][@digest]`; a digest beats a tag, no tag means `latest`. */
function parseReference(image: string): ImageReference {
  const match = /^([^/]+)\/([^:@]+)(?::([^@]+))?(?:@(sha256:[a-f0-9]{64}))?$/.exec(image);
  if (!match) throw new NotModelled(`The image reference ${image}`);
  const [, host, repositoryName, tag = 'latest', digest] = match;
  return { image, host: host!, repositoryName: repositoryName!, tag, digest };
}

function failed(cause: string, retries = 1): PullResult {
  const reason = `CannotPullContainerError: pull image manifest has been retried ${retries} time(s): ${cause}`;
  return { kind: 'failed', reason };
}

function wrongPlatform(platform: string): PullResult {
  return failed(`image Manifest does not contain descriptor matching platform '${platform}'`, 7);
}

function refusedByRegistry({ image, host, repositoryName, tag, digest }: ImageReference, status: string): PullResult {
  const url = `https://${host}/v2/${repositoryName}/manifests/${digest ?? tag}`;
  return failed(`failed to resolve ref ${image}: unexpected status code ${url}: ${status}`);
}

function foreignDigest(image: string): string {
  return image.split('@')[1] ?? `sha256:${createHash('sha256').update(image).digest('hex')}`;
}
