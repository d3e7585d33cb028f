/** A table of Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The text with every block put between its markers; throws where it has none. */
export function withBlocks(text: string, blocks: Readonly<Record<string, string>>): string {
  return Object.entries(blocks).reduce((before, [name, block]) => {
    const markers = new RegExp(`(<!-- ${name}: generated -->)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!markers.test(before)) throw new Error(`there are no markers for ${name}: <!-- ${name}: generated -->`);
    return before.replace(markers, (_all, open: string, close: string) => `${open}\n\n${block}\n\n${close}`);
  }, text);
}
