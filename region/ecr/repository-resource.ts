import * as z from 'zod';
import { Fault, type ResourceCreator, type ResourceDeleter, type ResourceUpdater } from '../service.ts';
import { parseLifecyclePolicy, type LifecyclePolicy } from './lifecycle-policy.ts';
import { readProperties } from '../properties.ts';
import type { Ecr } from './model.ts';
import { createRepository, refuseOtherRegistry, repositoryNamed } from './registry.ts';

const TYPE = 'AWS::ECR::Repository';

const schema = z.strictObject({
  RepositoryName: z.string().optional(),
  ImageTagMutability: z
    .enum(['MUTABLE', 'IMMUTABLE', 'MUTABLE_WITH_EXCLUSION', 'IMMUTABLE_WITH_EXCLUSION'])
    .default('MUTABLE'),
  ImageTagMutabilityExclusionFilters: z
    .array(
      z.strictObject({
        ImageTagMutabilityExclusionFilterType: z.literal('WILDCARD'),
        ImageTagMutabilityExclusionFilterValue: z.string(),
      }),
    )
    .default([]),
  ImageScanningConfiguration: z.strictObject({ ScanOnPush: z.boolean().default(false) }).optional(),
  EncryptionConfiguration: z.strictObject({ EncryptionType: z.literal('AES256') }).optional(),
  // Acted upon when `applyLifecyclePolicies` is called.
  LifecyclePolicy: z.strictObject({ LifecyclePolicyText: z.string(), RegistryId: z.string().optional() }).optional(),
  EmptyOnDelete: z.boolean().optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

/** Creates `AWS::ECR::Repository`. Scans are accepted and never run: the operations that would tell of them are refused. */
export function repositoryResource(ecr: Ecr): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(schema, TYPE, properties);
    const lifecyclePolicy = policyOf(read);
    refuseOtherRegistry(ecr, read.LifecyclePolicy?.RegistryId);
    // CloudFormation's generated names are lower case where the service demands it.
    const generated = (): string => `${stackName}-${logicalId}-${ecr.kernel.random.hex(12)}`.toLowerCase();
    const repository = createRepository(
      ecr,
      read.RepositoryName ?? generated(),
      {
        imageTagMutability: read.ImageTagMutability,
        exclusionFilters: read.ImageTagMutabilityExclusionFilters.map((filter) => ({
          filterType: filter.ImageTagMutabilityExclusionFilterType,
          filter: filter.ImageTagMutabilityExclusionFilterValue,
        })),
      },
      read.ImageScanningConfiguration?.ScanOnPush ?? false,
    );
    repository.lifecyclePolicy = lifecyclePolicy;
    return { ref: repository.name, attributes: { Arn: repository.arn, RepositoryUri: repository.uri } };
  };
}

/** Deletes a repository, and its images with it only if it says so. */
export function repositoryDeleter({ account, state: { repositories } }: Ecr): ResourceDeleter {
  return ({ current: { ref }, properties }) => {
    const isEmpty = (repositories.get(ref)?.images.size ?? 0) === 0;
    if (!isEmpty && schema.parse(properties).EmptyOnDelete !== true) {
      const what = `The repository with name '${ref}' in registry with id '${account}'`;
      throw new Fault('RepositoryNotEmptyException', `${what} cannot be deleted because it still contains images`);
    }
    repositories.delete(ref);
  };
}

/** Lifecycle policies follow their template; so does what is held and not acted upon. */
export function repositoryUpdater(ecr: Ecr): ResourceUpdater {
  return {
    changeable: ['LifecyclePolicy', 'EmptyOnDelete', 'Tags'],
    replacing: ['RepositoryName', 'EncryptionConfiguration'],
    update: ({ current, after }) => {
      const repository = repositoryNamed(ecr, { repositoryName: current.ref });
      repository.lifecyclePolicy = policyOf(readProperties(schema, TYPE, after));
      return current;
    },
  };
}

function policyOf({ LifecyclePolicy: policy }: z.output<typeof schema>): LifecyclePolicy | undefined {
  return policy && parseLifecyclePolicy(policy.LifecyclePolicyText);
}
