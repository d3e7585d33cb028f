import { DescribePullThroughCacheRulesCommand, type ECRClient } from '@aws-sdk/client-ecr';
import { keyOf, type ImageLookUp, type RegistryName } from '../rollout/needed-images.ts';
import { isFault, isThrottled, translateFault } from './faults.ts';
import { imageStatuses } from './registry.ts';

/** What ECR told of an image: its status, undefined where ECR has no such image, or why it did not tell. */
interface Told extends RegistryName {
  readonly status?: string | undefined;
  readonly unseen?: string | undefined;
}

/**
 * Looks images of one registry up, in whatever repositories they are. Of those beside the rolled repository it is no failure that
 * ECR does not tell, unless that is only for the moment: they are not seen then. Nor are those that ECR fetches from upstream when a task pulls them.
 */
export async function lookUpImages(
  client: ECRClient,
  repositoryUri: string,
  images: readonly RegistryName[],
): Promise<ImageLookUp> {
  const own = repositoryUri.slice(repositoryUri.indexOf('/') + 1);
  const repositories = [...new Set(images.map(({ repository }) => repository))];
  const readPrefixes = once(() => cachePrefixes(client));
  const looks = repositories.map((repository) => {
    const references = images.filter((image) => image.repository === repository).map(({ reference }) => reference);
    return repository === own
      ? lookInto(client, repository, references)
      : lookBeside(client, repository, references, readPrefixes);
  });
  const told = (await Promise.all(looks)).flat();
  const seen = told.flatMap((each) =>
    each.status === undefined ? [] : [[keyOf(each, repositoryUri), each.status] as const],
  );
  const unseen = told.flatMap((each) =>
    each.unseen === undefined ? [] : [[keyOf(each, repositoryUri), each.unseen] as const],
  );
  return { imageStatus: Object.fromEntries(seen), unseen: Object.fromEntries(unseen) };
}

async function lookInto(client: ECRClient, repository: string, references: readonly string[]): Promise<Told[]> {
  const statuses = await imageStatuses(client, repository, references);
  return references.map((reference) => ({ repository, reference, status: statuses[reference] }));
}

async function lookBeside(
  client: ECRClient,
  repository: string,
  references: readonly string[],
  readPrefixes: () => Promise<readonly string[]>,
): Promise<Told[]> {
  const none = references.map((reference) => ({ repository, reference }));
  try {
    const told = await lookInto(client, repository, references).catch((error: unknown) => absent(error, none));
    const isWhole = told.every(({ status }) => status !== undefined);
    if (isWhole || !isFetched(repository, await readPrefixes())) return told;
    return told.map((each) => (each.status === undefined ? { ...each, unseen: 'ECR fetches it from upstream' } : each));
  } catch (error) {
    // Whoever is turned away may come again; what is not seen is rolled, and may then not be pulled.
    const isTurnedAway: boolean = isThrottled(error);
    if (!(error instanceof Error) || translateFault(error) === error || isTurnedAway) throw error;
    return none.map((each) => ({ ...each, unseen: error.name }));
  }
}

function absent(error: unknown, none: Told[]): Told[] {
  if (isFault(error, 'RepositoryNotFoundException')) return none;
  throw error;
}

/** Whether a pull through cache rule makes ECR fetch what this repository lacks; the rule of the prefix ROOT is for all. */
function isFetched(repository: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => prefix === 'ROOT' || repository.startsWith(`${prefix}/`));
}

/** The prefixes of the registry's pull through cache rules. */
async function cachePrefixes(client: ECRClient): Promise<readonly string[]> {
  // More than a registry may have: no second page.
  const answer = await client.send(new DescribePullThroughCacheRulesCommand({ maxResults: 1000 }));
  return (answer.pullThroughCacheRules ?? []).flatMap(({ ecrRepositoryPrefix }) => ecrRepositoryPrefix ?? []);
}

/** Asks when it is first asked, and then answers the same, a failure too. */
function once<Value>(ask: () => Promise<Value>): () => Promise<Value> {
  let asked: Promise<Value> | undefined;
  return () => (asked ??= ask());
}
