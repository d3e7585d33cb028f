const MARKUP: unique symbol = Symbol('markup');

/** Markup of our own. Nothing else makes one, so that whatever comes from outside is text. */
export interface Markup {
  readonly [MARKUP]: string;
}

/** What may stand in markup: text, which is escaped, more markup, or nothing. */
export type Content = string | number | Markup | undefined | readonly Content[];

/** Markup with content in it: `` markup`<p>${text}</p>` ``. Attributes must be quoted. */
export function markup(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return { [MARKUP]: parts.reduce((before, part, index) => before + written(contents[index - 1]) + part) };
}

/** The source of markup. */
export function sourceOf(of: Markup): string {
  return of[MARKUP];
}

function written(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string' || typeof content === 'number') return escaped(visible(String(content)));
  if (Array.isArray(content)) return content.map(written).join('');
  return (content as Markup)[MARKUP];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ENTITIES[sign]!);
}

/** What steers a terminal, turns the direction of reading, breaks a line, is half a character or has no look of its own. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu;

/** Text in which nothing hides: what would not be seen says what it is, and a line is one line. */
export function visible(text: string): string {
  return text
    .replace(/[\t\n\r]+/g, ' ')
    .replace(UNSEEN, (sign) => `[U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`);
}
