import { AwsFailure, explainFailure } from './failures.ts';

/** What a look at the account gave: the thing, undefined where there is none, or why nobody could look. */
export type Looked<T> = { readonly found: T | undefined } | { readonly refused: string };

/** What was found, if anything was. */
export function foundIn<T>(looked: Looked<T>): T | undefined {
  return 'found' in looked ? looked.found : undefined;
}

/** AWS's names for "there is no such thing". */
const ABSENT =
  /^(NotFoundException|ClusterNotFoundException|ServiceNotFoundException|RepositoryNotFoundException|LifecyclePolicyNotFoundException|ImageNotFoundException|ResourceNotFoundException|StateMachineDoesNotExist|ParameterNotFound|NoSuchEntity(Exception)?|(LoadBalancer|TargetGroup)NotFoundException)$/;
const DENIED = /^AccessDenied(Exception)?$|^AuthorizationError(Exception)?$|^UnauthorizedOperation$|^NotAuthorized$/;

/** A look within a look was refused. */
class Refused extends Error {}

/** Looks; what the caller may not read is noted, and any other failure of AWS is thrown. */
export async function look<T>(read: () => Promise<T | undefined>): Promise<Looked<T>> {
  try {
    return { found: await read() };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    if (!(error instanceof Error)) throw error;
    if (ABSENT.test(error.name)) return { found: undefined };
    const failure = DENIED.test(error.name) ? explainFailure(error, {}) : undefined;
    if (failure instanceof AwsFailure) return { refused: failure.message };
    throw error;
  }
}

/** For what stands elsewhere than all else, or not at all in a stand-in for AWS: whatever goes wrong is noted, too. */
export async function lookElsewhere<T>(read: () => Promise<T | undefined>): Promise<Looked<T>> {
  try {
    return await look(read);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { refused: explainFailure(error, {})?.message ?? error.message };
  }
}

/** For looks within a look: undefined where there is no such thing, and refused as a whole once one is refused. */
export async function lookWithin<T>(read: () => Promise<T>): Promise<T | undefined> {
  const looked = await look(read);
  if ('refused' in looked) throw new Refused(looked.refused);
  return looked.found;
}
