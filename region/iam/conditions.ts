import { Fault, NotModelled } from '../service.ts';
import { arnPattern, equalIgnoringCase, isArn, wildcard, type Match } from './patterns.ts';

/** Condition keys of one request, lower-cased; most keys have one value. */
export type ConditionContext = ReadonlyMap<string, readonly string[]>;

/** One line of a `Condition` block, compiled. */
export type Condition = (context: ConditionContext) => boolean;

/** Compiles the `Condition` block of a statement: every operator and every key of it must hold. */
export function compileConditions(block: unknown): Condition[] {
  if (block === undefined) return [];
  return Object.entries(recordOf(block, 'Condition')).flatMap(([operator, keys]) =>
    Object.entries(recordOf(keys, operator)).map(([key, values]) => compileLine(operator, key, valuesOf(key, values))),
  );
}

type Quantifier = 'one' | 'any' | 'all';

function compileLine(operatorText: string, key: string, values: readonly string[]): Condition {
  refuseUnknownKey(key);
  const name = key.toLowerCase();
  if (operatorText === 'Null') return nullCondition(name, values);
  const { quantifier, base, isIfExists } = parseOperator(operatorText);
  const { isNegated, compile } = operatorNamed(base);
  const matches = values.map((value) => compile(value));
  const holds = (value: string): boolean => matches.some((match) => match(value)) !== isNegated;
  return (context) => {
    const present = context.get(name) ?? [];
    if (present.length === 0) return isTrueWhenMissing(quantifier, isNegated, isIfExists);
    if (quantifier === 'all') return present.every(holds);
    if (quantifier === 'any') return present.some(holds);
    if (present.length > 1)
      throw new NotModelled(`${operatorText} without a set operator on the multivalued key ${key}`);
    return holds(present[0]!);
  };
}

/** "IAM JSON policy elements: Condition operators" and "Multivalued context keys" on keys that a request lacks. */
function isTrueWhenMissing(quantifier: Quantifier, isNegated: boolean, isIfExists: boolean): boolean {
  if (isIfExists || quantifier === 'all') return true;
  return quantifier === 'one' && isNegated;
}

function nullCondition(name: string, values: readonly string[]): Condition {
  return (context) => values.some((value) => ((context.get(name) ?? []).length === 0) === isTrueText(value));
}

function parseOperator(text: string): { quantifier: Quantifier; base: string; isIfExists: boolean } {
  const [, set, base, ifExists] = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(text) ?? [];
  if (base === undefined) throw malformed(`Invalid Condition type : ${text}.`);
  const quantifier = set === undefined ? 'one' : set === 'ForAnyValue' ? 'any' : 'all';
  return { quantifier, base, isIfExists: ifExists !== undefined };
}

interface Operator {
  readonly isNegated: boolean;
  readonly compile: (value: string) => Match;
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  StringEquals: { isNegated: false, compile: (value) => (given) => given === value },
  StringNotEquals: { isNegated: true, compile: (value) => (given) => given === value },
  StringEqualsIgnoreCase: { isNegated: false, compile: equalIgnoringCase },
  StringNotEqualsIgnoreCase: { isNegated: true, compile: equalIgnoringCase },
  StringLike: { isNegated: false, compile: (value) => wildcard(value) },
  StringNotLike: { isNegated: true, compile: (value) => wildcard(value) },
  ArnEquals: { isNegated: false, compile: arnValue },
  ArnLike: { isNegated: false, compile: arnValue },
  ArnNotEquals: { isNegated: true, compile: arnValue },
  ArnNotLike: { isNegated: true, compile: arnValue },
  Bool: { isNegated: false, compile: (value) => equalIgnoringCase(String(isTrueText(value))) },
  NumericEquals: numeric((given, value) => given === value),
  NumericNotEquals: numeric((given, value) => given === value, true),
  NumericLessThan: numeric((given, value) => given < value),
  NumericLessThanEquals: numeric((given, value) => given <= value),
  NumericGreaterThan: numeric((given, value) => given > value),
  NumericGreaterThanEquals: numeric((given, value) => given >= value),
};

const UNMODELLED_OPERATORS = /^(Date(Not)?[A-Z]|NotIpAddress$|IpAddress$|BinaryEquals$)/;

function operatorNamed(base: string): Operator {
  const operator = Object.hasOwn(OPERATORS, base) ? OPERATORS[base] : undefined;
  if (operator !== undefined) return operator;
  if (UNMODELLED_OPERATORS.test(base)) throw new NotModelled(`the IAM condition operator ${base}`);
  throw malformed(`Invalid Condition type : ${base}.`);
}

function numeric(compare: (given: number, value: number) => boolean, isNegated = false): Operator {
  return { isNegated, compile: (value) => (given) => compare(Number(given), Number(value)) };
}

function arnValue(value: string): Match {
  if (value !== '*' && !isArn(value)) throw malformed(`${value} in an ARN condition is not an ARN`);
  return arnPattern(value);
}

/** Global keys that the region fills in; any other would be missing here though AWS sends it. */
const MODELLED_GLOBAL_KEYS =
  /^aws:(principalarn|principalaccount|principaltype|principalisawsservice|principalservicename|userid|sourcearn|sourceaccount|requestedregion|resourceaccount|securetransport|viaawsservice|principaltag\/.+|resourcetag\/.+|requesttag\/.+|tagkeys)$/i;

/** Those of DynamoDB, in every request of which AWS sends them. */
const MODELLED_DYNAMODB_KEYS = /^dynamodb:(attributes|leadingkeys|returnvalues|select)$/i;

function refuseUnknownKey(key: string): void {
  const modelled = /^aws:/i.test(key)
    ? MODELLED_GLOBAL_KEYS
    : /^dynamodb:/i.test(key)
      ? MODELLED_DYNAMODB_KEYS
      : undefined;
  if (modelled && !modelled.test(key)) throw new NotModelled(`the IAM condition key ${key}`);
  if (!/^[a-z0-9.-]+:/i.test(key)) throw malformed(`The condition key ${key} has no service prefix`);
}

function valuesOf(key: string, values: unknown): string[] {
  const list = Array.isArray(values) ? values : [values];
  return list.map((value: unknown) => {
    if (typeof value !== 'string' && typeof value !== 'boolean' && typeof value !== 'number') {
      throw malformed(`The value of condition key ${key} must be a string`);
    }
    refuseVariable(String(value));
    return String(value);
  });
}

/** Throws when `text` holds a policy variable such as `${aws:username}`. */
export function refuseVariable(text: string): void {
  if (text.includes('${')) throw new NotModelled(`the IAM policy variable in ${text}`);
}

function isTrueText(value: string): boolean {
  const lower = value.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw malformed(`${value} is not a boolean`);
  return lower === 'true';
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw malformed(`${what} must be an object`);
}

function malformed(message: string): Fault {
  return new Fault('MalformedPolicyDocument', message);
}
