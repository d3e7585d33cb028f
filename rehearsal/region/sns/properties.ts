import type * as z from 'zod';
import { NotModelled } from '../service.ts';

/** Reads a resource's properties; whatever the schema does not know or accept is refused. */
export function readProperties<Schema extends z.ZodType>(
  type: string,
  schema: Schema,
  properties: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(' '));
  throw new NotModelled(`${type} with these properties (${problems.join('; ')})`);
}
