import { z } from 'zod';
import { newestRecords, type Found } from '../../functions/aws/history.ts';
import { parsePlace, type HistoryPlace } from '../../functions/rollout/history-key.ts';
import { cellVerb } from '../account/cell-verb.ts';
import { UsageError, wholeNumber, type Answered, type Flags } from '../terminal/command.ts';
import { list, serviceDocument } from '../terminal/document.ts';
import { wrapped } from '../terminal/layout.ts';
import { historyLines, recordLines } from './history/history-text.ts';
import { recordJson, recordSchema } from './history/records.ts';

const LIMIT = 20;
const LIMIT_MAX = 10_000;

const historySchema = serviceDocument({
  rollouts: list(recordSchema).describe('The rollout that ended last first, at most `--limit` of them.'),
  next: z
    .string()
    .nullable()
    .describe('What `--before` takes to list those that ended before; null when there are none.'),
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
  },
  schema: historySchema,
  ask: (flags) => ({
    limit: wholeNumber(flags, 'limit', LIMIT, 1, LIMIT_MAX),
    before: placeIn(flags),
    named: flags['rollout'] as string | undefined,
  }),
  async runIn(cell, { limit, before, named }, { clock }) {
    const found = await newestRecords(cell.ledger, { count: limit, before, idPrefix: named });
    const rollouts = found.records.map(recordJson);
    const document = { schema: 1, service: cell.config.service, rollouts, next: found.next ?? null } as const;
    return named === undefined
      ? listed(document, found, before, clock.now())
      : inFull(document, found, named, clock.now());
  },
});

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
