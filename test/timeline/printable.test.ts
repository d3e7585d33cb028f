import { describe, expect, it } from 'vitest';
import { plainText } from '../../functions/rollout/identifiers.ts';
import { paletteFor } from '../../timeline/palette.ts';
import { printable, safeJson, safeScreen } from '../../timeline/printable.ts';
import { timelineLines } from '../../timeline/timeline.ts';

/** Every control character, and every one that Unicode lists as Bidi_Control. */
const CONTROLS = [
  ...Array.from({ length: 32 }, (_, code) => code),
  ...Array.from({ length: 33 }, (_, index) => 0x7f + index),
  ...[0x61c, 0x200e, 0x200f, 0x2028, 0x2029],
  ...[0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069],
].map((code) => String.fromCodePoint(code));

describe('text from outside', () => {
  it.each(CONTROLS.map((sign) => [sign.codePointAt(0)!.toString(16), sign]))('has no U+%s left', (_code, sign) => {
    expect(printable(`a${sign}b`)).toBe('a b');
    // The core cannot import it, and says the same.
    expect(plainText(`a${sign}b`)).toBe('a b');
    expect(JSON.parse(safeJson(JSON.stringify(`a${sign}b`)))).toBe(`a${sign}b`);
    expect(safeJson(JSON.stringify(`a${sign}b`))).toMatch(/^[ -~]+$/);
    expect(safeScreen(`a${sign}b`)).toBe('\n\t'.includes(sign) ? `a${sign}b` : 'a b');
  });

  it('keeps every other letter, and emoji that are joined', () => {
    const text = 'Größe שלום مرحبا 👩‍🚀 日本';
    expect([printable(text), plainText(text), safeScreen(text), safeJson(text)]).toEqual([text, text, text, text]);
  });

  it.each([
    ['::error::x', ': :error::x'],
    ['said\n \t\u00a0::set-output name=digest::x', 'said\n \t\u00a0: :set-output name=digest::x'],
    ['\u001b[31m::error::x\u001b[0m', '\u001b[31m: :error::x\u001b[0m'],
    ['\u0085::error::x', ' : :error::x'],
    ['it said ##[error]x', 'it said # #[error]x'],
    ['###vso[task.setvariable variable=a]b', '## #vso[task.setvariable variable=a]b'],
    ['a ::1 and ## x [y], C::d', 'a ::1 and ## x [y], C::d'],
  ])('is no command to a build server: %j', (said, screen) => {
    expect(safeScreen(said)).toBe(screen);
    const json = JSON.stringify({ said: [said] }, null, 2);
    expect(JSON.parse(safeJson(json))).toEqual({ said: [said] });
    expect(safeJson(json)).not.toMatch(/^\s*::|##[\w.-]*\[/m);
  });

  it('is coloured by a palette, and brings no colours of its own', () => {
    const colours = paletteFor({ isTTY: true }, {});
    expect(colours.bad('\u001b[32mwell')).toBe('\u001b[31m [32mwell\u001b[0m');
    expect(safeScreen(`${colours.wiped}${colours.strong('x')}\u001b[2J`)).toBe('\r\u001b[2K\u001b[1mx\u001b[0m [2J');
    const entry = { virtualSeconds: 1, kind: 'state', text: '\u001b[32mwell' } as const;
    expect(timelineLines(entry, { palette: colours })[0]).toMatch(/state {3} \[32mwell$/);
  });
});
