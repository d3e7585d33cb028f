/** Why the build does not find a source of COPY: no checkout holds it, or the line of .dockerignore that keeps it out. */
export type Absence = 'not-committed' | { readonly ignoringLine: string };

/** Why a build of a checkout that holds these files does not find the source; undefined where it does. */
export function absenceOf(source: string, files: Iterable<string>, dockerignore: string): Absence | undefined {
  // BuildKit takes a pattern that fits nothing for no mistake, as long as the folder is there:
  // https://github.com/moby/moby/issues/26332, https://github.com/moby/buildkit/issues/2933
  if (/^[^/]*[*?[]/.test(source)) return undefined;
  const [isSource, rules] = [fitting(source), rulesIn(dockerignore)];
  let absence: Absence = 'not-committed';
  for (const file of files) {
    if (!isSource(file)) continue;
    const ignoringLine = lineAgainst(file, rules);
    if (ignoringLine === undefined) return undefined;
    absence = { ignoringLine };
  }
  return absence;
}

interface Rule {
  readonly line: string;
  readonly isException: boolean;
  fits(path: string): boolean;
}

/** The lines of a .dockerignore that say something. */
function rulesIn(dockerignore: string): Rule[] {
  const lines = dockerignore.split(/\r?\n/).filter((line) => !line.startsWith('#'));
  return lines.flatMap((raw) => {
    const line = raw.trim();
    const isException = line.startsWith('!');
    const pattern = cleaned(line.replace(/^!\s*/, ''));
    return pattern === '' ? [] : [{ line, isException, fits: fitting(pattern) }];
  });
}

/** The last line that fits a file decides: https://docs.docker.com/build/concepts/context/#dockerignore-files */
function lineAgainst(file: string, rules: readonly Rule[]): string | undefined {
  const last = rules.findLast(({ fits }) => fits(file));
  return last === undefined || last.isException ? undefined : last.line;
}

/** A path as Docker cleans it: without `./` and slashes at either end. */
export function cleaned(path: string): string {
  return path
    .replace(/^(?:\.?\/+)+/, '')
    .replace(/\/+(?:\.?\/*)?$/, '')
    .replace(/^\.$/, '');
}

/** Whether Docker's pattern, that of Go's filepath.Match with `**`, fits a path or a folder that it is in. */
function fitting(pattern: string): (path: string) => boolean {
  const source = pattern.replace(/\*\*\/?|\*|\?|\[[^\]]+\]|[.+^${}()|\\[\]]/g, (met) => {
    if (met.startsWith('**')) return met.endsWith('/') ? '(?:.*/)?' : '.*';
    if (met === '*') return '[^/]*';
    if (met === '?') return '[^/]';
    return met.length > 1 ? met : `\\${met}`;
  });
  const expression = compiled(`^${source}(?:/|$)`);
  return (path) => expression?.test(path) ?? path === pattern;
}

/** Undefined where it is no expression, as of `[z-a]`. */
function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(source);
  } catch {
    return undefined;
  }
}
