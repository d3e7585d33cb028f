/** So many are enough to recognize the one that was meant. */
const MOST = 3;
/** Of the letter pairs of both; with fewer in common nobody would take one for the other. */
const LEAST = 0.3;

/** The names that have most letter pairs in common with a word (Dice's coefficient), closest first; none where all are too far. */
export function alike(word: string, names: readonly string[]): string[] {
  const ranked = names.map((name) => ({ name, share: shareOf(pairsOf(word), pairsOf(name)) }));
  ranked.sort((one, other) => other.share - one.share);
  const close = ranked.filter(({ share }) => share >= LEAST);
  return close.slice(0, MOST).map(({ name }) => name);
}

function pairsOf(text: string): readonly string[] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, at) => text.slice(at, at + 2).toLowerCase());
}

function shareOf(one: readonly string[], other: readonly string[]): number {
  const common = one.filter((pair) => other.includes(pair)).length;
  return (2 * common) / Math.max(1, one.length + other.length);
}
