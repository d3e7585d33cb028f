import { z } from 'zod';
import { newestRecords, recordsSince, type Found } from '../../functions/aws/history.ts';
import { parsePlace, type HistoryPlace } from '../../functions/rollout/history-key.ts';
import type { ImageDigest } from '../../functions/rollout/identifiers.ts';
import type { HistoryEntry } from '../../functions/rollout/ledger.ts';
import { cellVerb } from '../account/cell-verb.ts';
import type { DeployedCell } from '../account/deployed-cell.ts';
import { imageCreatedAt } from '../account/image-created.ts';
import { UsageError, wholeNumber, type Answered, type Flags } from '../terminal/command.ts';
import { list, serviceDocument } from '../terminal/document.ts';
import { wrapped } from '../terminal/layout.ts';
import { historyLines, recordLines } from './history/history-text.ts';
import { entryJson, recordSchema } from './history/records.ts';
import { deploymentsIn, statsOf } from './history/stats.ts';
import { pictureFile } from './rehearse/picture-file.ts';
import { statsJson, statsLines, statsSchema, type Period } from './history/stats-told.ts';

const LIMIT = 20;
const LIMIT_MAX = 10_000;

/** Days that are counted unless told otherwise, and the most that may be told. */
const DAYS = 30;
const DAYS_MAX = 3650;
const DAY_MS = 86_400_000;
/** Images that are asked for their creation, the newest first; one takes up to three calls. */
const IMAGES_ASKED = 50;

const historySchema = serviceDocument({
  rollouts: list(recordSchema).describe(
    'The rollout that ended last first, at most `--limit` of them; none with `--stats`.',
  ),
  next: z
    .string()
    .nullable()
    .describe('What `--before` takes to list those that ended before; null when there are none.'),
  stats: statsSchema.optional().describe('How well changes went. Absent without `--stats`.'),
});
type HistoryDocument = z.infer<typeof historySchema>;

/** `rollouts history`: how past rollouts ended. */
export const history = cellVerb({
  name: 'history',
  summary: 'Lists how past rollouts ended, the newest first.',
  options: {
    limit: { type: 'string', placeholder: 'N', summary: `Rollouts to list. [${LIMIT}]` },
    before: { type: 'string', placeholder: 'TIME', summary: 'Lists those that ended before: a day or time in UTC.' },
    rollout: { type: 'string', placeholder: 'ID', summary: 'Shows one rollout in full; a few first letters suffice.' },
    html: { type: 'string', placeholder: 'FILE', summary: 'Draws that rollout, too, as one file for a browser.' },
    stats: { type: 'boolean', summary: 'Counts instead: deployments, failure rate, time to restore, lead time.' },
    days: { type: 'string', placeholder: 'N', summary: `Days that --stats counts. [${DAYS}]` },
  },
  schema: historySchema,
  ask: (flags) => ({
    countedMs: countedIn(flags),
    limit: wholeNumber(flags, 'limit', LIMIT, 1, LIMIT_MAX),
    before: placeIn(flags),
    named: flags['rollout'] as string | undefined,
    html: pictureIn(flags),
  }),
  async runIn(cell, { limit, before, named, countedMs, html }, { clock }) {
    if (countedMs !== undefined) return await counted(cell, { since: clock.now() - countedMs, until: clock.now() });
    const found = await newestRecords(cell.ledger, { count: limit, before, idPrefix: named });
    const rollouts = found.records.map(entryJson);
    const document = { schema: 1, service: cell.config.service, rollouts, next: found.next ?? null } as const;
    if (named === undefined) return listed(document, found, before, clock.now());
    const told = inFull(document, found, named, clock.now());
    return html === undefined ? told : await drawn(cell, told, found, { named, html, now: clock.now() });
  },
});

/** The file that is drawn into; a picture is of one rollout. */
function pictureIn(flags: Flags): string | undefined {
  if (flags['html'] !== undefined && flags['rollout'] === undefined)
    throw new UsageError('--html draws one rollout: name it with --rollout ID');
  return pictureFile(flags['html'] as string | undefined);
}

/** The same answer, with the file that was written; where several rollouts begin so, nobody knows which is meant. */
async function drawn(
  cell: DeployedCell,
  told: Answered<HistoryDocument>,
  { records, next }: Found,
  { named, html, now }: { readonly named: string; readonly html: string; readonly now: number },
): Promise<Answered<HistoryDocument>> {
  if (records.length === 0) return told;
  if (records.length > 1 || next !== undefined)
    throw new UsageError(`--html draws one rollout, and several begin with ${named}: give more of its id`);
  // Loaded only now: most who list rollouts draw none.
  const { writeReport } = await import('./history/write-report.ts');
  await writeReport(cell, records[0]!.rolloutId, html, now);
  return { ...told, lines: [...(told.lines as readonly string[]), `Its picture: ${html}`] };
}

/** The time that is counted, in milliseconds; undefined where rollouts are listed. */
function countedIn(flags: Flags): number | undefined {
  if (flags['stats'] !== true) {
    if (flags['days'] === undefined) return undefined;
    throw new UsageError('--days goes with --stats only');
  }
  const other = ['limit', 'before', 'rollout', 'html'].find((name) => flags[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--stats counts whole days: leave --${other} out, or give --days`);
  return wholeNumber(flags, 'days', DAYS, 1, DAYS_MAX) * DAY_MS;
}

async function counted(cell: DeployedCell, period: Period): Promise<Answered<HistoryDocument>> {
  const records: HistoryEntry[] = [];
  for await (const page of recordsSince(cell.ledger, period.since))
    records.push(...page.filter(({ endedAt }) => endedAt >= period.since));
  const createdAt = new Map<ImageDigest, number | undefined>();
  for (const { image } of deploymentsIn(records).slice(0, IMAGES_ASKED))
    createdAt.set(image.digest, await imageCreatedAt(cell, image.digest));
  const stats = statsOf(records, createdAt);
  return {
    document: { schema: 1, service: cell.config.service, rollouts: [], next: null, stats: statsJson(stats, period) },
    lines: statsLines(stats, period),
    exitCode: 0,
  };
}

function placeIn({ before }: Flags): HistoryPlace | undefined {
  if (before === undefined) return undefined;
  const place = parsePlace(String(before));
  if (place) return place;
  throw new UsageError(
    `--before ${String(before)}: give a day or a time in UTC, as in 2027-03-01 or 2027-03-01T12:00Z`,
  );
}

function listed(
  document: HistoryDocument,
  { records, next }: Found,
  before: HistoryPlace | undefined,
  now: number,
): Answered<HistoryDocument> {
  const none = before === undefined ? 'No rollout has ended yet.' : `No rollout ended before ${before}.`;
  const lines = records.length === 0 ? wrapped(none) : historyLines(records, now);
  return { document, lines: [...lines, ...goingOn(next)], exitCode: 0 };
}

function inFull(
  document: HistoryDocument,
  { records, next }: Found,
  named: string,
  now: number,
): Answered<HistoryDocument> {
  if (records.length === 0) return { document, lines: wrapped(`No rollout ${named} has ended.`), exitCode: 1 };
  const lines = records.flatMap((record) => recordLines(record, now));
  return { document, lines: [...lines, ...goingOn(next)], exitCode: 0 };
}

/** How to see those that `--limit` left out. */
function goingOn(next: HistoryPlace | undefined): string[] {
  return next === undefined ? [] : ['', `More: --before '${next}'`];
}
