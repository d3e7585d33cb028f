/** How a field is compared. */
export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=';

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

const ORDER: Readonly<Record<Exclude<Operator, '=' | '!='>, (value: number, bound: number) => boolean>> = {
  '<': (value, bound) => value < bound,
  '>': (value, bound) => value > bound,
  '<=': (value, bound) => value <= bound,
  '>=': (value, bound) => value >= bound,
};

/**
 * What is true of a field; undefined for an order that is none of numbers. A field that is missing, null, an object or a list
 * fits no comparison, `!=` neither: where the user guide is silent, the pattern finds less.
 */
export function compareWith(
  operator: Operator,
  operand: string,
  isQuoted: boolean,
): ((value: unknown) => boolean) | undefined {
  const number = !isQuoted && NUMBER.test(operand) ? Number(operand) : undefined;
  if (operator === '=' || operator === '!=') {
    const equals = equalTo(operand, number);
    return (value) => isScalar(value) && equals(value) === (operator === '=');
  }
  if (number === undefined) return undefined;
  const holds = ORDER[operator];
  return (value) => typeof value === 'number' && holds(value, number);
}

type Scalar = string | number | boolean;

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** A number fits what is written without quotes; with a `*`, the text of anything is looked at: `"*"` says that a field exists. */
function equalTo(operand: string, number: number | undefined): (value: Scalar) => boolean {
  if (operand.includes('*')) return (value) => fitsWildcard(String(value), operand);
  return (value) => (typeof value === 'number' ? value === number : value === operand);
}

/** `*` stands for any run of characters. Each part is looked for once, from where the last one ended: no going back. */
function fitsWildcard(text: string, pattern: string): boolean {
  const parts = pattern.split('*');
  const [first = '', last = ''] = [parts[0], parts.at(-1)];
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
