import { paletteFor } from '../../timeline/palette.ts';
import { printable, safeJson } from '../../timeline/printable.ts';
import { MACHINE_CLOCK } from './clock.ts';
import type { Command, Flags, Session, Terminal } from './command.ts';
import { eventLines, passingText } from './events.ts';

/** How a verb is heard; `end` leaves the screen as a finished run does. */
type Voice = Pick<Session, 'emit' | 'tell'> & { end(): void };

/** Runs a command with its parsed flags and answers its exit code. The one place where an answer becomes lines or JSON. */
export async function runCommand(command: Command, { json, ...flags }: Flags, terminal: Terminal): Promise<number> {
  if (command.document === 'none') return await command.run(flags, terminal);
  const { emit, tell, end } = json === true ? jsonVoice(terminal) : linesVoice(terminal);
  const { env, clock = MACHINE_CLOCK } = terminal;
  try {
    const answer = await command.run(flags, { env, clock, interrupted: () => terminal.interrupted(), emit, tell });
    if ('lines' in answer) tell(answer);
    return answer.exitCode;
  } finally {
    end();
  }
}

function jsonVoice({ out }: Terminal): Voice {
  return {
    emit() {},
    tell: ({ document }) => void out.write(`${safeJson(JSON.stringify(document, null, 2))}\n`),
    end() {},
  };
}

function linesVoice({ out, env, clock = MACHINE_CLOCK }: Terminal): Voice {
  const palette = paletteFor(out, env);
  let isPassing = false;
  const end = (): void => {
    if (isPassing) out.write(palette.wiped);
    isPassing = false;
  };
  const print = (lines: readonly string[]): void => {
    end();
    if (lines.length > 0) out.write(`${lines.join('\n')}\n`);
  };
  return {
    emit(event) {
      print(eventLines(plainEvent(event), palette, clock.now()));
      const text = passingText(event);
      if (text === undefined || palette.wiped === '') return;
      out.write(palette.passing(text));
      isPassing = true;
    },
    tell: ({ lines }) => print(typeof lines === 'function' ? lines(palette) : lines.map(printable)),
    end,
  };
}

/** What AWS or a person said in it must not steer the terminal: its lines are coloured, and cannot be told from that later. */
function plainEvent<Said>(said: Said): Said {
  if (typeof said === 'string') return printable(said) as Said;
  if (Array.isArray(said)) return said.map(plainEvent) as Said;
  if (typeof said !== 'object' || said === null) return said;
  return Object.fromEntries(
    Object.entries(said).map(([member, value]) => [member, plainEvent(value as unknown)]),
  ) as Said;
}
