import type { FailedTask } from '../../../functions/rollout/failed-task.ts';
import { timeSpentOf, timeSpentTexts } from '../../../functions/rollout/time-spent.ts';
import type { HistoryEntry, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import {
  copiedLines,
  labelledLines,
  shortDigest,
  shortened,
  tableLines,
  type Labelled,
} from '../../terminal/layout.ts';
import { age, localTime, moment } from '../../terminal/moments.ts';
import { markedLines } from './log-text.ts';
import { failedTaskTexts, imageText, intentOf, requestText } from './records.ts';

/** Enough of a tag or a digest to tell images apart, and room for the reason. */
const IMAGE_COLUMNS = 16;

/** The lines of `rollouts history`: a table. */
export function historyLines(records: readonly RolloutRecord[], now: number): string[] {
  const rows = records.map((record) => [
    record.endedAt > now ? localTime(record.endedAt) : age(record.endedAt, now),
    record.outcome,
    imageCell(record),
    record.rolloutId.slice(0, 8),
    intentOf(record),
    // That the evidence was complete is what SUCCEEDED means.
    record.outcome === 'SUCCEEDED' ? '-' : record.reason,
  ]);
  const table = [['ENDED', 'OUTCOME', 'IMAGE', 'ROLLOUT', 'FOR', 'REASON'], ...rows];
  const lines = tableLines(table);
  // Beside the longest outcome there may be no room for reasons: two letters of each would say nothing.
  return lines[0]!.endsWith('REASON') ? lines : tableLines(table.map((row) => row.slice(0, -1)));
}

function imageCell({ image }: RolloutRecord): string {
  return image
    ? shortened(image.tag ?? image.digest.slice('sha256:'.length, 'sha256:'.length + 12), IMAGE_COLUMNS)
    : '-';
}

/** One rollout in full. */
export function recordLines(record: HistoryEntry, now: number): string[] {
  const { rolloutId, outcome, reason, message, image, taskDefinition, startedAt, endedAt, failedTasks = [] } = record;
  const told = failedTasks.flatMap((task) => [
    ...labelledLines([['Failed task', failedTaskTexts(task)]]),
    ...logTexts(task),
  ]);
  const before = labelledLines([
    ['Rollout', [rolloutId]],
    ['Outcome', [`${outcome} (${reason})`, shortDigest(message)]],
    ['Asked for', [requestText(record) ?? askedBy(record)]],
    ['Image', [image ? imageText(image) : 'none']],
    ['Revision', [taskDefinition ?? 'none registered']],
  ]);
  const times: readonly Labelled[] = [
    ['Started', [moment(startedAt, now)]],
    ['Ended', [moment(endedAt, now)]],
  ];
  const spent = timeSpentOf(record);
  const went: readonly Labelled[] = [
    ['Decided', decidedTexts(record)],
    ['Time', spent ? timeSpentTexts(spent) : []],
  ];
  return [...before, ...told, ...labelledLines([...times, ...went])];
}

/** What its steps decided, and how long after the start; what was meant by it the outcome says. */
function decidedTexts({ course, startedAt }: HistoryEntry): string[] {
  const { decisions = [] } = course ?? {};
  return decisions.map(({ at, state, word, reason }) => {
    const why = reason === undefined ? '' : ` (${reason})`;
    return `${afterStart(at - startedAt)} ${state}: ${word}${why}`;
  });
}

/** `+1:28`, minutes and seconds. */
function afterStart(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `+${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** What its container wrote last, each line as wide as the terminal allows; or why nobody knows, and how to read it. */
function logTexts({ logLines = [], logNote, logCommand }: FailedTask): string[] {
  return [
    ...markedLines(logLines),
    ...labelledLines(logNote === undefined ? [] : [['', [logNote]]]),
    ...(logCommand === undefined ? [] : copiedLines([logCommand])),
  ];
}

function askedBy({ trigger, isTick }: RolloutRecord): string {
  if (trigger === 'replayed') return 'by somebody, with an event as input';
  if (trigger === 'person') return 'by somebody, with an input that means nothing';
  return `by nobody: the ${isTick ? 'tick' : 'push'}`;
}
