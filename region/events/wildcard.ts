import { Fault, NotModelled } from '../service.ts';

/**
 * EventBridge refuses wildcards that are too complex without publishing its measure;
 * with this many in one value the region stays on the safe side.
 */
const WILDCARDS_MAX = 5;

/** Reads a `wildcard` operand: `*` is any text, `\*` and `\\` are literal. */
export function parseWildcard(operand: string, field: string): (leaf: string) => boolean {
  const tokens = operand.match(/\\[\s\S]?|[\s\S]/gu) ?? [];
  checkTokens(tokens, field);
  const literals = [''];
  for (const token of tokens) {
    if (token === '*') literals.push('');
    else literals[literals.length - 1] += token.replace(/^\\/, '');
  }
  return (leaf) => isMatch(leaf, literals);
}

/** The texts between wildcards, one after another, each as early as it can be: a regular expression would try every place of each. */
function isMatch(leaf: string, [first = '', ...others]: readonly string[]): boolean {
  const last = others.pop();
  if (last === undefined) return leaf === first;
  if (!leaf.startsWith(first)) return false;
  let at = first.length;
  for (const literal of others) {
    const found = leaf.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return leaf.length - last.length >= at && leaf.endsWith(last);
}

function checkTokens(tokens: readonly string[], field: string): void {
  const refuse = (reason: string): Fault =>
    new Fault('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason} (field ${field})`);
  tokens.forEach((token, at) => {
    if (token === '*' && tokens[at + 1] === '*') throw refuse('Consecutive wildcard characters');
    if (token.startsWith('\\') && !['\\*', '\\\\'].includes(token)) throw refuse('Invalid escape character');
  });
  if (tokens.filter((token) => token === '*').length > WILDCARDS_MAX) {
    throw new NotModelled(`A wildcard with more than ${WILDCARDS_MAX} '*' in an event pattern (field ${field})`);
  }
}
