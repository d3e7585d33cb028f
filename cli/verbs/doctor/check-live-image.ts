import type { Service } from '@aws-sdk/client-ecs';
import { PLACEHOLDER_IMAGE } from '../../../functions/rollout/config.ts';
import { foundIn } from '../../account/look.ts';
import { warning, type Finding, type Looked } from './finding.ts';

/**
 * Whether the live-image parameter would make a service that is still to be provisioned count as launched: it outlives its
 * stack, and then begins with a task of an image of an earlier life.
 */
export function checkLiveImage(
  service: Looked<Service>,
  liveImage: Looked<string>,
  isProvisioned: boolean,
  parameter: string,
): Finding[] {
  const image = foundIn(liveImage);
  const isToBeProvisioned = isProvisioned && 'found' in service && service.found === undefined;
  if (!isToBeProvisioned || image === undefined || image === PLACEHOLDER_IMAGE) return [];
  return [
    warning(
      'live image',
      `${parameter} names an image of an earlier service: the new one would begin with a task of it instead of none.`,
      `aws ssm put-parameter --overwrite --name ${parameter} --value ${PLACEHOLDER_IMAGE}`,
    ),
  ];
}
