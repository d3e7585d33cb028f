import { revisionName } from '../../../functions/rollout/identifiers.ts';
import { isGoingBack } from '../../../functions/rollout/lease.ts';
import type { LedgerState, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import { alignedColumns } from '../../../timeline/aligned-columns.ts';
import { shortNames } from '../../account/short-names.ts';
import { COLUMNS, hangingLines, shortDigest, shortened, wrapped } from '../../terminal/layout.ts';
import { age } from '../../terminal/moments.ts';
import type { Brief, RunningBriefly } from './overview.ts';

/** Enough of a tag or a digest to tell images apart. */
const IMAGE_COLUMNS = 16;

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

function cellsOf({ refused, running, ledger, last, isOwnerRunning }: Brief, now: number): string[] {
  if (refused !== undefined || !ledger) return ['-', '-', '-', 'could not be looked at'];
  return [
    running ? runsText(running) : 'nothing',
    running ? healthyText(running) : '-',
    last ? lastText(last, now) : '-',
    nowTexts(ledger, isOwnerRunning).join(', ') || '-',
  ];
}

function runsText({ image, taskDefinition }: RunningBriefly): string {
  if (!image) return shortened(revisionName(taskDefinition), IMAGE_COLUMNS);
  return shortened(image.tag ?? shortDigest(image.digest).slice('sha256:'.length), IMAGE_COLUMNS);
}

function healthyText({ healthyCount, runningCount, desiredCount }: RunningBriefly): string {
  return healthyCount === undefined ? `${runningCount} of ${desiredCount} run` : `${healthyCount} of ${desiredCount}`;
}

function lastText({ outcome, endedAt }: RolloutRecord, now: number): string {
  return `${outcome} ${age(endedAt, now)}`;
}

/** Who holds the service and what holds pushes back, in a word each. */
function nowTexts(
  { owner, pending, needsSomeone, pin, quarantine }: LedgerState,
  isOwnerRunning: boolean | undefined,
): string[] {
  return [
    ...(needsSomeone ? [needsSomeone.acknowledged ? 'acknowledged' : 'needs someone'] : []),
    ...(owner ? [isOwnerRunning === false ? 'dead rollout' : isGoingBack(owner) ? 'rolling back' : 'rolling'] : []),
    ...(pending ? ['one waits'] : []),
    ...(pin ? ['pinned'] : []),
    ...(quarantine.length > 0 ? [`${quarantine.length} quarantined`] : []),
  ];
}

function stacked([name = '', runs = '', healthy = '', last = '', now = '']: string[]): string[] {
  if (runs === '-') return [...wrapped(name), ...hangingLines('    ', now)];
  const texts = [`runs ${runs}`, `${healthy} healthy`, last === '-' ? 'no rollout has ended yet' : last, now];
  return [...wrapped(name), ...hangingLines('    ', texts.filter((text) => !text.startsWith('-')).join('; '))];
}

function refusedLines(name: string, refused: string): string[] {
  return ['', ...wrapped(`${name}: ${refused}`)];
}
