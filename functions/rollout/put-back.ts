import { asImageDigest, digestIn } from './identifiers.ts';
import type { ProvenRevision } from './ledger.ts';
import type { ContainerImages } from './next-revision.ts';
import type { TaskDefinitionFacts } from './task-definition-facts.ts';

/**
 * The images of the copy of a revision that is put back instead of it, pinned to what was seen running. One that names its image
 * by a tag would start whatever the tag means by then, which may be the very image that failed; one that is INACTIVE cannot be
 * put on a service at all. Undefined where the revision itself will do.
 */
export function copiedImages(
  { status, containers }: TaskDefinitionFacts,
  { containerDigests = {} }: Pick<ProvenRevision, 'containerDigests'>,
  configured: readonly string[],
): ContainerImages | undefined {
  const moving = containers.flatMap(({ name, image }) => {
    const digest = configured.includes(name) && digestIn(image) === undefined ? containerDigests[name] : undefined;
    return digest ? [[name, `${withoutTag(image)}@${digest}`] as const] : [];
  });
  return moving.length > 0 || status === 'INACTIVE' ? Object.fromEntries(moving) : undefined;
}

/**
 * What of our repository a revision needs to start, by digest or tag; other registries, those with a repository of the same path
 * too, cannot be looked into. `pinned` has the images that will stand there instead.
 */
export function neededImages(
  { containers }: TaskDefinitionFacts,
  pinned: ContainerImages,
  repositoryUri: string,
): readonly string[] {
  const references = containers.flatMap(({ name, image }) => referenceIn(pinned[name] ?? image, repositoryUri) ?? []);
  return [...new Set(references)];
}

/** Digest or tag of an image of this repository; undefined for any other repository. */
function referenceIn(image: string, repositoryUri: string): string | undefined {
  if (!image.startsWith(repositoryUri)) return undefined;
  const rest = image.slice(repositoryUri.length);
  if (rest === '') return 'latest';
  const digest = asImageDigest(rest.split('@')[1]);
  if (digest) return digest;
  return rest.startsWith(':') ? rest.slice(1) : undefined;
}

/** The tag by which an image of this repository is named; undefined for one that is pinned, and for any other repository. */
export function tagIn(image: string, repositoryUri: string): string | undefined {
  const reference = referenceIn(image, repositoryUri);
  return asImageDigest(reference) ? undefined : reference;
}

/** `registry:5000/team/api:1` without its tag; a colon before the last slash belongs to a port. */
function withoutTag(image: string): string {
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  return colon < 0 ? image : image.slice(0, colon);
}
