import type { RequestLimit } from '../request-limits.ts';

/**
 * User guide, "Amazon ECR service quotas": requests a second of each action. Nothing is published of bursts, nor of
 * DescribeImages.
 */
export const REQUEST_LIMITS: Readonly<Record<string, RequestLimit>> = Object.fromEntries(
  Object.entries({
    PutImage: 10,
    BatchGetImage: 2_000,
    GetAuthorizationToken: 500,
    InitiateLayerUpload: 100,
    UploadLayerPart: 500,
    CompleteLayerUpload: 100,
    BatchCheckLayerAvailability: 1_000,
    GetDownloadUrlForLayer: 3_000,
  }).map(([action, perSecond]) => [action, { burst: perSecond, perSecond, actions: [action] }]),
);
