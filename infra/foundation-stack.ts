import { Aws, CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Cell } from './cell.ts';
import { EnsurePresent, type EnsuredResource } from './ensure-present.ts';
import { PushRole } from './github-access.ts';
import { allow } from './grants.ts';
import { foundationStackName, functionLogGroup, GITHUB_AUDIENCE, GITHUB_ISSUER } from '../configuration/names.ts';
import { PLACEHOLDER_IMAGE } from '../functions/rollout/config.ts';
import { RegistryRepository } from './registry.ts';

interface FoundationStackProps {
  readonly cell: Cell;
  /** A directory that holds the bundled handler `ensure-present`. */
  readonly ensureBundle: string;
}

/** What must be there before anything is pushed: the repository, the name of the live image, and who may push. */
export class FoundationStack extends Stack {
  constructor(scope: Construct, { cell, ensureBundle }: FoundationStackProps) {
    const { serviceName, repository, registry, github, logRetentionDays } = cell.service;
    const stackName = foundationStackName(serviceName);
    super(scope, stackName, { description: `Repository and access for the images of the ECS service ${serviceName}` });
    if (registry) new RegistryRepository(this, 'Repository', { repositoryName: repository, ...registry });
    const ensured = new EnsurePresent(this, 'Ensured', {
      bundle: ensureBundle,
      logGroupName: functionLogGroup(stackName, 'ensure-present'),
      logRetention: logRetentionDays,
      resources: [liveImage(cell), ...(github ? [identityProvider] : [])],
    });
    const outputs: Record<string, string> = {
      RepositoryUri: cell.repositoryUri,
      LiveImageParameter: cell.rolloutConfig.liveImageParameter,
    };
    if (github) {
      const push = new PushRole(this, 'Push', { ...github, arns: cell.arns });
      // IAM refuses a trust policy whose provider does not exist.
      push.node.addDependency(ensured);
      outputs['PushRoleArn'] = push.role.roleArn;
    }
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
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
