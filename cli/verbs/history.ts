import { readRecords } from '../../functions/aws/ledger-table.ts';
import { cellVerb } from '../account/cell-verb.ts';
import { wholeNumber } from '../terminal/command.ts';
import { list, serviceDocument } from '../terminal/document.ts';
import { wrapped } from '../terminal/layout.ts';
import { historyLines, recordLines } from './history/history-text.ts';
import { recordJson, recordSchema } from './history/records.ts';

const LIMIT = 20;
const LIMIT_MAX = 10_000;

/** `rollouts history`: how past rollouts ended. */
export const history = cellVerb({
  name: 'history',
  summary: 'Lists how past rollouts ended, the newest first.',
  options: {
    limit: { type: 'string', placeholder: 'N', summary: `Rollouts to list. [${LIMIT}]` },
    rollout: { type: 'string', placeholder: 'ID', summary: 'Shows one rollout in full; a few first letters suffice.' },
  },
  schema: serviceDocument({
    rollouts: list(recordSchema).describe('The rollout that ended last first, at most `--limit` of them.'),
  }),
  ask: (flags) => ({
    limit: wholeNumber(flags, 'limit', LIMIT, 1, LIMIT_MAX),
    named: flags['rollout'] as string | undefined,
  }),
  async runIn(cell, { limit, named }, { clock }) {
    const records = await readRecords(cell.ledger);
    const shown = records.filter(({ rolloutId }) => rolloutId.startsWith(named ?? '')).slice(0, limit);
    const document = { schema: 1, service: cell.config.service, rollouts: shown.map(recordJson) } as const;
    if (named === undefined) {
      const lines = shown.length === 0 ? ['No rollout has ended yet.'] : historyLines(shown, clock.now());
      return { document, lines, exitCode: 0 };
    }
    if (shown.length === 0) return { document, lines: wrapped(`No rollout ${named} has ended.`), exitCode: 1 };
    return { document, lines: shown.flatMap((record) => recordLines(record, clock.now())), exitCode: 0 };
  },
});
