import { cellVerb } from '../account/cell-verb.ts';
import { standingJson, standingSchema } from './status/standing-json.ts';
import { standingLines } from './status/standing-text.ts';
import { readStanding } from './status/standing.ts';

/** `rollouts status`: how a service stands. */
export const status = cellVerb({
  name: 'status',
  summary: 'Shows what runs and since when, who holds the service, what waits, is held or quarantined.',
  options: {},
  schema: standingSchema,
  ask: () => ({}),
  async runIn(cell, _asked, { clock }) {
    const standing = await readStanding(cell);
    const now = clock.now();
    return {
      document: standingJson(standing, cell, now),
      lines: standingLines(standing, cell, now),
      exitCode: 0,
    };
  },
});
