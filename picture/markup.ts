import { h, type ComponentChild, type FunctionComponent } from 'preact';
import { render } from 'preact-render-to-string';
import { visible } from './visible.ts';

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

/** What a component draws of these properties: it escapes whatever it is given, too. */
export function rendered<Properties extends object>(
  component: (properties: Properties) => ComponentChild,
  properties: Properties,
): Markup {
  return { [MARKUP]: render(h(component as FunctionComponent<object>, properties)) };
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
