import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assembliesIn } from './assemblies.ts';
import type { Plan } from './plan.ts';
import { keepOpenings } from '../rehearsal/openings.ts';
import { playDue } from './both-doors.ts';

// A process that plays plans for a campaign, one after the other as they are handed over, until its parent goes.
const scratch = mkdtempSync(join(tmpdir(), 'rollouts-campaign-'));
const assemblyOf = assembliesIn(scratch);
const openings = keepOpenings();
let last: Promise<unknown> = Promise.resolve();

process.on('message', (plan: Plan) => {
  last = last.then(async () => process.send!(await playDue(plan, { assemblyOf, openings })));
});
// A terminal interrupts all of its processes: the parent says when it is over.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
