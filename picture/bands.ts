/** How wide a picture can be shown: what stands where is the same in all of them, what is written depends on the room. */
export interface Band {
  readonly name: 'narrow' | 'middle' | 'broad' | 'wide';
  /** The window's width from which on it holds, pixels. */
  readonly windowMin: number;
  /** Left of the axis, pixels. */
  readonly gutter: number;
  /** The axis is at least that wide, pixels; wider ones move labels apart. */
  readonly plotMin: number;
}

/** The narrowest first. A window of 360 pixels is what a phone has. */
export const BANDS: readonly Band[] = [
  { name: 'narrow', windowMin: 0, gutter: 66, plotMin: 222 },
  { name: 'middle', windowMin: 640, gutter: 88, plotMin: 440 },
  { name: 'broad', windowMin: 920, gutter: 96, plotMin: 712 },
  { name: 'wide', windowMin: 1240, gutter: 104, plotMin: 1020 },
];

/** Widths of characters in a wide sans-serif, in parts of the font's size: nothing may turn out wider than it was taken for. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ijl.,:;|!'`·]/, 0.34],
  [/[ ftr()[\]/\\-]/, 0.42],
  [/[mwMW@%]/, 0.99],
  [/[a-z]/, 0.62],
  [/[0-9]/, 0.64],
  [/[A-Z]/, 0.72],
];
const OTHER_WIDTH = 1.02;

/** How letters are drawn: what is bold is wider, and in a face for code all are as wide as one another. */
export type Face = 'plain' | 'bold' | 'mono';

const BOLD = 1.14;
const MONO_WIDTH = 0.61;

/** At most how wide a text is, pixels. */
export function widthOf(text: string, size: number, face: Face = 'plain'): number {
  let width = 0;
  for (const sign of text) width += face === 'mono' && /[ -~]/.test(sign) ? MONO_WIDTH : signWidth(sign);
  return width * size * (face === 'bold' ? BOLD : 1);
}

function signWidth(sign: string): number {
  return WIDTHS.find(([signs]) => signs.test(sign))?.[1] ?? OTHER_WIDTH;
}

/** As much of a text as there is room for, with a sign that there is more; nothing where not even a few letters fit. */
export function clipped(text: string, size: number, room: number, face: Face = 'plain'): string {
  if (widthOf(text, size, face) <= room) return text;
  const signs = [...text];
  let kept = signs.length;
  while (kept > 0 && widthOf(`${signs.slice(0, kept).join('')}…`, size, face) > room) kept--;
  return kept < 3 ? '' : `${signs.slice(0, kept).join('').trimEnd()}…`;
}
