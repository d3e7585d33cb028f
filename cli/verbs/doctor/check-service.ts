import type { Service } from '@aws-sdk/client-ecs';
import { toServiceFacts } from '../../../functions/aws/service.ts';
import { refuseService } from '../../../functions/rollout/preflight.ts';
import type { CheckedService } from '../../../configuration/configuration.ts';
import { judge, ok, warning, type Finding, type Looked } from './finding.ts';
import { refused } from './refused.ts';

/** Whether a service has an image yet; `emptied` when a deployment that failed was taken back behind its launch. */
export type Stage = 'new' | 'launched' | 'emptied';

/** Whether the service is one that rollouts can roll, as Preflight judges it, and how well ECS protects it. */
export function checkService(
  looked: Looked<Service>,
  { cluster, serviceName }: Pick<CheckedService, 'cluster' | 'serviceName'>,
  stage: Stage,
): Finding[] {
  return judge('service', looked, (service) => {
    const refusal = refuseService(service && toServiceFacts(service), { cluster, serviceName });
    if (service?.status !== 'ACTIVE') return refusal ? [refused(refusal)] : [];
    return [
      checkTasks(service, stage),
      refusal ? refused(refusal) : ok('controller', 'The deployment controller is ECS, and the strategy ROLLING.'),
      ...checkBreaker(service, cluster),
    ];
  });
}

function checkTasks({ desiredCount = 0, runningCount = 0 }: Service, stage: Stage): Finding {
  if (stage === 'new') return ok('service', 'The service is ACTIVE and has no image yet: a push starts its tasks.');
  if (stage === 'emptied')
    return warning(
      'service',
      'The service was launched, and a deployment has taken its image and its tasks away again.',
      'wait for the tick, which launches what was proven last three times at most, or: rollouts start',
    );
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
