import type { InvokeAsync } from '../lambda/lambda.ts';
import type { RegionContext, Service } from '../service.ts';
import type { PresignedPlace } from '../wire/door.ts';
import { CUSTOM_RESOURCE, customResourceCreator, customResourceUpdater } from './custom-resources.ts';
import type { DeployedStacks } from './deploy-stack.ts';
import { ResponseBucket } from './response-bucket.ts';

/** CloudFormation, as far as stacks are deployed by the region itself: it has no API. */
export interface CloudFormation extends Service {
  readonly stacks: DeployedStacks;
  /** Where responses are put. */
  readonly responses: PresignedPlace;
}

/** Creates CloudFormation, with custom resources. */
export function createCloudFormation(context: RegionContext & { readonly invokeAsync: InvokeAsync }): CloudFormation {
  const bucket = new ResponseBucket(context);
  const ports = { ...context, bucket };
  return {
    id: 'cloudformation',
    stacks: new Map(),
    operations: {},
    resources: { [CUSTOM_RESOURCE]: customResourceCreator(ports) },
    updaters: { [CUSTOM_RESOURCE]: customResourceUpdater(ports) },
    responses: bucket,
  };
}
