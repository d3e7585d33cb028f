import type { z } from 'zod';
import { FIELDS } from './configuration-schema.ts';
import type { ConfigurationProblem } from './configuration.ts';

/** What zod found, in our words: path, value seen, what was expected, remedy. `at` is where `value` stands. */
export function shapeProblems(error: z.ZodError | undefined, value: unknown, at: string): ConfigurationProblem[] {
  return (error?.issues ?? []).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(value, issue.path, key, at));
    return [wrongValue(value, issue.path, at)];
  });
}

/** Every string that Step Functions would take for a JSONata expression: the configuration becomes part of the state machine. */
export function jsonataProblems(value: unknown, at = ''): ConfigurationProblem[] {
  if (typeof value === 'string') return value.includes('{%') ? [jsonataProblem(value, at)] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    jsonataProblems(member, Array.isArray(value) ? `${at}[${key}]` : under(at, key)),
  );
}

/** A problem with the value that it concerns, shortened to fit a line. */
export function problem(path: string, value: unknown, message: string, remedy: string): ConfigurationProblem {
  return { path, value: shown(value), message, remedy };
}

/** What a list holds more than once; what is no list has another problem. */
export function repeatedProblems(list: unknown, at: string): ConfigurationProblem[] {
  if (!Array.isArray(list)) return [];
  const isRepeated = (value: unknown, index: number): boolean => list.indexOf(value) < index;
  return list.flatMap((value, index) =>
    isRepeated(value, index) ? [problem(`${at}[${index}]`, value, 'is there twice', 'remove one')] : [],
  );
}

function jsonataProblem(value: string, path: string): ConfigurationProblem {
  return problem(path, value, 'contains "{%", which Step Functions would run as JSONata', 'write it without "{%"');
}

function unknownKey(root: unknown, path: readonly PropertyKey[], key: string, at: string): ConfigurationProblem {
  const parent = pathText(at, path);
  const known = knownKeys(fieldKey(parent)).join(', ');
  return problem(under(parent, key), valueAt(root, [...path, key]), 'is an unknown key', `the known keys are ${known}`);
}

function wrongValue(root: unknown, path: readonly PropertyKey[], at: string): ConfigurationProblem {
  const text = pathText(at, path);
  const value = valueAt(root, path);
  const { expected, remedy } = fieldAt(fieldKey(text));
  return problem(text, value, value === undefined ? `is missing: ${expected}` : `is not ${expected}`, remedy);
}

/** Below a map with the user's own keys, and inside a union, the nearest field above speaks. */
function fieldAt(key: string): { readonly expected: string; readonly remedy: string } {
  return FIELDS[key] ?? fieldAt(key.replace(/[.[][^.[]*$/, ''));
}

function knownKeys(parent: string): string[] {
  const prefix = parent === '' ? '' : `${parent}.`;
  const names = Object.keys(FIELDS).filter((key) => key !== '' && key.startsWith(prefix));
  return names.map((key) => key.slice(prefix.length)).filter((key) => !/[.[]/.test(key));
}

function fieldKey(path: string): string {
  return path.replace(/\[\d+\]/g, '[]');
}

function pathText(at: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : under(text, String(key))),
    at,
  );
}

function under(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], root);
}

const SHOWN_LENGTH_MAX = 80;

function shown(value: unknown): string {
  if (value === undefined) return '(nothing)';
  const text = JSON.stringify(value) ?? `(a ${typeof value})`;
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
}
