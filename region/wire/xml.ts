/** An element with its content, which has been escaped. */
export function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

/** Text as the content of an element. */
export function escaped(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ENTITIES[character]!);
}
