/**
 * Levels that lists and objects may nest. AWS publishes no limit; the parser that its services name in their errors
 * (Jackson) stops at this many unless told otherwise. Node.js reads deeper text than it can write or compare.
 */
export const NESTING_MAX = 1_000;

/**
 * Values in one request, lists, objects and what is in them. AWS publishes no limit either; the widest request that it takes is
 * one of PutMetricData, 1,000 metrics with 150 values and counts each (API reference).
 */
export const VALUES_MAX = 400_000;

/** Parses JSON text from outside; throws a `SyntaxError` for what is no JSON, nests too deeply, or has too many values. */
export function parseJson(text: string): unknown {
  const excess = excessOf(text);
  if (excess !== undefined) throw new SyntaxError(`the JSON ${excess}`);
  return JSON.parse(text);
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d]);

/** What a text has too much of. It is looked through before it is parsed, since the values could take gigabytes. */
function excessOf(text: string): string | undefined {
  if (text.length <= NESTING_MAX) return undefined;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === QUOTE) at = endOfString(text, at + 1);
    else if (character === COMMA) values++;
    else if (CLOSING.has(character)) depth--;
    else if (OPENING.has(character)) {
      values++;
      if (++depth > NESTING_MAX) return `nests more than ${NESTING_MAX} levels deep`;
    }
    if (values > VALUES_MAX) return `has more than ${VALUES_MAX} values`;
  }
  return undefined;
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
