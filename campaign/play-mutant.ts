import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { readCorpus } from './corpus.ts';
import { unplayable, type Found } from './found.ts';
import { mutantNamed } from './mutants/mutants.ts';
import { plant } from './plant.ts';
import { playUntilBroken, type Play } from './play-until-broken.ts';
import type { AssemblyOf } from './stage.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

type Bridge = { readonly assembliesIn: (directory: string) => AssemblyOf };

const scratch = mkdtempSync(join(tmpdir(), 'rollouts-mutant-'));

/** Plays a mutant's stacks. Each has a process of its own: what one was synthesized from is never forgotten. */
async function play(asked: Play): Promise<Found> {
  const bridge = plant(mutantNamed(asked.name), join(scratch, 'copy'));
  const { assembliesIn } = (await import(pathToFileURL(bridge).href)) as Bridge;
  return playUntilBroken(asked, assembliesIn(join(scratch, 'assemblies')), readCorpus());
}

process.once('message', (asked: Play) => {
  void play(asked)
    .catch((error: unknown) => unplayable(asked.name, inspect(error)))
    .then((found) => process.send!(found, () => process.disconnect()));
});
// Nobody wants to know any more.
process.on('disconnect', () => process.exit());
process.on('SIGINT', () => process.exit(130));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
