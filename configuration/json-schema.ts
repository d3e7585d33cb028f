import { z } from 'zod';
import { configurationSchema } from './configuration.ts';
import { TEXTS } from './field.ts';

/**
 * A configuration as JSON Schema (2020-12), each field with its default and its texts `expected` and `remedy`. It says what
 * shape fields have, not what the checks across them say.
 */
export function configurationJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(configurationSchema, { io: 'input', metadata: TEXTS });
}
