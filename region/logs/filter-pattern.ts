import { Fault, NotModelled } from '../service.ts';
import { parseJsonPattern } from './json-pattern.ts';
import { parseTermPattern } from './term-pattern.ts';

/** FilterLogEvents, `filterPattern`: the API's own bound, which also bounds what matching costs. */
const CHARACTERS_MAX = 1024;

/**
 * Whether a message is what a filter pattern looks for: terms, or a condition on JSON. Regular expressions and patterns of
 * space-delimited fields are refused by name. CloudWatch Logs user guide, "Filter pattern syntax".
 */
export function matchesFilter(pattern: string): (message: string) => boolean {
  const text = pattern.trim();
  if (pattern.length > CHARACTERS_MAX)
    throw new Fault(
      'InvalidParameterException',
      `1 validation error detected: Value at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to ${CHARACTERS_MAX}`,
    );
  if (text.startsWith('{')) return parseJsonPattern(text);
  if (text.startsWith('[')) throw new NotModelled(`The log filter pattern of space-delimited fields ${text}`);
  if (text.startsWith('%')) throw new NotModelled(`The log filter pattern with a regular expression ${text}`);
  return parseTermPattern(text);
}
