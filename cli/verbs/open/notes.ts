import type { DeployedCell } from '../../account/deployed-cell.ts';
import type { Reached } from './addresses.ts';
import { partitionOf, type Linked, type Links } from './links.ts';

/** Everything that `open` tells. */
export interface Found extends Linked {
  readonly reached: Reached;
  readonly links: Links | undefined;
}

/** What is missing, and why, a sentence each. */
export function notesOf(cell: DeployedCell, { reached, links, definition, executionArn }: Found): string[] {
  const { why } = reached;
  return [
    ...(why === undefined ? [] : [`No address: ${why}.`]),
    ...(links ? [] : [`No links: nobody knows the console of the partition ${partitionOf(cell)}.`]),
    ...('refused' in definition ? [`No port and no logs: ${definition.refused}.`] : []),
    ...('refused' in executionArn ? [`No rollout: ${executionArn.refused}.`] : []),
  ];
}
