import { record } from '../../../rehearsal/recorder.ts';
import type { CellMessage } from '../../../rehearsal/cell/cell-messages.ts';
import type { World } from '../../../rehearsal/world.ts';
import { paletteFor } from '../../../timeline/palette.ts';
import { timelineLines, type ShownEntry } from '../../../timeline/timeline.ts';
import { shortNames } from '../../account/short-names.ts';
import type { Terminal } from '../../terminal/command.ts';
import { columnsOf } from '../../terminal/output.ts';
import type { Folder } from './folder.ts';

/** Prints what happens in every world, with the name of its service where there are several, and writes the messages down. */
export function showTimelines(
  worlds: readonly World[],
  folder: Pick<Folder, 'write'>,
  { out, env }: Pick<Terminal, 'out' | 'env'>,
): () => void {
  const palette = paletteFor(out, env);
  const names = shortNames(worlds.map(({ config }) => config.service));
  const width = Math.max(...names.map((name) => name.length));
  const stops = worlds.flatMap((world, index) => {
    const name = worlds.length === 1 ? undefined : names[index]!.padEnd(width);
    const print = (entry: ShownEntry): void => {
      const shown = timelineLines(entry, { palette, columns: columnsOf(out), service: name });
      out.write(`${shown.join('\n')}\n`);
    };
    const { kernel } = world.region;
    const startedAt = kernel.now;
    const recorder = record(world, print);
    const stopListening = showMessages(world, folder, (text) =>
      print({ virtualSeconds: (kernel.now - startedAt) / 1000, kind: 'message', text }),
    );
    return [() => recorder.stop(), stopListening];
  });
  return () => stops.forEach((stop) => stop());
}

/** Tells and writes down what is said to subscribers. */
export function showMessages(
  world: Pick<World, 'onMessage'>,
  folder: Pick<Folder, 'write'>,
  tell: (text: string) => void,
): () => void {
  return world.onMessage((message) => {
    tell(messageText(message));
    const problem = problemOf(() => folder.write(message));
    if (problem !== undefined) tell(`not written to a file: ${problem}`);
  });
}

/** A full disk is no fault of the region, whose call would fail of what is thrown here. */
function problemOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function messageText({ subject, message, deliveries }: CellMessage): string {
  const to = deliveries.map(({ endpoint }) => endpoint).join(', ');
  return `${subject ?? message.split('\n', 1)[0]!} (${to === '' ? 'nobody is subscribed' : `to ${to}`})`;
}
