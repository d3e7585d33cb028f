/** One element of a page, as a browser would read it. */
export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (Element | string)[];
}

const VOID = new Set(['meta', 'rect', 'line', 'path', 'circle']);
const TOKEN = /<!doctype html>|<\/([a-z]+\d?)>|<([a-z]+\d?)((?: [\w:-]+="[^"<>]*")*)(\/?)>|([^<]+)/gy;

/** Reads a page that is written as strictly as ours; throws where anything else stands in it. */
export function readMarkup(source: string): Element {
  const root: Element = { name: 'root', attributes: new Map(), children: [] };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(source);
    if (!token) throw new Error(`no markup of ours at ${at}: ${source.slice(at, at + 80)}`);
    const [, closed, opened, attributes = '', slash, text] = token;
    if (closed !== undefined && open.pop()?.name !== closed)
      throw new Error(`</${closed}> closes another element at ${at}`);
    if (text !== undefined) open.at(-1)!.children.push(decoded(text));
    if (opened === undefined) continue;
    const element: Element = { name: opened, attributes: attributesOf(attributes), children: [] };
    open.at(-1)!.children.push(element);
    if (slash !== '/' && opened !== 'meta') open.push(element);
    else if (!VOID.has(opened)) throw new Error(`<${opened}> is no element that ends at once`);
  }
  if (open.length !== 1) throw new Error(`<${open.at(-1)!.name}> is not closed`);
  return root;
}

function attributesOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(/ ([\w:-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, decoded(value!)]));
}

function decoded(text: string): string {
  if (/&(?!(amp|lt|gt|quot|#39);)/.test(text)) throw new Error(`an ampersand of nobody's: ${text}`);
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

/** Every element below one, itself included. */
export function elementsOf(element: Element): Element[] {
  return [element, ...element.children.flatMap((child) => (typeof child === 'string' ? [] : elementsOf(child)))];
}

/** What is written in an element. */
export function textOf(element: Element): string {
  return element.children.map((child) => (typeof child === 'string' ? child : textOf(child))).join('');
}

/** The rows of the first table with that caption, its heads first. */
export function tableOf(root: Element, caption: string): string[][] {
  const all = elementsOf(root).filter(({ name }) => name === 'table');
  const table = all.find((one) => elementsOf(one).some((part) => part.name === 'caption' && textOf(part) === caption));
  if (!table) throw new Error(`there is no table ${caption}`);
  const rows = elementsOf(table).filter(({ name }) => name === 'tr');
  return rows.map((row) =>
    elementsOf(row)
      .filter(({ name }) => name === 'td' || name === 'th')
      .map(textOf),
  );
}
