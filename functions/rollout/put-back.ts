import { digestIn } from './identifiers.ts';
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

/** Every image that a revision needs to start when it is put back, with those of its pinned copy where there is to be one. */
export function putBackImages(
  target: TaskDefinitionFacts,
  revision: Pick<ProvenRevision, 'containerDigests'>,
  configured: readonly string[],
): readonly string[] {
  const pinned = copiedImages(target, revision, configured) ?? {};
  return [...new Set(target.containers.map(({ name, image }) => pinned[name] ?? image))];
}

/** `registry:5000/team/api:1` without its tag; a colon before the last slash belongs to a port. */
function withoutTag(image: string): string {
  const colon = image.indexOf(':', image.lastIndexOf('/') + 1);
  return colon < 0 ? image : image.slice(0, colon);
}
