import type {
  AuthorizationData,
  DescribePullThroughCacheRulesRequest,
  DescribePullThroughCacheRulesResponse,
  DescribeRepositoriesRequest,
  DescribeRepositoriesResponse,
  GetAuthorizationTokenRequest,
  GetAuthorizationTokenResponse,
  GetLifecyclePolicyRequest,
  GetLifecyclePolicyResponse,
  GetRepositoryPolicyRequest,
  GetRepositoryPolicyResponse,
  PutImageTagMutabilityRequest,
  PutImageTagMutabilityResponse,
  Repository as RepositoryDescription,
} from '@aws-sdk/client-ecr';
import { NotModelled, operation, type Caller, type Operation } from '../service.ts';
import {
  invalidParameter,
  lifecyclePolicyNotFound,
  pullThroughCacheRuleNotFound,
  repositoryPolicyNotFound,
} from './faults.ts';
import { pageOf } from './paging.ts';
import { checkTagMutability } from './tag-mutability.ts';
import { TOKEN_VALIDITY_MS } from './timing.ts';
import { authorizationToken } from './authorization-token.ts';
import type { Ecr, Repository } from './model.ts';
import { permission, refuseOtherRegistry, registryHost, repositoryNamed } from './registry.ts';

/** The operations on repositories and on the registry itself. */
export function repositoryOperations(ecr: Ecr): Readonly<Record<string, Operation>> {
  return {
    DescribeRepositories: operation<DescribeRepositoriesRequest, DescribeRepositoriesResponse>({
      permissions: ({ repositoryNames }) =>
        (repositoryNames ?? ['*']).map((name) => permission(ecr, 'ecr:DescribeRepositories', name)),
      apply: (request) => describeRepositories(ecr, request),
    }),
    DescribePullThroughCacheRules: operation<
      DescribePullThroughCacheRulesRequest,
      DescribePullThroughCacheRulesResponse
    >({
      permissions: () => [{ action: 'ecr:DescribePullThroughCacheRules', resource: '*' }],
      // There are none: what would make one, CreatePullThroughCacheRule, is refused by name.
      apply: (request) => describePullThroughCacheRules(ecr, request),
    }),
    GetLifecyclePolicy: operation<GetLifecyclePolicyRequest, GetLifecyclePolicyResponse>({
      permissions: (request) => [permission(ecr, 'ecr:GetLifecyclePolicy', request.repositoryName)],
      apply: (request) => getLifecyclePolicy(ecr, request),
    }),
    GetRepositoryPolicy: operation<GetRepositoryPolicyRequest, GetRepositoryPolicyResponse>({
      permissions: (request) => [permission(ecr, 'ecr:GetRepositoryPolicy', request.repositoryName)],
      // No repository has one: what would bring it, a template's RepositoryPolicyText, is refused by name.
      apply: (request) => {
        throw repositoryPolicyNotFound(repositoryNamed(ecr, request).name, ecr.account);
      },
    }),
    PutImageTagMutability: operation<PutImageTagMutabilityRequest, PutImageTagMutabilityResponse>({
      permissions: (request) => [permission(ecr, 'ecr:PutImageTagMutability', request.repositoryName)],
      apply: (request) => putImageTagMutability(ecr, request),
    }),
    GetAuthorizationToken: operation<GetAuthorizationTokenRequest, GetAuthorizationTokenResponse>({
      permissions: () => [{ action: 'ecr:GetAuthorizationToken', resource: '*' }],
      apply: (request, caller) => getAuthorizationToken(ecr, request, caller),
    }),
  };
}

function describePullThroughCacheRules(
  ecr: Ecr,
  { registryId, ecrRepositoryPrefixes: [prefix] = [] }: DescribePullThroughCacheRulesRequest,
): DescribePullThroughCacheRulesResponse {
  refuseOtherRegistry(ecr, registryId);
  if (prefix === undefined) return { pullThroughCacheRules: [] };
  throw pullThroughCacheRuleNotFound(prefix, ecr.account);
}

function describeRepositories(ecr: Ecr, request: DescribeRepositoriesRequest): DescribeRepositoriesResponse {
  refuseOtherRegistry(ecr, request.registryId);
  if (!request.repositoryNames) {
    const page = pageOf([...ecr.state.repositories.values()], request);
    return { repositories: page.items.map((repository) => describe(ecr, repository)), ...page.next };
  }
  if (request.maxResults !== undefined || request.nextToken !== undefined) {
    throw invalidParameter('repositoryNames', 'neither maxResults nor nextToken beside repositoryNames');
  }
  const named = request.repositoryNames.map((repositoryName) => repositoryNamed(ecr, { repositoryName }));
  return { repositories: named.map((repository) => describe(ecr, repository)) };
}

function describe(ecr: Ecr, repository: Repository): RepositoryDescription {
  const { imageTagMutability, exclusionFilters } = repository.tagMutability;
  return {
    repositoryArn: repository.arn,
    registryId: ecr.account,
    repositoryName: repository.name,
    repositoryUri: repository.uri,
    createdAt: repository.createdAt,
    imageTagMutability,
    ...(exclusionFilters.length > 0 && { imageTagMutabilityExclusionFilters: [...exclusionFilters] }),
    imageScanningConfiguration: { scanOnPush: repository.isScannedOnPush },
    encryptionConfiguration: { encryptionType: 'AES256' },
  };
}

/** When the policy was last evaluated is left out: the region does so only when it is told to. */
function getLifecyclePolicy(ecr: Ecr, request: GetLifecyclePolicyRequest): GetLifecyclePolicyResponse {
  const { name, lifecyclePolicy } = repositoryNamed(ecr, request);
  if (!lifecyclePolicy) throw lifecyclePolicyNotFound(name, ecr.account);
  return { registryId: ecr.account, repositoryName: name, lifecyclePolicyText: lifecyclePolicy.text };
}

function putImageTagMutability(ecr: Ecr, request: PutImageTagMutabilityRequest): PutImageTagMutabilityResponse {
  const repository = repositoryNamed(ecr, request);
  const exclusionFilters = request.imageTagMutabilityExclusionFilters ?? [];
  const tagMutability = { imageTagMutability: request.imageTagMutability!, exclusionFilters };
  checkTagMutability(tagMutability);
  repository.tagMutability = tagMutability;
  return {
    registryId: ecr.account,
    repositoryName: repository.name,
    imageTagMutability: tagMutability.imageTagMutability,
    ...(exclusionFilters.length > 0 && { imageTagMutabilityExclusionFilters: exclusionFilters }),
  };
}

function getAuthorizationToken(
  ecr: Ecr,
  request: GetAuthorizationTokenRequest,
  caller: Caller,
): GetAuthorizationTokenResponse {
  if (request.registryIds) throw new NotModelled('ECR GetAuthorizationToken with registryIds');
  const expiresAt = new Date(ecr.kernel.now + TOKEN_VALIDITY_MS);
  const authorization: AuthorizationData = {
    authorizationToken: authorizationToken(ecr.issueAccessKey(caller, expiresAt), expiresAt),
    expiresAt,
    proxyEndpoint: `https://${registryHost(ecr)}`,
  };
  return { authorizationData: [authorization] };
}
