import { COLUMNS } from '../../timeline/folded.ts';

/** A stream to write to. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of a terminal, as wide as it is now. */
  readonly columns?: number | undefined;
}

/** In less, no line of a timeline has room for a word. */
const COLUMNS_MIN = 40;

/**
 * As wide as a line of what happens may be: the terminal's own width at this moment, where it says so. Elsewhere lines are whole,
 * as whoever reads a log searches for sentences.
 */
export function columnsOf({ isTTY, columns }: Pick<Output, 'isTTY' | 'columns'>): number {
  if (isTTY !== true) return Number.MAX_SAFE_INTEGER;
  return columns !== undefined && columns > 0 ? Math.max(columns, COLUMNS_MIN) : COLUMNS;
}
