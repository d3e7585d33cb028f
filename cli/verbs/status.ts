import { CELL_OPTIONS, withCell } from '../account/deployed-cell.ts';
import type { Verb } from '../terminal/command.ts';
import { VERBS_JSON } from '../terminal/document.ts';
import { standingJson, standingSchema, type StandingDocument } from './status/standing-json.ts';
import { standingLines } from './status/standing-text.ts';
import { readStanding } from './status/standing.ts';

/** `rollouts status`: how a service stands. */
export const status: Verb<StandingDocument> = {
  name: 'status',
  summary: 'Shows what runs and since when, who holds the service, what waits, is held or quarantined.',
  options: CELL_OPTIONS,
  document: { schema: standingSchema, describedIn: VERBS_JSON },
  run: (flags, session) =>
    withCell(flags, session, async (cell) => {
      const standing = await readStanding(cell);
      const lines = standingLines(standing, cell, session.clock.now());
      return { document: standingJson(standing, cell), lines, exitCode: 0 };
    }),
};
