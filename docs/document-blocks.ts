/** Tables of what the verbs print with `--json`, made from their schemas. */
import { z } from 'zod';
import { allCommands } from '../cli/main.ts';
import { table } from './markdown.ts';

/** As far as our schemas go: https://json-schema.org/draft/2020-12/json-schema-core */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

/** Tables for that file: one per verb that is described there, and `shapes`, the objects that they share. */
export async function documentBlocks(file: string): Promise<Record<string, string>> {
  const described = (await allCommands()).flatMap(({ name, document }) =>
    document !== 'none' && document.describedIn === file ? [[name, schemaOf(document.schema)] as const] : [],
  );
  const shapes = Object.assign({}, ...described.map(([, { $defs }]) => $defs)) as Record<string, Schema>;
  const sections = Object.entries(shapes).map(([name, schema]) => `### ${name}\n\n${memberTable(schema)}`);
  const tables = described.map(([name, { anyOf, ...schema }]) => [
    name,
    (anyOf ?? [schema]).map(memberTable).join('\n\nor\n\n'),
  ]);
  return { ...(Object.fromEntries(tables) as Record<string, string>), shapes: sections.join('\n\n') };
}

/** A verb's schema as plain data. */
export function schemaOf(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema) as Schema;
}

function memberTable(schema: Schema): string {
  return table(['Member', 'Type', 'Meaning'], membersOf(schema, ''));
}

/** Rows of an object's members, those of an object inside by their path. */
function membersOf({ properties = {}, required = [] }: Schema, path: string): string[][] {
  return Object.entries(properties).flatMap(([name, member]) => {
    const { description } = member;
    if (description === undefined) throw new Error(`${path}${name} has no description`);
    const absent = required.includes(name) ? '' : ' or absent';
    const row = [`\`${path}${name}\``, `${typeText(member)}${absent}`, description];
    return [row, ...insideOf(member, `${path}${name}`)];
  });
}

function insideOf({ anyOf = [], items, ...schema }: Schema, path: string): string[][] {
  return [
    ...membersOf(schema, `${path}.`),
    ...(items ? insideOf(items, `${path}[]`) : []),
    ...anyOf.filter(({ type }) => type !== 'null').flatMap((choice) => insideOf(choice, path)),
  ];
}

function typeText(schema: Schema): string {
  const { $ref, const: only, enum: words, anyOf, items, type = '' } = schema;
  if ($ref !== undefined) return linked($ref);
  if (only !== undefined) return `\`${JSON.stringify(only)}\``;
  if (words) return words.length > FEW ? 'string' : words.map((word) => `\`${word}\``).join(', ');
  if (anyOf) return anyOf.map(typeText).join(' or ');
  if (items) return `array of ${items.$ref === undefined ? `${typeText(items)}s` : linked(items.$ref)}`;
  return [type].flat().join(' or ');
}

/** Words that a cell has room for. */
const FEW = 6;

function linked($ref: string): string {
  const name = $ref.slice($ref.lastIndexOf('/') + 1);
  return `[${name}](#${name})`;
}
