import { Aws, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Cell } from './cell.ts';
import { claimStack } from './claimed-stack.ts';
import { Console } from './console.ts';
import { EnsurePresent, type EnsuredResource } from './ensure-present.ts';
import { PushRole } from './github-access.ts';
import { allow } from './grants.ts';
import { foundationStackName, functionLogGroup, GITHUB_AUDIENCE, GITHUB_ISSUER } from '../configuration/names.ts';
import { PLACEHOLDER_IMAGE } from '../functions/rollout/config.ts';
import { RegistryRepository } from './registry.ts';
import { tell } from './tell.ts';

interface FoundationStackProps {
  readonly cell: Cell;
  /** A directory that holds the bundled handler `ensure-present`. */
  readonly ensureBundle: string;
}

/** What must be there before anything is pushed: the repository, the name of the live image, and who may push. */
export class FoundationStack extends Stack {
  constructor(scope: Construct, { cell, ensureBundle }: FoundationStackProps) {
    const { name, serviceName, repository, registry, github, logRetentionDays } = cell.service;
    const stackName = foundationStackName(name);
    super(scope, stackName, { description: `Repository and access for the images of the ECS service ${serviceName}` });
    claimStack(this, cell);
    if (registry) new RegistryRepository(this, 'Repository', { repositoryName: repository, ...registry });
    const ensured = new EnsurePresent(this, 'Ensured', {
      bundle: ensureBundle,
      logGroupName: functionLogGroup(stackName, 'ensure-present'),
      logRetention: logRetentionDays,
      resources: [liveImage(cell), ...(github ? [identityProvider] : [])],
    });
    const { liveImageParameter } = cell.rolloutConfig;
    tell(this, {
      RepositoryUri: [cell.repositoryUri, 'Where images are pushed'],
      LiveImageParameter: [liveImageParameter, 'The SSM parameter that names the image that was proven last'],
      ImagesConsole: [new Console(this, 'Console').repository(cell), 'The images in the console'],
    });
    if (github) {
      const push = new PushRole(this, 'Push', { ...github, arns: cell.arns });
      // IAM refuses a trust policy whose provider does not exist.
      push.node.addDependency(ensured);
      tell(this, { PushRoleArn: [push.role.roleArn, "The IAM role that GitHub's workflows assume to push images"] });
    }
  }
}

function liveImage({ rolloutConfig, arns }: Cell): EnsuredResource {
  const properties = {
    Kind: 'parameter',
    Name: rolloutConfig.liveImageParameter,
    Value: PLACEHOLDER_IMAGE,
  };
  const grant = allow(['ssm:PutParameter'], arns.liveImageParameter);
  return { id: 'LiveImage', type: 'Custom::LiveImage', properties, grant };
}

const identityProvider: EnsuredResource = {
  id: 'GitHubProvider',
  type: 'Custom::GitHubProvider',
  properties: { Kind: 'identity-provider', Url: `https://${GITHUB_ISSUER}`, Audience: GITHUB_AUDIENCE },
  grant: allow(
    ['iam:CreateOpenIDConnectProvider'],
    `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:oidc-provider/${GITHUB_ISSUER}`,
  ),
};
