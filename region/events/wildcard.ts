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
  const pattern = tokens.map((token) => (token === '*' ? '[\\s\\S]*' : literal(token.at(-1)!))).join('');
  const expression = new RegExp(`^${pattern}$`, 'u');
  return (leaf) => expression.test(leaf);
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

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&');
}
