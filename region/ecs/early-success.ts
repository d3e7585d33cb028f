import { Fault } from '../service.ts';
import type { DeploymentRecord, RollingConfiguration, ServiceRecord } from './model.ts';

/** Refuses criteria that no service can have (API reference, DeploymentEarlySuccessCriteria); AWS publishes no texts for it. */
export function checkEarlySuccess({
  strategy = 'ROLLING',
  minimumHealthyPercent,
  earlySuccessCriteria,
}: RollingConfiguration): void {
  if (!earlySuccessCriteria?.enable) return;
  const { healthyPercent, sourceServiceRevisionCleanup } = earlySuccessCriteria;
  if (strategy !== 'ROLLING') refuse('can only be used with the ROLLING deployment strategy.');
  if (healthyPercent === undefined || sourceServiceRevisionCleanup === undefined)
    return refuse('must specify healthyPercent and sourceServiceRevisionCleanup.');
  if (healthyPercent < minimumHealthyPercent)
    refuse(
      `healthyPercent must not be less than minimumHealthyPercent ${minimumHealthyPercent}, but is ${healthyPercent}.`,
    );
}

function refuse(problem: string): never {
  throw new Fault('InvalidParameterException', `earlySuccessCriteria ${problem}`);
}

/**
 * Whether the PRIMARY deployment has as many healthy tasks as make it successful, though it may lack others (developer guide,
 * "Early success criteria"): the healthy percent of the desired count, rounded up, and at least one.
 */
function hasEnoughHealthy(service: ServiceRecord, primary: DeploymentRecord): boolean {
  const criteria = earlySuccessOf(service);
  if (!criteria || !primary.hasBegun) return false;
  const healthy = [...service.tasks].filter(({ deployment, isHealthy }) => deployment === primary && isHealthy);
  return healthy.length >= criteria.neededCount;
}

/** What is enough for a deployment to be successful. */
export interface EarlySuccess {
  /** Healthy tasks of the desired count, as it is now. */
  readonly neededCount: number;
  /** Whether tasks of other deployments are cleaned up only afterwards. */
  readonly isDeferred: boolean;
}

/** What is enough for a deployment of the service; undefined where nothing less is than all. */
export function earlySuccessOf({ deploymentConfiguration, desiredCount }: ServiceRecord): EarlySuccess | undefined {
  const {
    enable,
    healthyPercent = 100,
    sourceServiceRevisionCleanup,
  } = deploymentConfiguration.earlySuccessCriteria ?? {};
  if (!enable) return undefined;
  const neededCount = Math.max(Math.min(1, desiredCount), Math.ceil((desiredCount * healthyPercent) / 100));
  return { neededCount, isDeferred: sourceServiceRevisionCleanup === 'DEFERRED' };
}

/** Whether the PRIMARY deployment is successful by these criteria: with `BLOCKING`, once nothing is left of any other. */
export function isEarlySuccess(service: ServiceRecord, primary: DeploymentRecord): boolean {
  return (
    hasEnoughHealthy(service, primary) && (earlySuccessOf(service)?.isDeferred || service.deployments.length === 1)
  );
}

/** Whether all tasks of older deployments are to go now, replaced or not: before the success with `BLOCKING`, after it with `DEFERRED`. */
export function cleansUp(service: ServiceRecord, primary: DeploymentRecord): boolean {
  const criteria = earlySuccessOf(service);
  if (!criteria || primary.rolloutState === 'COMPLETED') return criteria !== undefined;
  return !criteria.isDeferred && hasEnoughHealthy(service, primary);
}
