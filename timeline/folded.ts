/** Columns that every line fits where nobody knows a terminal's own. */
export const COLUMNS = 80;

/** The text behind a prefix, its further lines indented as far; a digest or an ARN stays whole where a line can hold it. */
export function hangingLines(
  prefix: string,
  text: string,
  columns: number = COLUMNS,
  longest: number = columns,
): string[] {
  const lines = wrapped(text, columns - prefix.length, longest);
  const hanging = lines.map((line) => outdented(line, prefix.length, columns));
  const label = prefix.trimEnd();
  if (label === '') return hanging;
  const first = lines[0]!;
  return prefix.length + first.length <= columns ? [`${prefix}${first}`, ...hanging.slice(1)] : [label, ...hanging];
}

/** Indented that far, or less where the line would not fit. */
function outdented(line: string, indent: number, columns: number): string {
  return `${' '.repeat(Math.max(0, Math.min(indent, columns - line.length)))}${line}`;
}

/**
 * The text in lines of at most `columns`, broken at spaces, its own indentation kept. A longer word has a line of its own, and
 * is cut where it is longer than `longest`.
 */
export function wrapped(text: string, columns: number = COLUMNS, longest: number = columns): string[] {
  const lines: string[] = [];
  const indentation = /^ */.exec(text)![0];
  let line = indentation;
  for (const word of text
    .slice(indentation.length)
    .split(' ')
    .flatMap((each) => pieces(each, longest))) {
    const joined = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
    if (line.trim() === '' || joined.length <= columns) line = joined;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

function pieces(word: string, columns: number): string[] {
  const count = Math.max(1, Math.ceil(word.length / columns));
  return Array.from({ length: count }, (_, index) => word.slice(index * columns, (index + 1) * columns));
}
