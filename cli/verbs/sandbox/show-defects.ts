import type { World } from '../../../rehearsal/world.ts';
import { paletteFor } from '../../../timeline/palette.ts';
import { readable, timelineLine } from '../../../timeline/timeline.ts';
import type { Terminal } from '../../terminal/command.ts';

/** Prints what the region could not do, among the lines of the timeline and as loud as they get; the answer ends that. */
export function showDefects(
  region: Pick<World['region'], 'kernel'>,
  { out, env }: Pick<Terminal, 'out' | 'env'>,
): () => void {
  const palette = paletteFor(out, env);
  const startedAt = region.kernel.now;
  return region.kernel.onDefect(({ at, where, reason, error }) => {
    const text = readable(`${where}: ${reason}`);
    out.write(`${timelineLine({ virtualSeconds: (at - startedAt) / 1000, kind: 'defect', text }, palette)}\n`);
    if (env['ROLLOUTS_DEBUG'] === '1' && error instanceof Error) out.write(`${error.stack ?? ''}\n`);
  });
}
