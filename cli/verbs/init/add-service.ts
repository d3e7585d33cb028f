/** Where an element of `services` stands in the text. */
interface Span {
  readonly start: number;
  /** Behind its last character. */
  readonly end: number;
}

/**
 * The text of a configuration file whose `services` hold the entry too: in place of the one at `index`, or as the last one.
 * Undefined where the list is not written out as `count` objects in `export default { services: [ … ] }`.
 */
export function withService(
  text: string,
  entry: string,
  { index, count }: { readonly index: number | undefined; readonly count: number },
): string | undefined {
  const spans = servicesIn(text);
  if (spans?.length !== count || count === 0) return undefined;
  const replaced = index === undefined ? undefined : spans[index];
  if (replaced) return `${text.slice(0, replaced.start)}${entry}${text.slice(replaced.end)}`;
  const { end } = spans.at(-1)!;
  // A comment at the end of the last one's line stays there.
  const [, comma = '', comment = ''] = /^(\s*,)?([ \t]*\/\/[^\n]*)?/.exec(text.slice(end))!;
  const rest = text.slice(end + comma.length + comment.length);
  return `${text.slice(0, end)},${comment}\n    ${entry},${rest}`;
}

/** Brackets, quotes and comments, and what is between them. */
const TOKENS =
  /\/\/[^\n]*|\/\*[^]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|[[\](){},]|[^\s[\](){},'"`/]+|\//g;

/** The objects that `services` lists; undefined where it is no list of objects. */
function servicesIn(text: string): Span[] | undefined {
  const from = /export\s+default\s*\{/.exec(text)?.index;
  if (from === undefined) return undefined;
  const tokens = [...text.slice(from).matchAll(TOKENS)]
    .map((match) => ({ token: match[0], at: from + match.index }))
    .filter(({ token }) => !/^\/[/*]/.test(token));
  let depth = 0;
  const list = tokens.findIndex(({ token }, index) => {
    if (/^[[({]$/.test(token)) depth += 1;
    if (/^[\])}]$/.test(token)) depth -= 1;
    return depth === 2 && token === '[' && /^["']?services["']?:$/.test(tokens[index - 1]!.token);
  });
  return list < 0 ? undefined : elementsOf(tokens.slice(list + 1));
}

/** The elements of a list behind its bracket, as far as all of them are objects. */
function elementsOf(tokens: readonly { readonly token: string; readonly at: number }[]): Span[] | undefined {
  const spans: Span[] = [];
  let [depth, start] = [0, 0];
  for (const { token, at } of tokens) {
    if (depth === 0 && token === ']') return spans;
    if (depth === 0 && token !== '{' && token !== ',') return undefined;
    if (depth === 0 && token === '{') start = at;
    if (/^[[({]$/.test(token)) depth += 1;
    if (/^[\])}]$/.test(token)) depth -= 1;
    if (depth === 0 && token === '}') spans.push({ start, end: at + 1 });
  }
  return undefined;
}
