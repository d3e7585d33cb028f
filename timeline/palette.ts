import { printable } from './printable.ts';

/** Puts text into a terminal's colours, or leaves it plain. */
export interface Palette {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
  /** A line for the meantime, which {@link Palette.wiped} takes away again; nothing where a terminal could not. */
  readonly passing: (text: string) => string;
  readonly wiped: string;
}

const sgr = (code: number) => (text: string) => `\u001b[${code}m${printable(text)}\u001b[0m`;
const plain = printable;

/** Colours only where a terminal shows them and nobody asked for none (https://no-color.org); no passing lines in a build's log. */
export function paletteFor(
  output: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Palette {
  const isSet = (name: string): boolean => (env[name] ?? '') !== '';
  if (output.isTTY !== true || isSet('NO_COLOR') || env['TERM'] === 'dumb') {
    return { good: plain, bad: plain, strong: plain, faint: plain, passing: () => '', wiped: '' };
  }
  const faint = sgr(2);
  const lasting = { good: sgr(32), bad: sgr(31), strong: sgr(1), faint };
  // Some builds have a terminal, whose every state their log keeps.
  return isSet('CI')
    ? { ...lasting, passing: () => '', wiped: '' }
    : { ...lasting, passing: faint, wiped: '\r\u001b[2K' };
}
