import type { DeployedCell } from '../../account/deployed-cell.ts';
import { linkLines, wrapped } from '../../terminal/layout.ts';
import type { Address } from './address.ts';
import type { Links } from './links.ts';
import { notesOf, type Found } from './notes.ts';

/** Tasks of a service without a load balancer that are shown; `--json` shows all. */
const ADDRESSES_SHOWN = 5;

/** The lines of `rollouts open`. Addresses and links stay whole, however long: they are there to be copied. */
export function openLines(cell: DeployedCell, found: Found): string[] {
  const { reached, links } = found;
  const left = reached.addresses.length - ADDRESSES_SHOWN;
  const notes = notesOf(cell, found);
  return [
    ...wrapped(`${cell.config.service} in ${cell.region}, account ${cell.account}`),
    '',
    ...linkLines([
      ['Address', reached.addresses.slice(0, ADDRESSES_SHOWN).map(addressText)],
      ['', left > 0 ? [`and ${left} more`] : []],
      ...(links ? consoleTexts(links) : []),
    ]),
    ...(notes.length > 0 ? [''] : []),
    ...notes.flatMap((note) => wrapped(note)),
  ];
}

function addressText({ url, host, port, protocol, isPublic, isByRule, taskArn }: Address): string {
  const remarks = [
    ...(url === undefined && protocol !== undefined ? [protocol] : []),
    ...(isPublic ? [] : ['inside its network only']),
    ...(isByRule ? ['what a rule of the listener picks'] : []),
    ...(taskArn === undefined ? [] : [`task ${taskArn.slice(taskArn.lastIndexOf('/') + 1)}`]),
  ];
  const address = url ?? (port === undefined ? host : `${host}:${port}`);
  return remarks.length === 0 ? address : `${address}  (${remarks.join(', ')})`;
}

function consoleTexts({ service, rollout, stateMachine, logs, dashboard, alarms }: Links): [string, string[]][] {
  return [
    ['Service', [service]],
    ['Rollout', rollout === undefined ? [] : [rollout]],
    ['Rollouts', [stateMachine]],
    ['Logs', logs.map(({ url }) => url)],
    ['Dashboard', dashboard === undefined ? [] : [dashboard]],
    ['Alarms', [alarms]],
  ];
}
