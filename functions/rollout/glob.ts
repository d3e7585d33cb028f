/** True when the whole text fits the pattern, in which `*` stands for any number of characters and nothing else is special. */
export function fitsGlob(text: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
