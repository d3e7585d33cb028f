import type { RolloutConfig } from './config.ts';
import type { ServiceFacts } from './service-facts.ts';
import type { TaskDefinitionFacts } from './task-definition-facts.ts';

/** Nobody but time tells whether an image is sound that nothing checks: it bakes at least so long. */
export const BAKE_SECONDS_UNCHECKED = 60;

/** What decides whether anything checks the tasks. */
export interface Checked {
  readonly service?: Pick<ServiceFacts, 'hasTargets'> | undefined;
  readonly base?: Pick<TaskDefinitionFacts, 'containers'> | undefined;
}

/**
 * Whether anything says that a configured container works: a health check of its own, or a load balancer. That of a sidecar says
 * that the sidecar works.
 */
export function isChecked(looked: Checked, config: Pick<RolloutConfig, 'containers'>): boolean {
  return looked.service?.hasTargets === true || checkedContainers(looked, config).length > 0;
}

/** The configured containers that have a health check of their own. */
export function checkedContainers({ base }: Checked, { containers }: Pick<RolloutConfig, 'containers'>): string[] {
  const ours = base?.containers.filter(({ name }) => containers.includes(name)) ?? [];
  return ours.filter(({ hasHealthCheck }) => hasHealthCheck).map(({ name }) => name);
}

/** How long a rollout bakes: what the configuration says, and never too short for tasks that nothing checks. */
export function bakeSeconds(looked: Checked, config: Pick<RolloutConfig, 'containers' | 'bakeTimeSeconds'>): number {
  const least = isChecked(looked, config) ? 0 : BAKE_SECONDS_UNCHECKED;
  return Math.max(config.bakeTimeSeconds, least);
}
