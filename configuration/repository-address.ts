import type { Refusal } from './field.ts';

/** `<account>.dkr.ecr.<region>.<suffix>/<name>`, its FIPS and dual-stack forms, and the ARN of a repository. */
const HOST = /^(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.[a-z.]+\/(?<name>[^:@]+)/;
const ARN = /^arn:[a-z-]+:ecr:(?<region>[a-z0-9-]+):(?<account>\d{12}):repository\/(?<name>.+)$/;

/** Refuses a repository that is named with its account and Region, as only one of another place has to be. */
export function refuseAddress(repository: string): Refusal[] {
  const { account, region, name } = (HOST.exec(repository) ?? ARN.exec(repository))?.groups ?? {};
  if (account === undefined) return [];
  return [
    {
      message: `names a repository of account ${account} in ${region}; a service follows one of its own account and Region`,
      remedy: `if that is this account and Region, write "${name}"; otherwise let ECR replicate the images to a repository here, and name that one`,
    },
  ];
}
