import type { Service } from '@aws-sdk/client-ecs';
import type { CheckedService } from '../../infra/configuration.ts';
import { revisionName } from '../aws/running-service.ts';
import { judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';

/** Whether the service is one that rollouts can roll, and how well ECS protects it; `isAsProvisioned` while it has no image. */
export function checkService(
  looked: Looked<Service>,
  { cluster, serviceName }: CheckedService,
  isAsProvisioned: boolean,
): Finding[] {
  return judge('service', looked, (service) => {
    if (!service)
      return [
        problem(
          'service',
          `ECS has no service ${serviceName} in the cluster ${cluster}.`,
          'create it, or correct `cluster` and `service` in the configuration',
        ),
      ];
    return [
      ...checkDeployment(service),
      checkStatus(service, isAsProvisioned),
      ...checkController(service),
      ...checkBreaker(service, cluster),
    ];
  });
}

function checkStatus({ status = '', desiredCount = 0, runningCount = 0 }: Service, isAsProvisioned: boolean): Finding {
  if (status !== 'ACTIVE')
    return problem('service', `The service is ${status}.`, 'only an ACTIVE service can be rolled: create it again');
  if (isAsProvisioned) return ok('service', 'The service is ACTIVE and has no image yet: a push starts its tasks.');
  const tasks = `${runningCount} of ${desiredCount} tasks run`;
  if (desiredCount === 0)
    return warning(
      'service',
      'The service wants no tasks, so a rollout proves nothing.',
      'set the desired count, unless it is empty on purpose',
    );
  return runningCount < desiredCount
    ? warning('service', `Only ${tasks}.`, 'see why its tasks do not start or stay: rollouts status')
    : ok('service', `The service is ACTIVE and ${tasks}.`);
}

/** Who types `doctor` while a push waits is to know for what. */
function checkDeployment({ deployments = [] }: Service): Finding[] {
  const primary = deployments.find(({ status }) => status === 'PRIMARY');
  if (primary?.rolloutState !== 'IN_PROGRESS') return [];
  const said = `ECS replaces tasks for ${revisionName(primary.taskDefinition ?? '')}: a push waits until that is over.`;
  return [ok('deployment', said)];
}

function checkController({ deploymentController, deploymentConfiguration }: Service): Finding[] {
  const controller = deploymentController?.type ?? 'ECS';
  if (controller !== 'ECS')
    return [
      problem(
        'controller',
        `The deployment controller is ${controller}, and only ECS is supported.`,
        'move the service to the ECS deployment controller, or create it again with it',
      ),
    ];
  const strategy = deploymentConfiguration?.strategy ?? 'ROLLING';
  return [
    strategy === 'ROLLING'
      ? ok('controller', 'The deployment controller is ECS, and the strategy ROLLING.')
      : problem(
          'controller',
          `The deployment strategy is ${strategy}, and only ROLLING is supported.`,
          'set the strategy ROLLING',
        ),
  ];
}

/** Rollouts watch by themselves; ECS's own circuit breaker is what is left when they cannot. */
function checkBreaker({ serviceName = '', deploymentConfiguration }: Service, cluster: string): Finding[] {
  const { enable = false, rollback = false } = deploymentConfiguration?.deploymentCircuitBreaker ?? {};
  if (enable && rollback) return [ok('circuit breaker', 'On, with rollback.')];
  const said = enable
    ? 'On, but it does not roll back.'
    : 'Off: whatever else deploys here is not taken back when it fails.';
  const setting = "--deployment-configuration 'deploymentCircuitBreaker={enable=true,rollback=true}'";
  return [
    warning('circuit breaker', said, `aws ecs update-service --cluster ${cluster} --service ${serviceName} ${setting}`),
  ];
}
