import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import {
  ImageTagMutabilityExclusionFilter,
  Repository,
  RepositoryEncryption,
  TagMutability,
  TagStatus,
} from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import type { Registry } from '../configuration/provisioning.ts';
import { SPARED_IMAGES } from '../configuration/tag-policy.ts';
import { KEEP_TAG_PREFIX } from '../functions/rollout/config.ts';

interface RegistryRepositoryProps extends Registry {
  readonly repositoryName: string;
}

const UNTAGGED_DAYS = 14;

/** The ECR repository: immutable tags but for the moving ones, scans on push, and a lifecycle that spares rollback images. */
export class RegistryRepository extends Repository {
  constructor(scope: Construct, id: string, { repositoryName, movingTags, imagesKept }: RegistryRepositoryProps) {
    super(scope, id, {
      repositoryName,
      imageScanOnPush: true,
      encryption: RepositoryEncryption.AES_256,
      imageTagMutability: TagMutability.IMMUTABLE_WITH_EXCLUSION,
      imageTagMutabilityExclusionFilters: [`${KEEP_TAG_PREFIX}*`, ...movingTags].map((tag) =>
        ImageTagMutabilityExclusionFilter.wildcard(tag),
      ),
      // It stays when the stack goes, but not when its creation failed: that would be in the way of the next attempt.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        {
          rulePriority: 1,
          // An image that a rule of higher priority selects is never expired by a later one
          // (https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html).
          description: 'Spares the images of proven revisions, which a rollback may need',
          tagStatus: TagStatus.TAGGED,
          tagPrefixList: [KEEP_TAG_PREFIX],
          maxImageCount: SPARED_IMAGES,
        },
        {
          rulePriority: 2,
          description: `Expires what has had no tag for ${UNTAGGED_DAYS} days`,
          tagStatus: TagStatus.UNTAGGED,
          maxImageAge: Duration.days(UNTAGGED_DAYS),
        },
        {
          rulePriority: 3,
          description: `Keeps the newest ${imagesKept} images`,
          tagStatus: TagStatus.ANY,
          maxImageCount: imagesKept,
        },
      ],
    });
  }
}
