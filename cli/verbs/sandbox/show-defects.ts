import type { World } from '../../../rehearsal/world.ts';
import { paletteFor } from '../../../timeline/palette.ts';
import { readable, timelineLines } from '../../../timeline/timeline.ts';
import type { Terminal } from '../../terminal/command.ts';
import { columnsOf } from '../../terminal/output.ts';

/** Prints what the region could not do, among the lines of the timeline and as loud as they get; the answer ends that. */
export function showDefects(
  region: Pick<World['region'], 'kernel'>,
  { out, env }: Pick<Terminal, 'out' | 'env'>,
): () => void {
  const palette = paletteFor(out, env);
  const startedAt = region.kernel.now;
  return region.kernel.onDefect(({ at, where, reason, error }) => {
    const text = readable(`${where}: ${reason}`);
    const entry = { virtualSeconds: (at - startedAt) / 1000, kind: 'defect', text } as const;
    out.write(`${timelineLines(entry, { palette, columns: columnsOf(out) }).join('\n')}\n`);
    if (env['ROLLOUTS_DEBUG'] === '1' && error instanceof Error) out.write(`${error.stack ?? ''}\n`);
  });
}
