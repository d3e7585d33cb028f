import { revisionName } from '../../../functions/rollout/identifiers.ts';
import { isRollingForward } from '../../../functions/rollout/lease.ts';
import type { LedgerState, Owner, RolloutRecord, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { alignedColumns } from '../../../timeline/aligned-columns.ts';
import { shortNames } from '../../account/short-names.ts';
import { COLUMNS, hangingLines, shortDigest, shortened, wrapped } from '../../terminal/layout.ts';
import { age } from '../../terminal/moments.ts';
import type { Brief, RunningBriefly } from './overview.ts';

/** Enough of a tag or a digest to tell images apart. */
const IMAGE_COLUMNS = 16;

type Named = Pick<SelectedImage, 'digest'> & { readonly tag?: string | undefined };

/** The lines of `rollouts status` for several services: one each where they fit. */
export function overviewLines(
  briefs: readonly Brief[],
  place: string,
  unreadable: readonly string[],
  now: number,
): string[] {
  const names = shortNames(briefs.map(({ cell }) => cell.config.service));
  const rows = briefs.map((brief, index) => [names[index]!, ...cellsOf(brief, now)]);
  return [
    ...wrapped(`${briefs.length} ${briefs.length === 1 ? 'service' : 'services'} in ${place}, the worst first`),
    '',
    ...rowLines(rows),
    ...briefs.flatMap(({ refused }, index) => (refused === undefined ? [] : refusedLines(names[index]!, refused))),
    ...unreadable.flatMap((name) => ['', ...wrapped(`${name} says nothing that this release reads.`)]),
    '',
    'One in full: rollouts status --service NAME',
  ];
}

/** Columns that the last cell needs, so that its words go on below it. */
const NOW_COLUMNS = 12;

/** A line for each, and further ones where the last cell is long; where names are too long for columns, each has a line of its own. */
function rowLines(rows: readonly string[][]): string[] {
  const all = [['SERVICE', 'RUNS', 'HEALTHY', 'LAST', 'NOW'], ...rows];
  const before = alignedColumns(all.map((cells) => cells.slice(0, -1)));
  const columns = Math.max(...before.map((line) => line.length)) + 2;
  if (columns > COLUMNS - NOW_COLUMNS) return rows.flatMap(stacked);
  return all.flatMap((cells, index) => hangingLines(before[index]!.padEnd(columns), cells.at(-1)!));
}

function cellsOf(brief: Brief, now: number): string[] {
  const { refused, running, ledger, last } = brief;
  if (refused !== undefined || !ledger) return ['-', '-', '-', 'could not be looked at'];
  return [
    running ? runsText(running) : 'nothing',
    running ? healthyText(running) : '-',
    last ? lastText(last, now) : '-',
    nowTexts(brief, ledger).join(', ') || '-',
  ];
}

function runsText({ image, taskDefinition }: RunningBriefly): string {
  if (!image) return shortened(revisionName(taskDefinition), IMAGE_COLUMNS);
  return shortened(image.tag ?? shortDigest(image.digest).slice('sha256:'.length), IMAGE_COLUMNS);
}

/** Beside those of the desired revision what else serves, so that no more than all of them ever seem healthy. */
function healthyText({ healthyCount, otherHealthyCount = 0, runningCount, desiredCount }: RunningBriefly): string {
  if (healthyCount === undefined) return `${countText(runningCount, desiredCount)} run`;
  return `${countText(healthyCount, desiredCount)}${otherHealthyCount > 0 ? `, ${otherHealthyCount} other` : ''}`;
}

function countText(count: number, desired: number): string {
  return count > desired ? `${desired} of ${desired} + ${count - desired}` : `${count} of ${desired}`;
}

function lastText({ outcome, endedAt }: RolloutRecord, now: number): string {
  return `${outcome} ${age(endedAt, now)}`;
}

/** Who holds the service and what holds pushes back, in a few words each. */
function nowTexts(brief: Brief, { owner, pending, needsSomeone, pin, quarantine }: LedgerState): string[] {
  return [
    ...(needsSomeone ? [needsSomeone.acknowledged ? 'acknowledged' : 'needs someone'] : []),
    ...(owner ? [`${holdingText(owner, brief)} ${nameOf(owner.image, brief)}`] : []),
    ...(pending ? ['one waits'] : []),
    ...(pin ? [pin.digest === undefined ? 'pinned' : `pinned to ${nameOf({ digest: pin.digest }, brief)}`] : []),
    ...(quarantine.length > 0 ? [`${quarantine.length} quarantined`] : []),
  ];
}

function holdingText(owner: Owner, { isOwnerRunning }: Brief): string {
  if (isOwnerRunning === false) return 'dead rollout of';
  if (owner.purpose === 'recover') return 'recovering from';
  return isRollingForward(owner) ? 'rolling' : 'rolling back from';
}

/** Its tag, where anything that was read knows it; a cut tag would be no name. */
function nameOf({ digest, tag }: Named, { running, ledger, last }: Brief): string {
  const known = [{ digest, tag }, running?.image, ledger?.seen, ledger?.owner?.image, last?.image];
  const tagged = known.find((image) => image?.digest === digest && image.tag !== undefined);
  return tagged?.tag ?? shortDigest(digest).slice('sha256:'.length);
}

function stacked([name = '', runs = '', healthy = '', last = '', now = '']: string[]): string[] {
  if (runs === '-') return [...wrapped(name), ...hangingLines('    ', now)];
  const texts = [`runs ${runs}`, `${healthy} healthy`, last === '-' ? 'no rollout has ended yet' : last, now];
  return [...wrapped(name), ...hangingLines('    ', texts.filter((text) => !text.startsWith('-')).join('; '))];
}

function refusedLines(name: string, refused: string): string[] {
  return ['', ...wrapped(`${name}: ${refused}`)];
}
