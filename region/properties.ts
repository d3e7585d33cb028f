import type { z } from 'zod';
import { Fault, NotModelled, type ResourceUpdater } from './service.ts';

/** Reads the properties of a CloudFormation resource: unknown ones and unknown values are `NotModelled`, wrong types a `ValidationError`. */
export function readProperties<Schema extends z.ZodType>(
  schema: Schema,
  resource: string,
  properties: unknown,
): z.output<Schema> {
  const result = schema.safeParse(properties);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    throw new NotModelled(`the property ${[...issue.path, issue.keys[0]].join('.')} of ${resource}`);
  }
  // A value outside a literal or a list may well be AWS's own, only not ours.
  if (issue.code === 'invalid_value' || issue.code === 'custom' || issue.code === 'invalid_format')
    throw new NotModelled(`${resource} with this ${path} (${issue.message})`);
  throw new Fault('ValidationError', `${resource} ${path}: ${issue.message}`);
}

/** What follows changes of a resource that never changes: another value of any of these properties makes another resource. */
export function replacedByAnyChange(properties: Readonly<Record<string, unknown>>): ResourceUpdater {
  const update = (): never => {
    throw new Error('a resource without changeable properties is never updated');
  };
  return { changeable: [], replacing: Object.keys(properties), update };
}
