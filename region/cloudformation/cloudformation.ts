import type { Service } from '../service.ts';
import type { PresignedPlace } from '../wire/door.ts';
import {
  CUSTOM_RESOURCE,
  customResourceCreator,
  customResourceDeleter,
  customResourceUpdater,
} from './custom-resources.ts';
import {
  newCloudFormationState,
  type CloudFormationPorts,
  type CloudFormationState,
  type CustomResources,
} from './model.ts';
import { responseBucket } from './response-bucket.ts';

/** CloudFormation, as far as stacks are deployed by the region itself: it has no API. */
export interface CloudFormation extends Service {
  readonly state: CloudFormationState;
  /** Where responses of custom resources are put. */
  readonly responses: PresignedPlace;
}

/** Creates CloudFormation, without stacks unless told. */
export function createCloudFormation(
  ports: CloudFormationPorts,
  state: CloudFormationState = newCloudFormationState(),
): CloudFormation {
  const custom: CustomResources = { ...ports, state };
  return {
    id: 'cloudformation',
    state,
    operations: {},
    resources: { [CUSTOM_RESOURCE]: customResourceCreator(custom) },
    updaters: { [CUSTOM_RESOURCE]: customResourceUpdater(custom) },
    deleters: { [CUSTOM_RESOURCE]: customResourceDeleter(custom) },
    responses: responseBucket(custom),
  };
}
