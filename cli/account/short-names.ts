/** What services are called where several are shown: the name of each alone, `cluster/name` where another has the same. */
export function shortNames(keys: readonly string[]): string[] {
  const names = keys.map((key) => key.slice(key.indexOf('/') + 1));
  return keys.map((key, index) => {
    const name = names[index]!;
    return names.filter((other) => other === name).length === 1 ? name : key;
  });
}
