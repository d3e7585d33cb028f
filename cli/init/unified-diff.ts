interface Line {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
  /** Lines of the old and of the new text that stand before this one. */
  readonly before: readonly [old: number, now: number];
}

const CONTEXT_LINES = 3;

/** The unified diff of a file as it is (undefined: there is none) and as it would be; empty when they are the same. */
export function unifiedDiff(path: string, old: string | undefined, now: string): string {
  if (old === now) return '';
  const hunks = hunksOf(compare(linesOf(old ?? ''), linesOf(now)));
  const heads = [old === undefined ? '--- /dev/null' : `--- ${path}`, `+++ ${path}`];
  return [...heads, ...hunks.flatMap(hunkText)].map((line) => `${line}\n`).join('');
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  // A last line that is not ended differs from the same one ended, as `diff` says it.
  const last = lines.pop()!;
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}

/** Walks both texts along a longest common subsequence of their lines. */
function compare(old: readonly string[], now: readonly string[]): Line[] {
  const lengths = commonLengths(old, now);
  const lines: Line[] = [];
  for (let [i, j] = [0, 0]; i < old.length || j < now.length;) {
    const before = [i, j] as const;
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ sign: ' ', text: old[i]!, before });
      i += 1;
      j += 1;
    } else if (j >= now.length || (i < old.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) {
      lines.push({ sign: '-', text: old[i]!, before });
      i += 1;
    } else {
      lines.push({ sign: '+', text: now[j]!, before });
      j += 1;
    }
  }
  return lines;
}

/** `[i][j]`: how many lines the rests from `i` and from `j` have in common, in order. */
function commonLengths(old: readonly string[], now: readonly string[]): number[][] {
  const lengths = Array.from({ length: old.length + 1 }, () => Array<number>(now.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      lengths[i]![j] =
        old[i] === now[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  return lengths;
}

/** Changes that are near each other, with the lines around them. */
function hunksOf(lines: readonly Line[]): Line[][] {
  const hunks: Line[][] = [];
  let end = 0;
  lines.forEach(({ sign }, index) => {
    if (sign === ' ') return;
    const start = Math.max(end, index - CONTEXT_LINES, 0);
    const [hunk, next] = [hunks.at(-1), Math.min(lines.length, index + 1 + CONTEXT_LINES)];
    if (hunk && index - CONTEXT_LINES <= end) hunk.push(...lines.slice(end, next));
    else hunks.push(lines.slice(start, next));
    end = next;
  });
  return hunks;
}

function hunkText(hunk: readonly Line[]): string[] {
  const [old, now] = hunk[0]!.before;
  const olds = hunk.filter(({ sign }) => sign !== '+').length;
  const nows = hunk.filter(({ sign }) => sign !== '-').length;
  const head = `@@ -${range(old, olds)} +${range(now, nows)} @@`;
  return [head, ...hunk.map(({ sign, text }) => `${sign}${text}`)];
}

function range(before: number, count: number): string {
  return `${count === 0 ? before : before + 1}${count === 1 ? '' : `,${count}`}`;
}
