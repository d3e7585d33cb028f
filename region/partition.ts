import { NotModelled } from './service.ts';

/**
 * The partition of a Region, which its ARNs begin with: `aws`, `aws-us-gov`
 * (https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html). China's, the
 * European Sovereign Cloud's and the isolated ones have other hosts than `amazonaws.com`, which this region does not model.
 */
export function partitionOf(region: string): string {
  if (/^(cn-|eusc-|[a-z]+-iso)/.test(region)) throw new NotModelled(`The partition of ${region}`);
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/**
 * The Region whose name signs requests to services with one endpoint for a partition, such as IAM
 * (https://docs.aws.amazon.com/general/latest/gr/iam-service.html).
 */
export function globalRegionOf(region: string): string {
  return partitionOf(region) === 'aws-us-gov' ? 'us-gov-west-1' : 'us-east-1';
}
