/**
 * Where the tests' doubles are: another partition, Region and account than the simulated region's defaults and than the ones
 * that examples are written with, so that a literal in the product shows.
 */
export const ELSEWHERE = {
  partition: 'aws-us-gov',
  region: 'us-gov-east-1',
  account: '210987654321',
  /** No partition's own, so that a literal host shows too. */
  urlSuffix: 'suffix.example',
} as const;

/** The ARN of a resource there. */
export function arnElsewhere(service: string, resource: string): string {
  const { partition, region, account } = ELSEWHERE;
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** Where there the images of a repository are. */
export function repositoryElsewhere(name: string): string {
  const { region, account, urlSuffix } = ELSEWHERE;
  return `${account}.dkr.ecr.${region}.${urlSuffix}/${name}`;
}
