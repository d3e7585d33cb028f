/**
 * Levels that lists and objects may nest. AWS publishes no limit; the parser that its services name in their errors
 * (Jackson) stops at this many unless told otherwise. Node.js reads deeper text than it can write or compare.
 */
export const NESTING_MAX = 1_000;

/** Parses JSON text from outside; throws a `SyntaxError` for what is no JSON and for what nests too deeply. */
export function parseJson(text: string): unknown {
  if (nestsTooDeeply(text)) throw new SyntaxError(`the JSON nests more than ${NESTING_MAX} levels deep`);
  return JSON.parse(text);
}

const QUOTE = 0x22;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

function nestsTooDeeply(text: string): boolean {
  if (text.length <= NESTING_MAX) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at + 1);
    else if (OPENING.has(character) && ++depth > NESTING_MAX) return true;
    else if (CLOSING.has(character)) depth--;
  }
  return false;
}

/** Where the string ends that begins at `from`; the end of the text for one that does not. */
function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') return at;
    if (character === '\\') at++;
  }
  return text.length;
}
