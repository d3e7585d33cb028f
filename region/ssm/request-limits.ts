import type { RequestLimit } from '../request-limits.ts';

/**
 * User guide, "Changing Parameter Store throughput", and general reference, "AWS Systems Manager endpoints and quotas": the
 * default throughput, which these actions share. Nothing is published of bursts.
 */
export const REQUEST_LIMITS = {
  'default throughput': {
    burst: 40,
    perSecond: 40,
    actions: ['GetParameter', 'GetParameters', 'GetParametersByPath', 'PutParameter'],
  },
} as const satisfies Readonly<Record<string, RequestLimit>>;
