import { COLUMNS, wrapped } from '../../terminal/layout.ts';

/** What stands before a line of a log, so that it is not taken for one of ours. */
const MARK = '          | ';

/** Lines of a log, each broken into as many as the terminal needs. */
export function markedLines(lines: readonly string[]): string[] {
  return lines.flatMap((line) => wrapped(line, COLUMNS - MARK.length).map((piece) => `${MARK}${piece}`));
}
