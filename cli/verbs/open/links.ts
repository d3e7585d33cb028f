import type { DeployedCell } from '../../account/deployed-cell.ts';
import type { Looked } from '../../account/look.ts';
import { stackName } from '../../../configuration/names.ts';
import { containersOf } from './containers.ts';
import { consoleLinks } from '../../../functions/rollout/console-links.ts';
import type { RawTaskDefinition } from '../../../functions/rollout/next-revision.ts';

/** The service's pages in the AWS console. */
export interface Links {
  readonly service: string;
  readonly stateMachine: string;
  /** The rollout that runs, or the one that ended last; undefined where there was none. */
  readonly rollout: string | undefined;
  readonly logs: readonly LogLink[];
  /** Undefined where the configuration wants none. */
  readonly dashboard: string | undefined;
  readonly alarms: string;
}

interface LogLink {
  readonly logGroup: string;
  readonly url: string;
}

/** What links are made of that the configuration does not say. */
export interface Linked {
  /** The revision that the service runs. */
  readonly definition: Looked<RawTaskDefinition>;
  readonly executionArn: Looked<string>;
}

/** Undefined in a partition whose console nobody knows. */
export function linksOf(cell: DeployedCell, { definition, executionArn }: Linked): Links | undefined {
  const { config, region, stateMachineArn, dashboard } = cell;
  const to = consoleLinks(partitionOf(cell), region);
  if (!to) return undefined;
  const stack = stackName(cell.service.name);
  const rollout = 'found' in executionArn ? executionArn.found : undefined;
  const groups = 'found' in definition ? logGroupsOf(definition.found ?? {}, region) : [];
  return {
    service: to.service(config.cluster, config.serviceName),
    stateMachine: to.stateMachine(stateMachineArn),
    rollout: rollout && to.execution(rollout),
    logs: groups.map(([logGroup, at]) => ({ logGroup, url: to.logGroup(logGroup, at) })),
    dashboard: dashboard && to.dashboard(`${dashboard}-${region}`),
    // Their names begin so; without the hyphen, those of a service called apis would be found among those of api.
    alarms: to.alarms(`${stack}-`),
  };
}

/** `aws`, `aws-cn`, … */
export function partitionOf({ stateMachineArn }: Pick<DeployedCell, 'stateMachineArn'>): string {
  return stateMachineArn.split(':')[1]!;
}

/** Log groups and their Regions, each once, in the order of the containers that write to them. */
function logGroupsOf(definition: RawTaskDefinition, region: string): readonly (readonly [string, string])[] {
  const groups = new Map<string, readonly [string, string]>();
  for (const { logConfiguration } of containersOf(definition)) {
    const { 'awslogs-group': group, 'awslogs-region': at = region } = logConfiguration?.options ?? {};
    if (logConfiguration?.logDriver === 'awslogs' && group !== undefined) groups.set(`${at} ${group}`, [group, at]);
  }
  return [...groups.values()];
}
