import { z } from 'zod';

/** What an error says about a field, beside its path and the value seen. */
export interface FieldTexts {
  /** Completes "is not …" and "is missing: …". */
  readonly expected: string;
  /** What to write instead; a default need not be named, the error adds it. */
  readonly remedy: string;
}

/** The texts of every field; the JSON schema takes them from here too. */
export const TEXTS = z.registry<FieldTexts>();

declare const hasTexts: unique symbol;

/** A schema that has its texts; only {@link field} makes one. */
export type Field<S extends z.ZodType = z.ZodType> = S & { readonly [hasTexts]: true };

/** One entry of the configuration: its shape, and what an error says. Its meaning is the comment on its key. */
export function field<S extends z.ZodType>(schema: S, expected: string, remedy: string): Field<S> {
  // A copy: one shape may stand under several keys, each with texts of its own.
  const entry = schema.clone();
  TEXTS.add(entry, { expected, remedy });
  return entry as Field<S>;
}

/** An object of the configuration: unknown keys are refused, and a key without texts does not compile. */
export function fields<Shape extends Readonly<Record<string, Field>>>(
  shape: Shape,
): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape);
}

/** An entry that may be left out. */
export function optional<S extends z.ZodType>(entry: Field<S>): Field<z.ZodOptional<S>> {
  const { expected, remedy } = TEXTS.get(entry)!;
  return field(z.optional(entry as S), expected, remedy);
}

/** An entry that may be left out for a value, which errors and the reference name. */
export function byDefault<S extends z.ZodType>(
  value: z.core.util.NoUndefined<z.output<S>>,
  entry: Field<S>,
): Field<z.ZodDefault<S>> {
  const { expected, remedy } = TEXTS.get(entry)!;
  return field((entry as S).default(value), expected, remedy);
}

/** A string. */
export function text(pattern: RegExp, expected: string, remedy: string): Field<z.ZodString> {
  return field(z.string().regex(pattern), expected, remedy);
}

/** A whole number; its text follows from its bounds. */
export function wholeNumber(from: number, to: number, remedy: string): Field<z.ZodInt> {
  return field(z.int().min(from).max(to), `a whole number from ${from} to ${to}`, remedy);
}

/** A list of different things. */
export function list<S extends z.ZodType>(element: Field<S>): z.ZodArray<S> {
  return z.array(element as S).check(
    // Beside a wrong element too, where zod would leave the check out.
    z.core._check<unknown[]>(
      ({ value: values, issues }) => {
        const right = values.map((value) => element.safeParse(value).success);
        values.forEach((value, index) => {
          if (!right[index] || values.indexOf(value) === index) return;
          const params = { message: 'is there twice', remedy: 'remove one' };
          issues.push({ code: 'custom', path: [index], params, input: value });
        });
      },
      { when: ({ value }) => Array.isArray(value) },
    ) as z.core.$ZodCheck<z.output<S>[]>,
  );
}

/** Why a value of the right shape is refused all the same. */
export interface Refusal {
  readonly message: string;
  readonly remedy: string;
  /** The member that is meant. @default the value itself */
  readonly path?: readonly (string | number)[];
}

/** A string of which some values are refused in words of their own, before the pattern is asked. */
export function textRefusing(
  refuse: (value: string) => readonly Refusal[],
  ...[pattern, expected, remedy]: Parameters<typeof text>
): Field<z.ZodString> {
  const refusals = z.string().superRefine((value, context) => {
    for (const params of refuse(value)) context.addIssue({ code: 'custom', params: { ...params }, continue: false });
  });
  return field(refusals.regex(pattern), expected, remedy);
}

/** For `superRefine`: refusals that bring a message and a remedy of their own. */
export function refusing<T>(refuse: (value: T) => readonly Refusal[]): (value: T, context: z.RefinementCtx) => void {
  return (value, context) => {
    for (const { path = [], ...params } of refuse(value)) context.addIssue({ code: 'custom', path: [...path], params });
  };
}

/** Output and input types of schemas, which nobody writes to. */
export type DeepReadonly<T> = T extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
