import type { ImageIdentifier } from '@aws-sdk/client-ecr';
import { Fault } from '../service.ts';

/** The request names something in a way that ECR refuses. */
export function invalidParameter(member: string, constraint: string): Fault {
  return new Fault(
    'InvalidParameterException',
    `Invalid parameter at '${member}' failed to satisfy constraint: '${constraint}'`,
  );
}

export function repositoryNotFound(name: string, account: string): Fault {
  return new Fault(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${account}'`,
  );
}

export function lifecyclePolicyNotFound(name: string, account: string): Fault {
  return new Fault(
    'LifecyclePolicyNotFoundException',
    `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${account}'`,
  );
}

export function pullThroughCacheRuleNotFound(prefix: string, account: string): Fault {
  return new Fault(
    'PullThroughCacheRuleNotFoundException',
    `The pull through cache rule with prefix '${prefix}' was not found in the registry with id '${account}'`,
  );
}

export function repositoryPolicyNotFound(name: string, account: string): Fault {
  return new Fault(
    'RepositoryPolicyNotFoundException',
    `Repository policy does not exist for the repository with name '${name}' in the registry with id '${account}'`,
  );
}

export function imageNotFound(id: ImageIdentifier, repositoryName: string, account: string): Fault {
  const named = `{imageDigest:'${id.imageDigest ?? 'null'}', imageTag:'${id.imageTag ?? 'null'}'}`;
  return new Fault(
    'ImageNotFoundException',
    `The image with imageId ${named} does not exist within the repository with name '${repositoryName}' in the registry with id '${account}'`,
  );
}

export function imageAlreadyExists(digest: string, tag: string | undefined, repositoryName: string): Fault {
  const tagged = tag === undefined ? '' : ` and tag '${tag}'`;
  return new Fault(
    'ImageAlreadyExistsException',
    `Image with digest '${digest}'${tagged} already exists in the repository with name '${repositoryName}'`,
  );
}

export function imageTagAlreadyExists(tag: string, repositoryName: string): Fault {
  return new Fault(
    'ImageTagAlreadyExistsException',
    `The image tag '${tag}' already exists in the '${repositoryName}' repository and cannot be overwritten because the tag is immutable.`,
  );
}
