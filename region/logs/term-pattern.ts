import { Fault } from '../service.ts';

interface Term {
  readonly kind: 'needed' | 'excluded' | 'optional';
  readonly text: string;
}

/**
 * Terms: all must occur, `-term` must not, of several `?term` one must. Beside terms of the other kinds, those with a
 * question mark are ignored (CloudWatch Logs user guide, "Using filter patterns to match terms in unstructured log events").
 */
export function parseTermPattern(pattern: string): (message: string) => boolean {
  const terms = termsOf(pattern);
  const textsOf = (kind: Term['kind']): string[] => terms.filter((term) => term.kind === kind).map(({ text }) => text);
  const [needed, excluded, optional] = [textsOf('needed'), textsOf('excluded'), textsOf('optional')];
  if (optional.length > 0 && optional.length === terms.length)
    return (message) => optional.some((text) => message.includes(text));
  return (message) =>
    needed.every((text) => message.includes(text)) && !excluded.some((text) => message.includes(text));
}

/** A term stands from here to its end, with a sign before it; only one in quotes takes more than letters, digits and `_`. */
const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;

const KINDS: Readonly<Record<string, Term['kind']>> = { '': 'needed', '-': 'excluded', '?': 'optional' };

function termsOf(pattern: string): Term[] {
  const terms: Term[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < pattern.length) {
    const at = TERM.lastIndex;
    const [, sign = '', quoted, bare] = TERM.exec(pattern) ?? [];
    if (quoted === undefined && bare === undefined) throw invalid(pattern.slice(at));
    if (bare !== undefined && !/^\w+$/.test(bare)) throw invalid(bare);
    terms.push({ kind: KINDS[sign]!, text: bare ?? quoted!.replace(/\\(.)/g, '$1') });
  }
  return terms;
}

function invalid(term: string): Fault {
  return new Fault('InvalidParameterException', `Invalid character(s) in term '${term}'`);
}
