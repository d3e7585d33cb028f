import { alignedColumns } from '../../timeline/aligned-columns.ts';
import { COLUMNS, hangingLines } from '../../timeline/folded.ts';

export { COLUMNS, hangingLines, wrapped } from '../../timeline/folded.ts';

const LABEL_COLUMNS = 12;

/** What stands beside a label: paragraphs, each broken into lines as needed. */
export type Labelled = readonly [label: string, paragraphs: readonly string[]];

/** Lines with a label in the first column; a paragraph that is too long goes on below itself. */
export function labelledLines(entries: readonly Labelled[]): string[] {
  const columns = labelColumns(entries);
  return entries.flatMap(([label, paragraphs]) =>
    paragraphs.flatMap((paragraph, index) => hangingLines((index === 0 ? label : '').padEnd(columns), paragraph)),
  );
}

/** Wide enough that a space parts every label from its text. */
function labelColumns(entries: readonly Labelled[]): number {
  return Math.max(LABEL_COLUMNS, ...entries.map(([label]) => label.length + 1));
}

/** Texts with a label in the first column, each in a line of its own and whole, however long. */
export function linkLines(entries: readonly Labelled[]): string[] {
  const columns = labelColumns(entries);
  return entries.flatMap(([label, texts]) =>
    texts.map((text, index) => `${(index === 0 ? label : '').padEnd(columns)}${text}`),
  );
}

/** Lines that are there to be copied, below a label: whole, however long. */
export function copiedLines(texts: readonly string[]): string[] {
  return texts.map((text) => `${' '.repeat(LABEL_COLUMNS)}${text}`);
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
