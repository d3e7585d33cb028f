import { asImageDigest, plainText } from './identifiers.ts';
import type { TaskDefinitionFacts } from './task-definition-facts.ts';

/** An image of the registry in which the rolled repository is; `reference` is its digest, or a tag. */
export interface RegistryName {
  readonly repository: string;
  readonly reference: string;
}

/** What ECR said when it was asked for images that tasks need; keys as {@link imageKey} makes them. */
export interface ImageLookUp {
  /** ECR's `imageStatus`; what is neither here nor in `unseen` is gone. */
  readonly imageStatus: Readonly<Record<string, string>>;
  /** Why nobody could say whether an image is there. */
  readonly unseen: Readonly<Record<string, string>>;
}

/** The containers beside those that take the pushed image, whose images go into the new revision as they are. */
export function siblingsIn(
  base: Pick<TaskDefinitionFacts, 'containers'> | undefined,
  configured: readonly string[],
): TaskDefinitionFacts['containers'] {
  return base?.containers.filter(({ name }) => !configured.includes(name)) ?? [];
}

/**
 * The hosts of a private registry, those of its FIPS and dual-stack endpoints too (Amazon ECR user guide, "Making requests to
 * Amazon ECR registries"; China has a domain of its own).
 */
const REGISTRY =
  /^(?<account>\d{12})\.(?:dkr\.ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.amazonaws\.(?:com|com\.cn|eu)|dkr-ecr(?:-fips)?\.(?<dual>[a-z0-9-]+)\.on\.(?:aws|amazonwebservices\.com\.cn))$/;

/** Account and Region, which make a registry, whichever of its endpoints a host names. */
function registryAt(host: string): string {
  const { account, region, dual } = REGISTRY.exec(host)?.groups ?? {};
  return account === undefined ? host : `${account} ${region ?? dual}`;
}

/** Repository and digest or tag of an image of our registry; undefined for any other, also for one with the same repositories. */
export function registryName(image: string, repositoryUri: string): RegistryName | undefined {
  const [host = ''] = image.split('/', 1);
  const [ours = ''] = repositoryUri.split('/', 1);
  if (registryAt(host) !== registryAt(ours)) return undefined;
  const [name = '', pinned] = image.slice(host.length + 1).split('@');
  const [repository = '', tag = 'latest'] = name.split(':');
  const reference = pinned === undefined ? tag : asImageDigest(pinned);
  return reference === undefined ? undefined : { repository, reference };
}

/** By what an image of our registry is looked up: digest or tag, behind its repository where that is not the rolled one. */
export function imageKey(image: string, repositoryUri: string): string | undefined {
  const name = registryName(image, repositoryUri);
  return name && keyOf(name, repositoryUri);
}

/** The same, of an image that is taken apart. */
export function keyOf({ repository, reference }: RegistryName, repositoryUri: string): string {
  if (repositoryUri.slice(repositoryUri.indexOf('/') + 1) === repository) return reference;
  return `${repository}${asImageDigest(reference) ? '@' : ':'}${reference}`;
}

/** The tag by which an image of the rolled repository is named; undefined for one that is pinned, and for any other repository. */
export function tagIn(image: string, repositoryUri: string): string | undefined {
  const key = imageKey(image, repositoryUri);
  return key === undefined || /[:@]/.test(key) ? undefined : key;
}

/** Images of which nobody here can say whether they are there, each with the reason. */
export function unseenImages(
  images: readonly string[],
  repositoryUri: string,
  { unseen }: Pick<ImageLookUp, 'unseen'>,
): readonly string[] {
  return images.flatMap((image) => {
    const key = imageKey(image, repositoryUri);
    const why = key === undefined ? 'another registry' : unseen[key];
    return why === undefined ? [] : [plainText(`${key ?? image} (${why})`, 300)];
  });
}
