import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Grant } from './grants.ts';
import { HandlerFunction } from './handlers.ts';

interface EnsurePresentProps {
  /** A directory that holds the bundled handler `ensure-present`. */
  readonly bundle: string;
  readonly logGroupName: string;
  readonly logRetention: RetentionDays;
  readonly resources: readonly EnsuredResource[];
}

/** One thing that is created if the account lacks it. */
export interface EnsuredResource {
  readonly id: string;
  /** `Custom::…` */
  readonly type: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly grant: Grant;
}

/** Creates what must exist, but must never be reset or deleted by CloudFormation, nor fail when it is there already. */
export class EnsurePresent extends Construct {
  constructor(scope: Construct, id: string, { bundle, logGroupName, logRetention, resources }: EnsurePresentProps) {
    super(scope, id);
    const { function: handler } = new HandlerFunction(this, 'Handler', {
      bundle,
      logGroupName,
      logRetention,
      logRemoval: RemovalPolicy.DESTROY,
      grants: resources.map(({ grant }) => grant),
      environment: { POWERTOOLS_SERVICE_NAME: 'fargate-rollouts' },
    });
    for (const { id: name, type, properties } of resources)
      new CustomResource(this, name, {
        resourceType: type,
        serviceToken: handler.functionArn,
        properties,
        // Far longer than the function may run, with Lambda's two retries of an event; CloudFormation would wait an hour.
        serviceTimeout: Duration.minutes(10),
      });
  }
}
