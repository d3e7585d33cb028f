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
  type CloudFormation,
} from './model.ts';
import { stackOperations } from './operations.ts';
import { responseBucket } from './response-bucket.ts';

/** CloudFormation: stacks are deployed by the region itself, and described and deleted by its API too. */
export interface CloudFormationService extends Service {
  readonly state: CloudFormationState;
  /** Where responses of custom resources are put. */
  readonly responses: PresignedPlace;
}

/** Creates CloudFormation, without stacks unless told. */
export function createCloudFormation(
  ports: CloudFormationPorts,
  state: CloudFormationState = newCloudFormationState(),
): CloudFormationService {
  const custom: CloudFormation = { ...ports, state };
  return {
    id: 'cloudformation',
    state,
    operations: stackOperations(custom),
    resources: { [CUSTOM_RESOURCE]: customResourceCreator(custom) },
    updaters: { [CUSTOM_RESOURCE]: customResourceUpdater(custom) },
    deleters: { [CUSTOM_RESOURCE]: customResourceDeleter(custom) },
    responses: responseBucket(custom),
  };
}
