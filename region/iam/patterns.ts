/** Answers whether a value matches a pattern that was compiled once. */
export type Match = (value: string) => boolean;

/** `*` stands for any run of characters, `?` for one; without either it is plain equality. */
export function wildcard(pattern: string, isCaseSensitive = true): Match {
  if (pattern === '*') return () => true;
  if (!/[*?]/.test(pattern)) return isCaseSensitive ? (value) => value === pattern : equalIgnoringCase(pattern);
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  const expression = new RegExp(`^${source}$`, isCaseSensitive ? 's' : 'si');
  return (value) => expression.test(value);
}

/** String equality as `StringEqualsIgnoreCase` and action names mean it. */
export function equalIgnoringCase(expected: string): Match {
  const lower = expected.toLowerCase();
  return (value) => value.toLowerCase() === lower;
}

/**
 * Each of the six parts of an ARN is matched separately, the last one with all its colons and slashes. Narrower than
 * IAM, where a trailing `*` may reach beyond a colon ("IAM JSON policy elements: Resource").
 */
export function arnPattern(pattern: string): Match {
  if (pattern === '*') return () => true;
  const matches = arnParts(pattern).map((part) => wildcard(part));
  return (arn) => {
    const parts = arnParts(arn);
    return parts.length === ARN_PARTS && matches.every((match, index) => match(parts[index]!));
  };
}

/** True for `arn:partition:service:region:account:resource`. */
export function isArn(text: string): boolean {
  return text.startsWith('arn:') && arnParts(text).length === ARN_PARTS;
}

/** The fifth part of an ARN; empty where the ARN names none. */
export function accountOf(arn: string): string {
  return arnParts(arn)[4] ?? '';
}

const ARN_PARTS = 6;

function arnParts(text: string): string[] {
  const parts = text.split(':');
  if (parts.length <= ARN_PARTS) return parts;
  return [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(':')];
}
