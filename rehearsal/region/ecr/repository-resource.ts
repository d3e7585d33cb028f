import * as z from 'zod';
import { NotModelled, type ResourceCreator, type ResourceUpdater } from '../service.ts';
import type { Ecr } from './ecr.ts';
import { readProperties } from '../properties.ts';

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
  // Held, not acted upon: the region runs no lifecycle rules and deletes no stacks.
  LifecyclePolicy: z.strictObject({ LifecyclePolicyText: z.string(), RegistryId: z.string().optional() }).optional(),
  EmptyOnDelete: z.boolean().optional(),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })).optional(),
});

/** Creates `AWS::ECR::Repository`. Scans and lifecycle rules are accepted and never run. */
export function repositoryResource(ecr: Ecr): ResourceCreator {
  return (logicalId, properties, stackName) => {
    const read = readProperties(schema, TYPE, properties);
    if (read.LifecyclePolicy) refuseBrokenPolicy(read.LifecyclePolicy.LifecyclePolicyText);
    // CloudFormation's generated names are lower case where the service demands it.
    const generated = (): string => `${stackName}-${logicalId}-${ecr.kernel.random.hex(12)}`.toLowerCase();
    const repository = ecr.registry.create(
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
    return { ref: repository.name, attributes: { Arn: repository.arn, RepositoryUri: repository.uri } };
  };
}

/** What is held and not acted upon may change. */
export const repositoryUpdater: ResourceUpdater = {
  changeable: ['LifecyclePolicy', 'EmptyOnDelete', 'Tags'],
  update: ({ current, after }) => {
    const read = readProperties(schema, TYPE, after);
    if (read.LifecyclePolicy) refuseBrokenPolicy(read.LifecyclePolicy.LifecyclePolicyText);
    return current;
  },
};

function refuseBrokenPolicy(text: string): void {
  try {
    z.object({ rules: z.array(z.unknown()).min(1) }).parse(JSON.parse(text));
  } catch {
    throw new NotModelled(`${TYPE} with a LifecyclePolicyText that is no JSON with rules`);
  }
}
