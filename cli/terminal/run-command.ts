import { paletteFor } from '../../timeline/palette.ts';
import { printable, safeJson } from '../../timeline/printable.ts';
import { MACHINE_CLOCK } from './clock.ts';
import type { Command, Flags, Session, Terminal } from './command.ts';
import { eventLines, passingText, type Event } from './events.ts';
import { columnsOf } from './output.ts';

/** How a verb is heard; `end` leaves the screen as a finished run does. */
type Voice = Pick<Session, 'emit' | 'tell'> & { readonly isLive: boolean; end(): void };

/** Runs a command with its parsed flags and answers its exit code. The one place where an answer becomes lines or JSON. */
export async function runCommand(command: Command, { json, ...flags }: Flags, terminal: Terminal): Promise<number> {
  if (command.document === 'none') return await command.run(flags, terminal);
  const { emit, tell, isLive, end } = json === true ? jsonVoice(terminal) : linesVoice(terminal);
  const { env, clock = MACHINE_CLOCK } = terminal;
  try {
    const session = { env, clock, interrupted: () => terminal.interrupted(), isLive, emit, tell };
    const answer = await command.run(flags, session);
    if ('lines' in answer) tell(answer);
    return answer.exitCode;
  } finally {
    end();
  }
}

function jsonVoice({ out }: Terminal): Voice {
  return {
    isLive: false,
    emit() {},
    tell: ({ document }) => void out.write(`${safeJson(JSON.stringify(document, null, 2))}\n`),
    end() {},
  };
}

/** Lines above, and below them one for the meantime, which is written anew whenever a line has been printed. */
function linesVoice({ out, env, clock = MACHINE_CLOCK }: Terminal): Voice {
  const palette = paletteFor(out, env);
  const isLive = palette.wiped !== '';
  let passing: Event | undefined;
  const show = (lines: readonly string[], next: Event | undefined): void => {
    const text = next && isLive ? (passingText(next, columnsOf(out)) ?? '') : '';
    const wiped = passing === undefined ? '' : palette.wiped;
    const printed = lines.map((line) => `${line}\n`).join('');
    passing = text === '' ? undefined : next;
    // In one piece, or the line would flicker.
    const written = `${wiped}${printed}${text === '' ? '' : palette.passing(text)}`;
    if (written !== '') out.write(written);
  };
  return {
    isLive,
    emit(said) {
      const event = plainEvent(said);
      const lines = eventLines(event, { palette, columns: columnsOf(out), now: clock.now() });
      const stays = event.kind === 'happened' && passing?.kind === 'live' ? passing : undefined;
      show(lines, PASSING.has(event.kind) ? event : stays);
    },
    tell: ({ lines }) => show(typeof lines === 'function' ? lines(palette) : lines.map(printable), undefined),
    end: () => show([], undefined),
  };
}

/** Events whose text is wiped away again. */
const PASSING: ReadonlySet<Event['kind']> = new Set(['live', 'synthesizing']);

/** What AWS or a person said in it must not steer the terminal: its lines are coloured, and cannot be told from that later. */
function plainEvent<Said>(said: Said): Said {
  if (typeof said === 'string') return printable(said) as Said;
  if (Array.isArray(said)) return said.map(plainEvent) as Said;
  if (typeof said !== 'object' || said === null) return said;
  return Object.fromEntries(
    Object.entries(said).map(([member, value]) => [member, plainEvent(value as unknown)]),
  ) as Said;
}
