import type { z } from 'zod';
import { CELL_OPTIONS, withCell } from '../account/deployed-cell.ts';
import { readRecords } from '../account/ledger.ts';
import { wholeNumber, type Answer, type Flags, type Session, type Verb } from '../terminal/command.ts';
import { list, serviceDocument, VERBS_JSON } from '../terminal/document.ts';
import { wrapped } from '../terminal/layout.ts';
import { historyLines, recordLines } from './history/history-text.ts';
import { recordJson, recordSchema } from './records.ts';

const LIMIT = 20;
const LIMIT_MAX = 10_000;

const historySchema = serviceDocument({
  rollouts: list(recordSchema).describe('The rollout that ended last first, at most `--limit` of them.'),
});
type HistoryDocument = z.infer<typeof historySchema>;

/** `rollouts history`: how past rollouts ended. */
export const history: Verb<HistoryDocument> = {
  name: 'history',
  summary: 'Lists how past rollouts ended, the newest first.',
  options: {
    ...CELL_OPTIONS,
    limit: { type: 'string', placeholder: 'N', summary: `Rollouts to list. [${LIMIT}]` },
    rollout: { type: 'string', placeholder: 'ID', summary: 'Shows one rollout in full; a few first letters suffice.' },
  },
  document: { schema: historySchema, describedIn: VERBS_JSON },
  run,
};

async function run(flags: Flags, session: Session): Promise<Answer<HistoryDocument>> {
  const limit = wholeNumber(flags, 'limit', LIMIT, 1, LIMIT_MAX);
  const named = flags['rollout'];
  return await withCell(flags, session, async (cell) => {
    const now = session.clock.now();
    const records = await readRecords(cell);
    const isShown = (rolloutId: string): boolean => typeof named !== 'string' || rolloutId.startsWith(named);
    const shown = records.filter(({ rolloutId }) => isShown(rolloutId)).slice(0, limit);
    const document = { schema: 1, service: cell.config.service, rollouts: shown.map(recordJson) } as const;
    if (typeof named !== 'string') {
      const lines = shown.length === 0 ? ['No rollout has ended yet.'] : historyLines(shown, now);
      return { document, lines, exitCode: 0 };
    }
    const lines = shown.length === 0 ? wrapped(`No rollout ${named} has ended.`) : undefined;
    return { document, lines: lines ?? shown.flatMap((record) => recordLines(record, now)), exitCode: lines ? 1 : 0 };
  });
}
