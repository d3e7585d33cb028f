import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import { fitsGlob } from '../../../functions/rollout/glob.ts';
import type { ContainerDefinition } from '../../../functions/rollout/task-definition-facts.ts';
import { awslogsGroup } from '../../../functions/rollout/task-log.ts';
import { warning, type Finding } from './finding.ts';

/** Whether what a container writes goes where rollouts may read it; where nothing is to be read there is nothing to say. */
export function checkLogs(
  { name = '', logConfiguration }: ContainerDefinition,
  { logGroup }: Pick<RolloutConfig, 'logGroup'>,
): Finding[] {
  if (logGroup === undefined) return [];
  const group = awslogsGroup(logConfiguration);
  if (group === undefined || fitsGlob(group, logGroup)) return [];
  return [
    warning(
      'log',
      `The container ${name} logs to ${group}, and rollouts may read ${logGroup}: of one that fails no lines are kept.`,
      `set logGroup: '${group}' and deploy the cell`,
    ),
  ];
}
