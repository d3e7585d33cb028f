import { Fault, NotModelled } from '../service.ts';

/**
 * Dynalite's parser tries every parenthesis in several ways, and each of those again for every one inside: the time grows by
 * a factor of five a level, and eight characters keep it busy for minutes. At this depth 4 KB take about a second.
 */
const PARENTHESES_DEPTH_MAX = 4;

/** Refuses the expressions of a request that would keep the parser busy; throws `Fault` where they are none. */
export function checkExpressions(input: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(input)) {
    if (name.endsWith('Expression') && typeof value === 'string') checkExpression(name, value);
  }
}

/** Expressions have no literals, so every parenthesis is one. */
function checkExpression(name: string, expression: string): void {
  let depth = 0;
  let deepest = 0;
  for (const character of expression) {
    if (character === '(') deepest = Math.max(deepest, ++depth);
    if (character === ')' && --depth < 0) break;
  }
  if (depth !== 0)
    throw new Fault('ValidationException', `Invalid ${name}: Syntax error; the parentheses are not in balance`);
  if (deepest > PARENTHESES_DEPTH_MAX)
    throw new NotModelled(`A ${name} with parentheses more than ${PARENTHESES_DEPTH_MAX} levels deep`);
}
