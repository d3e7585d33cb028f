import { alignedColumns } from '../../timeline/aligned-columns.ts';

/** Columns that every line fits. */
export const COLUMNS = 80;
const LABEL_COLUMNS = 12;

/** What stands beside a label: paragraphs, each broken into lines as needed. */
export type Labelled = readonly [label: string, paragraphs: readonly string[]];

/** Lines with a label in the first column; a paragraph that is too long goes on below itself. */
export function labelledLines(entries: readonly Labelled[]): string[] {
  return entries.flatMap(([label, paragraphs]) =>
    paragraphs.flatMap((paragraph, index) => hangingLines((index === 0 ? label : '').padEnd(LABEL_COLUMNS), paragraph)),
  );
}

/** Texts with a label in the first column, each in a line of its own and whole, however long. */
export function linkLines(entries: readonly Labelled[]): string[] {
  return entries.flatMap(([label, texts]) =>
    texts.map((text, index) => `${(index === 0 ? label : '').padEnd(LABEL_COLUMNS)}${text}`),
  );
}

/** Lines that are there to be copied, below a label: whole, however long. */
export function copiedLines(texts: readonly string[]): string[] {
  return texts.map((text) => `${' '.repeat(LABEL_COLUMNS)}${text}`);
}

/** The text behind a prefix, its further lines indented as far; a digest or an ARN stays whole where a line can hold it. */
export function hangingLines(prefix: string, text: string): string[] {
  const lines = wrapped(text, COLUMNS - prefix.length, COLUMNS);
  const hanging = lines.map((line) => outdented(line, prefix.length));
  const label = prefix.trimEnd();
  if (label === '') return hanging;
  const first = lines[0]!;
  return prefix.length + first.length <= COLUMNS ? [`${prefix}${first}`, ...hanging.slice(1)] : [label, ...hanging];
}

/** Indented by that many columns, or by fewer where the line would not fit. */
function outdented(line: string, columns: number): string {
  return `${' '.repeat(Math.max(0, Math.min(columns, COLUMNS - line.length)))}${line}`;
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

/** A list within a sentence: `a, b and c`. */
export function enumerated(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`;
}

/** Rows in columns as wide as their widest cell; what is too long in the last one is cut. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  return alignedColumns(rows).map((line) => shortened(line, COLUMNS));
}

/** The text in at most `columns`, its end replaced by an ellipsis. */
export function shortened(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

/** Twelve digits of a digest are what a person compares. */
export function shortDigest(digest: string): string {
  return digest.replace(/(sha256:[0-9a-f]{12})[0-9a-f]+/g, '$1');
}

function pieces(word: string, columns: number): string[] {
  const count = Math.max(1, Math.ceil(word.length / columns));
  return Array.from({ length: count }, (_, index) => word.slice(index * columns, (index + 1) * columns));
}
