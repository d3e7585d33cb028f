/** Puts text into a terminal's colours, or leaves it plain. */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
const plain = (text: string): string => text;

/** Colours only where a terminal shows them and nobody asked for none (https://no-color.org). */
export function paletteFor(
  output: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Palette {
  if (output.isTTY !== true || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') {
    return { good: plain, bad: plain, strong: plain, faint: plain };
  }
  return { good: sgr(32), bad: sgr(31), strong: sgr(1), faint: sgr(2) };
}
