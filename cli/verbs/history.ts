import type { RolloutRecord } from '../../functions/rollout/ledger.ts';
import { CELL_OPTIONS, withCell, type DeployedCell } from '../account/deployed-cell.ts';
import { readRecords } from '../account/ledger.ts';
import { wholeNumber, type Command, type Flags, type Terminal } from '../terminal/command.ts';
import { historyLines, recordLines } from './history/history-text.ts';
import { wrapped } from '../terminal/layout.ts';
import { MACHINE_CLOCK } from '../terminal/moments.ts';
import { recordJson } from './records.ts';

const LIMIT = 20;
const LIMIT_MAX = 10_000;

/** `rollouts history`: how past rollouts ended. */
export const history: Command = {
  name: 'history',
  summary: 'Lists how past rollouts ended, the newest first.',
  options: {
    ...CELL_OPTIONS,
    limit: { type: 'string', placeholder: 'N', summary: `Rollouts to list. [${LIMIT}]` },
    rollout: { type: 'string', placeholder: 'ID', summary: 'Shows one rollout in full; a few first letters suffice.' },
  },
  run,
};

async function run(flags: Flags, terminal: Terminal): Promise<number> {
  const limit = wholeNumber(flags, 'limit', LIMIT, 1, LIMIT_MAX);
  return await withCell(flags, terminal, async (cell) => {
    const named = flags['rollout'];
    const all = await readRecords(cell);
    const records = all.filter(({ rolloutId }) => typeof named !== 'string' || rolloutId.startsWith(named));
    const shown = records.slice(0, limit);
    const now = (terminal.clock ?? MACHINE_CLOCK).now();
    const lines = flags['json']
      ? [JSON.stringify(historyJson(shown, cell), null, 2)]
      : shown.length === 0
        ? wrapped(typeof named === 'string' ? `No rollout ${named} has ended.` : 'No rollout has ended yet.')
        : typeof named === 'string'
          ? shown.flatMap((record) => recordLines(record, now))
          : historyLines(shown, now);
    terminal.out.write(`${lines.join('\n')}\n`);
    return typeof named === 'string' && shown.length === 0 ? 1 : 0;
  });
}

function historyJson(records: readonly RolloutRecord[], { config }: DeployedCell): object {
  return { schema: 1, service: config.service, rollouts: records.map(recordJson) };
}
