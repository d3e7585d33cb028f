import { z } from 'zod';
import { problem, type ConfigurationProblem } from './configuration-error.ts';
import { TEXTS, type FieldTexts } from './field.ts';
import { unwrapped } from './parsed-fields.ts';

type Schema = z.core.$ZodType;
type Path = readonly PropertyKey[];
type Issues = readonly z.core.$ZodIssue[];

interface Read {
  readonly schema: Schema;
  readonly raw: unknown;
}

/** What is wrong with each field by itself, in the words of its entry. */
export function shapeProblems(schema: z.ZodType, raw: unknown): ConfigurationProblem[] {
  return problemsOf({ schema, raw }, schema.safeParse(raw).error?.issues ?? [], []);
}

/** Every string that Step Functions would take for a JSONata expression: the configuration becomes part of the state machine. */
export function jsonataProblems(value: unknown, path: Path = []): ConfigurationProblem[] {
  if (typeof value === 'string') return value.includes('{%') ? [jsonataProblem(value, path)] : [];
  if (typeof value !== 'object' || value === null) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => jsonataProblems(valueAt(value, [key]), [...path, key]));
}

function jsonataProblem(value: string, path: Path): ConfigurationProblem {
  const message = 'contains "{%", which Step Functions would run as JSONata';
  return problem(z.core.toDotPath(path), value, message, 'write it without "{%"');
}

/** `at` is where the paths of the issues begin. */
function problemsOf(read: Read, issues: Issues, at: Path): ConfigurationProblem[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(read, path, key));
    if (issue.code === 'custom' && issue.params) return [refused(read, path, issue.params as Refused)];
    const choices = issue.code === 'invalid_union' ? issue.errors : [];
    const meant = meantChoice(choices, valueAt(read.raw, path));
    if (meant) return problemsOf(read, meant, path);
    return [...keysOfNone(choices).map((key) => unknownKey(read, path, key)), wrongValue(read, path)];
  });
}

/** The one choice of a union that the value was meant for: it has its type, and every key that must be there. */
function meantChoice(choices: readonly Issues[], value: unknown): Issues | undefined {
  const lacksNothing = (issues: Issues): boolean =>
    issues.every(({ code, path }) => code === 'unrecognized_keys' || valueAt(value, path) !== undefined);
  const meant = choices.filter((issues) => lacksNothing(issues) && !issues.some(isOfWholeValue));
  return meant.length === 1 ? meant[0] : undefined;
}

/** Keys that every choice of a union refuses. */
function keysOfNone(choices: readonly Issues[]): string[] {
  const refused = choices.map((issues) => issues.flatMap((issue) => ('keys' in issue ? issue.keys : [])));
  return (refused[0] ?? []).filter((key) => refused.every((keys) => keys.includes(key)));
}

function isOfWholeValue({ code, path }: z.core.$ZodIssue): boolean {
  return code !== 'unrecognized_keys' && path.length === 0;
}

type Refused = Readonly<Record<'message' | 'remedy', string>>;

function refused({ raw }: Read, path: Path, { message, remedy }: Refused): ConfigurationProblem {
  return problem(z.core.toDotPath(path), valueAt(raw, path), message, remedy);
}

function unknownKey({ schema, raw }: Read, path: Path, key: string): ConfigurationProblem {
  const known = stepsTo(schema, path)
    .at(-1)!
    .flatMap(choicesOf)
    .flatMap((choice) => Object.keys(shapeOf(choice)));
  const remedy = `the known keys are ${known.join(', ')}`;
  return problem(z.core.toDotPath([...path, key]), valueAt(raw, [...path, key]), 'is an unknown key', remedy);
}

function wrongValue({ schema, raw }: Read, path: Path): ConfigurationProblem {
  const value = valueAt(raw, path);
  const { expected, remedy } = textsAt(schema, path);
  const message = value === undefined ? `is missing: ${expected}` : `is not ${expected}`;
  return problem(z.core.toDotPath(path), value, message, remedy);
}

/** Below a map with the user's own keys the nearest field above speaks; a default is named with the remedy. */
function textsAt(schema: Schema, path: Path): FieldTexts {
  const entry = stepsTo(schema, path)
    .flat()
    .findLast((step) => TEXTS.has(step))!;
  const { expected, remedy } = TEXTS.get(entry)!;
  const value = entry instanceof z.ZodDefault ? entry.def.defaultValue : undefined;
  const hasName = value !== undefined && typeof value !== 'object';
  return { expected, remedy: hasName ? `${remedy}, or leave it out for ${JSON.stringify(value)}` : remedy };
}

/** The schemas along a path, the root first; several at a step where there is a choice. */
function stepsTo(schema: Schema, path: Path): Schema[][] {
  return path.reduce<Schema[][]>(
    (steps, key) => [
      ...steps,
      steps
        .at(-1)!
        .flatMap(choicesOf)
        .flatMap((choice) => below(choice, key)),
    ],
    [[schema]],
  );
}

function below(choice: Schema, key: PropertyKey): readonly Schema[] {
  if (choice instanceof z.ZodArray) return [choice.element];
  if (choice instanceof z.ZodRecord) return [choice.valueType];
  return [shapeOf(choice)[String(key)] ?? []].flat();
}

function shapeOf(choice: Schema): Readonly<Record<string, Schema>> {
  return choice instanceof z.ZodObject ? choice.shape : {};
}

function choicesOf(schema: Schema): readonly Schema[] {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodPipe) return choicesOf(inner.in);
  return inner instanceof z.ZodUnion ? inner.options.flatMap(choicesOf) : [inner];
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Readonly<Record<PropertyKey, unknown>>)[key], root);
}
