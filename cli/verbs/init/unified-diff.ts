import { createTwoFilesPatch } from 'diff';

/** The unified diff of a file as it is (undefined: there is none) and as it would be; empty when they are the same. */
export function unifiedDiff(path: string, old: string | undefined, now: string): string {
  if (old === now) return '';
  const patch = createTwoFilesPatch(
    old === undefined ? '/dev/null' : path,
    path,
    old ?? '',
    now,
    undefined,
    undefined,
    {
      context: 3,
    },
  );
  // "Index: …" and its underline are Subversion's.
  return patch.replace(/^(?:Index: .*\n)?=+\n/, '');
}
