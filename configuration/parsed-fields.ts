import { z } from 'zod';

/**
 * What parsed of a schema's value: objects field by field, all else as a whole. A field whose shape was refused is null, which
 * no configuration has; a check that needs it has nothing to say.
 */
export type Parsed<S> =
  S extends z.ZodOptional<infer Inner>
    ? Parsed<Inner> | undefined
    : S extends z.ZodDefault<infer Inner> | z.ZodPrefault<infer Inner>
      ? Parsed<Inner>
      : S extends z.ZodUnion<infer Choices>
        ? Parsed<Choices[number]>
        : S extends z.ZodObject<infer Shape>
          ? { readonly [Key in keyof Shape]: Parsed<Shape[Key]> | null }
          : z.output<S>;

/** Parses as much as can be, so that a wrong shape hides no problem of the fields beside it; defaults are filled in. */
export function parsedPart<S extends z.ZodType>(schema: S, raw: unknown): Parsed<S> | null {
  const whole = schema.safeParse(raw);
  if (whole.success) return whole.data as Parsed<S>;
  const object = objectIn(schema);
  if (!object || typeof raw !== 'object' || raw === null) return null;
  const entries = Object.entries(object.shape as Readonly<Record<string, z.ZodType>>);
  const part = entries.map(([key, member]) => [key, parsedPart(member, (raw as Record<string, unknown>)[key])]);
  return Object.fromEntries(part) as Parsed<S>;
}

/** The schema inside of what makes a field optional or gives it a default. */
export function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  const isWrapper =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return isWrapper ? unwrapped(schema.unwrap()) : schema;
}

/** The object whose fields can be parsed one by one: the schema itself, or the only one of its choices that is an object. */
function objectIn(schema: z.core.$ZodType): z.ZodObject | undefined {
  const inner = unwrapped(schema);
  const objects = (inner instanceof z.ZodUnion ? inner.options : [inner]).filter((one) => one instanceof z.ZodObject);
  return objects.length === 1 ? objects[0] : undefined;
}
