import type { z } from 'zod';
import { Fault, NotModelled } from '../service.ts';

/** Reads the properties of a CloudFormation resource: unknown ones are `NotModelled`, wrong ones a `ValidationError`. */
export function readProperties<Schema extends z.ZodType>(
  schema: Schema,
  resource: string,
  properties: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const result = schema.safeParse(properties);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') throw new Fault('ValidationError', `${resource} ${path}: ${issue.message}`);
  throw new NotModelled(`the property ${[...issue.path, issue.keys[0]].join('.')} of ${resource}`);
}
