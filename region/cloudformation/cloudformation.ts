import type { InvokeAsync } from '../lambda/lambda.ts';
import type { RegionContext, Service } from '../service.ts';
import type { PresignedPlace } from '../wire/door.ts';
import { CUSTOM_RESOURCE, customResourceCreator, customResourceUpdater } from './custom-resources.ts';
import { ResponseBucket } from './response-bucket.ts';

/** What of CloudFormation lives inside the region: custom resources. Templates are read outside. */
export interface CloudFormation extends Service {
  /** Where responses are put. */
  readonly responses: PresignedPlace;
}

/** Creates CloudFormation, without any API. */
export function createCloudFormation(context: RegionContext & { readonly invokeAsync: InvokeAsync }): CloudFormation {
  const bucket = new ResponseBucket(context);
  const ports = { ...context, bucket };
  return {
    id: 'cloudformation',
    operations: {},
    resources: { [CUSTOM_RESOURCE]: customResourceCreator(ports) },
    updaters: { [CUSTOM_RESOURCE]: customResourceUpdater(ports) },
    responses: bucket,
  };
}
