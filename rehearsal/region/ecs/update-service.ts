import type { UpdateServiceRequest, UpdateServiceResponse } from '@aws-sdk/client-ecs';
import { Fault, NotModelled } from '../service.ts';
import { openDeployment } from './deployments.ts';
import { checkLoadBalancers } from './load-balancers.ts';
import type { ServiceRecord, World } from './model.ts';
import { wake } from './scheduler.ts';
import { describedService } from './service-view.ts';
import { clusterOf, refuseUnmodelledConfiguration, rollingConfiguration, serviceOf } from './services.ts';
import { runnableTaskDefinition } from './task-definitions.ts';
import { SCHEDULER_REACTION_MS } from './timing.ts';

const MODELLED = [
  'cluster',
  'service',
  'taskDefinition',
  'desiredCount',
  'forceNewDeployment',
  'deploymentConfiguration',
];

/**
 * Applies an update. A changed task definition, or `forceNewDeployment`, makes a new deployment; the same task definition
 * and nothing else does not. A newer update wins over a deployment in progress, whose tasks stay until they are replaced.
 */
export function updateService(world: World, input: UpdateServiceRequest): UpdateServiceResponse {
  const service = serviceOf(clusterOf(world, input.cluster), input.service ?? '');
  const unknown = Object.entries(input).find(
    ([name, value]) => value !== undefined && value !== null && !MODELLED.includes(name),
  );
  if (unknown) throw new NotModelled(`UpdateService with ${unknown[0]}`);
  if (service.controller !== 'ECS') refuseForController(service, input);
  const isForced = input.forceNewDeployment === true;
  // A forced deployment runs the current task definition anew, which must then still be ACTIVE.
  const given = input.taskDefinition ?? (isForced ? service.taskDefinition.arn : undefined);
  const taskDefinition = given === undefined ? service.taskDefinition : runnableTaskDefinition(world, given);
  const isRolled = taskDefinition !== service.taskDefinition || isForced;
  if (isRolled) refuseUnmodelledStrategy(service, input);
  checkLoadBalancers(world, service.loadBalancers, taskDefinition);
  if (input.deploymentConfiguration) configure(service, input.deploymentConfiguration);
  if (input.desiredCount != null) scale(world, service, input.desiredCount);
  if (isRolled) {
    const deployment = openDeployment(world, service, taskDefinition);
    wake(world, service, deployment.beginsAt - world.kernel.now);
  }
  return { service: describedService(world, service, false) };
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

function configure(service: ServiceRecord, given: NonNullable<UpdateServiceRequest['deploymentConfiguration']>): void {
  refuseUnmodelledConfiguration(given);
  service.deploymentConfiguration = rollingConfiguration(given, service.deploymentConfiguration);
}

/** No new deployment: the PRIMARY one shows the new count at once, and a COMPLETED one stays so. */
function scale(world: World, service: ServiceRecord, desiredCount: number): void {
  if (desiredCount < 0) throw new Fault('InvalidParameterException', 'desiredCount must not be negative.');
  if (desiredCount === service.desiredCount) return;
  service.desiredCount = desiredCount;
  service.isSteady = false;
  const primary = service.deployments[0]!;
  if (primary.hasBegun) primary.desiredCount = desiredCount;
  wake(world, service, SCHEDULER_REACTION_MS);
}
