import { isDeepStrictEqual } from 'node:util';
import type { NetworkConfiguration, UpdateServiceRequest, UpdateServiceResponse } from '@aws-sdk/client-ecs';
import { isEmpty, isGiven } from '../given.ts';
import { Fault, NotModelled } from '../service.ts';
import { openDeployment } from './deployments.ts';
import { checkLoadBalancers } from './load-balancers.ts';
import type { ServiceRecord, World } from './model.ts';
import { wake } from './scheduler.ts';
import { describedService } from './service-view.ts';
import {
  checkDesiredCount,
  clusterOf,
  refuseRebalancing,
  refuseUnmodelledConfiguration,
  rollingConfiguration,
  serviceOf,
  withShares,
} from './services.ts';
import { runnableTaskDefinition } from './task-definitions.ts';
import { SCHEDULER_REACTION_MS } from './timing.ts';

const MODELLED = [
  'cluster',
  'service',
  'taskDefinition',
  'desiredCount',
  'forceNewDeployment',
  'deploymentConfiguration',
  'networkConfiguration',
  'healthCheckGracePeriodSeconds',
  'availabilityZoneRebalancing',
];
/** Accepted with this value only: each is what the model does anyway. */
const FIXED: Readonly<Record<string, unknown>> = {
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  platformVersion: 'LATEST',
  propagateTags: 'NONE',
};

/**
 * Applies an update. A changed task definition or network, or `forceNewDeployment`, makes a new deployment; the same ones
 * and nothing else do not. A newer update wins over a deployment in progress, whose tasks stay until they are replaced.
 */
export function updateService(world: World, input: UpdateServiceRequest): UpdateServiceResponse {
  const service = serviceOf(clusterOf(world, input.cluster), input.service ?? '');
  if (service.status !== 'ACTIVE') throw new Fault('ServiceNotActiveException', 'Service was not ACTIVE.');
  refuseUnmodelledMembers(service, input);
  if (service.controller !== 'ECS') refuseForController(service, input);
  const isForced = input.forceNewDeployment === true;
  const network = changedNetwork(service, input.networkConfiguration);
  // A deployment that is forced, or made for another network, runs the current task definition anew: it must still be ACTIVE.
  const isAnew = isForced || network !== undefined;
  const given = input.taskDefinition ?? (isAnew ? service.taskDefinition.arn : undefined);
  const taskDefinition = given === undefined ? service.taskDefinition : runnableTaskDefinition(world, given);
  const isRolled = taskDefinition !== service.taskDefinition || isAnew;
  if (isRolled) refuseUnmodelledStrategy(service, input);
  checkLoadBalancers(world, service.loadBalancers, taskDefinition);
  // Whatever may be refused comes before the first change: a refused update leaves the service as it was.
  checkGracePeriod(input.healthCheckGracePeriodSeconds);
  if (input.desiredCount != null) checkDesiredCount(input.desiredCount);
  configure(world, service, input);
  service.healthCheckGracePeriodSeconds = input.healthCheckGracePeriodSeconds ?? service.healthCheckGracePeriodSeconds;
  service.networkConfiguration = network ?? service.networkConfiguration;
  if (input.desiredCount != null) scale(world, service, input.desiredCount, isRolled);
  if (isRolled) {
    const deployment = openDeployment(world, service, taskDefinition);
    wake(world, service, deployment.beginsAt - world.kernel.now);
  }
  return { service: describedService(world, service, false) };
}

/** Members that say what already is may be sent again, as CloudFormation does. */
function refuseUnmodelledMembers(service: ServiceRecord, input: UpdateServiceRequest): void {
  const { loadBalancers, capacityProviderStrategy } = service;
  const present: Readonly<Record<string, unknown>> = { ...FIXED, loadBalancers, capacityProviderStrategy };
  const strategy = input.capacityProviderStrategy && {
    capacityProviderStrategy: withShares(input.capacityProviderStrategy),
  };
  for (const [name, value] of Object.entries({ ...input, ...strategy })) {
    if (value === undefined || value === null || MODELLED.includes(name)) continue;
    // Nothing is left away of what is not there; a list that would remove something is refused like any other change.
    if (isEmpty(value) && !isGiven(present[name])) continue;
    if (!isDeepStrictEqual(value, present[name])) throw new NotModelled(`UpdateService with this ${name}`);
  }
}

/** API reference, UpdateService: 0 to 2,147,483,647 seconds. AWS publishes no text for the refusal. */
const GRACE_PERIOD_SECONDS_MAX = 2_147_483_647;

function checkGracePeriod(seconds: number | null | undefined): void {
  if (seconds == null || (seconds >= 0 && seconds <= GRACE_PERIOD_SECONDS_MAX)) return;
  const text = `healthCheckGracePeriodSeconds must be between 0 and ${GRACE_PERIOD_SECONDS_MAX}, but is ${seconds}.`;
  throw new Fault('InvalidParameterException', text);
}

function changedNetwork(
  service: ServiceRecord,
  given: NetworkConfiguration | undefined,
): NetworkConfiguration | undefined {
  if (given?.awsvpcConfiguration?.subnets?.length === 0)
    throw new Fault('InvalidParameterException', 'subnets can not be empty.');
  const isSame =
    !given?.awsvpcConfiguration || isDeepStrictEqual(withDefaults(given), withDefaults(service.networkConfiguration));
  return isSame ? undefined : given;
}

function withDefaults({ awsvpcConfiguration }: NetworkConfiguration): object {
  return { securityGroups: [], assignPublicIp: 'DISABLED', ...awsvpcConfiguration };
}

function refuseForController({ controller }: ServiceRecord, { taskDefinition }: UpdateServiceRequest): never {
  if (controller === 'CODE_DEPLOY' && taskDefinition !== undefined) {
    throw new Fault(
      'InvalidParameterException',
      'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
    );
  }
  throw new NotModelled(`UpdateService on a service with the ${controller} deployment controller`);
}

function refuseUnmodelledStrategy(service: ServiceRecord, input: UpdateServiceRequest): void {
  const strategy = input.deploymentConfiguration?.strategy ?? service.deploymentConfiguration.strategy ?? 'ROLLING';
  if (strategy !== 'ROLLING') throw new NotModelled(`A deployment with the ${strategy} strategy`);
}

/** Neither the percentages nor rebalancing make a new deployment; they must go together. */
function configure(world: World, service: ServiceRecord, input: UpdateServiceRequest): void {
  const given = input.deploymentConfiguration;
  const rebalancing = input.availabilityZoneRebalancing ?? service.availabilityZoneRebalancing;
  if (given) refuseUnmodelledConfiguration(given);
  const configuration = given
    ? rollingConfiguration(given, service.deploymentConfiguration)
    : service.deploymentConfiguration;
  refuseRebalancing(rebalancing, configuration.maximumPercent);
  service.deploymentConfiguration = configuration;
  if (rebalancing !== service.availabilityZoneRebalancing) wake(world, service, SCHEDULER_REACTION_MS);
  service.availabilityZoneRebalancing = rebalancing;
}

/**
 * No new deployment: the PRIMARY one shows the new count at once, and a COMPLETED one stays so. Together with a roll the
 * count is the new deployment's from its beginning; the older ones keep what they had.
 */
function scale(world: World, service: ServiceRecord, desiredCount: number, isRolled: boolean): void {
  if (desiredCount === service.desiredCount) return;
  service.desiredCount = desiredCount;
  service.isSteady = false;
  if (isRolled) return;
  for (const deployment of service.deployments) if (deployment.hasBegun) deployment.desiredCount = desiredCount;
  wake(world, service, SCHEDULER_REACTION_MS);
}
