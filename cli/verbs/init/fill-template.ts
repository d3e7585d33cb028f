/** A placeholder: `__SERVICE__`. */
const PLACEHOLDER = /__([A-Z]+(?:_[A-Z]+)*)__/g;
/** A comment that begins or ends a part: `# if wait`, `# end wait`. */
const MARK = /^ *# (if|end) ([a-z-]+)$/;

/** What fills a template: texts by their placeholders, and which of its parts are kept. */
export interface Filling {
  readonly texts: Readonly<Record<string, string>>;
  readonly parts: Readonly<Record<string, boolean>>;
}

/**
 * The template with every placeholder filled, without the parts that are not kept. A line that is nothing but a placeholder takes
 * a text of several lines, each indented as it is. Throws where template and filling differ in what they name.
 */
export function fillTemplate(template: string, { texts, parts }: Filling): string {
  const named = [...template.matchAll(PLACEHOLDER)].map(([, name]) => name!);
  const marked = template.split('\n').flatMap((line) => MARK.exec(line)?.[2] ?? []);
  refuseDifference('placeholder', named, Object.keys(texts));
  refuseDifference('part', marked, Object.keys(parts));
  return keptLines(template.split('\n'), parts)
    .map((line) => filledLine(line, texts))
    .join('\n');
}

function refuseDifference(what: string, named: readonly string[], given: readonly string[]): void {
  const unknown = given.find((name) => !named.includes(name));
  if (unknown !== undefined) throw new Error(`the template has no ${what} ${unknown}`);
  const unfilled = named.find((name) => !given.includes(name));
  if (unfilled !== undefined) throw new Error(`nothing is given for the ${what} ${unfilled} of the template`);
}

function keptLines(lines: readonly string[], parts: Filling['parts']): string[] {
  let open: string | undefined;
  const kept = lines.filter((line) => {
    const [, mark, part] = MARK.exec(line) ?? [];
    if (mark === undefined) return open === undefined || parts[open] === true;
    if ((mark === 'if') !== (open === undefined) || (mark === 'end' && part !== open))
      throw new Error(`the template's parts are not one after the other: ${line.trim()}`);
    open = mark === 'if' ? part : undefined;
    return false;
  });
  if (open !== undefined) throw new Error(`the template's part ${open} has no end`);
  return kept;
}

function filledLine(line: string, texts: Filling['texts']): string {
  const indentation = /^ *(?=__[A-Z_]+__$)/.exec(line)?.[0] ?? '';
  return line.replace(PLACEHOLDER, (_, name: string) => texts[name]!.replaceAll('\n', `\n${indentation}`));
}
