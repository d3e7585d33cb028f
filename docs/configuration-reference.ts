/** docs/configuration.md, made of the configuration's schema and of the comments on its keys. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { FieldTexts } from '../configuration/field.ts';
import { configurationJsonSchema } from '../configuration/json-schema.ts';

type Schema = ReturnType<typeof configurationJsonSchema>;

/** One field of the configuration, with all that a user is told of it. */
export interface ReferenceEntry {
  /** Below a service: `tag.exact`, `provision.secrets.NAME.parameter`. */
  readonly path: string;
  readonly type: string;
  readonly isRequired: boolean;
  /** The schema's own default, as TypeScript. */
  readonly default: string | undefined;
  readonly meaning: string;
  /** What the comment says of the default. */
  readonly toldDefault: string | undefined;
  /** What an error says of the field. */
  readonly expected: string;
  readonly remedy: string;
}

/** Every field of a service, in the order of the source, then what the file says beside services. */
export function referenceEntries(): ReferenceEntry[] {
  const comments = commentsByPath();
  const { services, ...others } = configurationJsonSchema().properties as Record<string, Schema>;
  const besides = Object.entries(others).flatMap(([path, schema]) => [
    { path, schema, isRequired: false },
    ...fieldsBelow(schema, path),
  ]);
  return [...fieldsBelow(services!, ''), ...besides].map(({ path, schema, isRequired }) => {
    const { meaning, toldDefault } = comments.get(path)!;
    const { expected, remedy } = schema as unknown as FieldTexts;
    const value = schema.default === undefined ? undefined : literal(schema.default);
    return { path, type: typeOf(schema), isRequired, default: value, meaning, toldDefault, expected, remedy };
  });
}

/** docs/configuration.md. */
export function configurationReference(): string {
  return `${[INTRODUCTION, ...referenceEntries().map(paragraphs)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Configuration

<!-- Generated from configuration/ by \`npm run docs\`. -->

\`rollouts.config.ts\` exports \`{ services: [ … ] }\`. These are the fields of one service, and at the end \`dashboard\` and \`quotas\`, which stand beside \`services\`; editors show the same texts. What a field must be is checked before anything is synthesized, and so is what fields must be together: an error names path, value and remedy.`;

function paragraphs({ path, type, isRequired, default: value, toldDefault, ...entry }: ReferenceEntry): string {
  const byDefault = value === undefined ? toldDefault : `\`${value}\``;
  return [
    `## \`${path}\``,
    `\`${type}\`, ${isRequired ? 'required' : `by default ${byDefault}`}`,
    entry.meaning,
    `Must be ${entry.expected}. ${entry.remedy[0]!.toUpperCase()}${entry.remedy.slice(1)}.`,
  ].join('\n\n');
}

interface Below {
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Fields of an object, of each of its choices, of a list's elements, and of a map under the user's own NAME. */
function fieldsBelow(schema: Schema, at: string): Below[] {
  const { properties = {}, required = [], anyOf = [], items, additionalProperties: named } = schema as Nested;
  const own = Object.entries(properties).flatMap(([key, member]) => {
    const path = at === '' ? key : `${at}.${key}`;
    return [{ path, schema: member, isRequired: required.includes(key) }, ...fieldsBelow(member, path)];
  });
  const elements = items ? fieldsBelow(items, at) : [];
  const values = typeof named === 'object' ? fieldsBelow(named, `${at}.NAME`) : [];
  return [...own, ...anyOf.flatMap((choice) => fieldsBelow(choice, at)), ...elements, ...values];
}

interface Nested {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

const SHOWN_KEYS_MAX = 3;

function typeOf(schema: Schema): string {
  const { anyOf, items, additionalProperties: named, properties } = schema as Nested;
  if (anyOf) return anyOf.map(typeOf).join(' | ');
  if (items) return `${typeOf(items)}[]`;
  const keys = Object.keys(properties ?? {});
  if (keys.length > 0) return keys.length > SHOWN_KEYS_MAX ? '{ … }' : `{ ${keys.join(', ')} }`;
  if (typeof named === 'object') return `{ NAME: ${typeOf(named)} }`;
  const values = schema.enum ?? (schema.const === undefined ? [] : [schema.const]);
  if (values.length > 0 && schema.type !== 'number') return values.map(literal).join(' | ');
  return schema.type === 'integer' ? 'number' : String(schema.type);
}

/** A value as one would write it in the configuration. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${key}: ${literal(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

interface FieldComment {
  readonly meaning: string;
  readonly toldDefault: string | undefined;
}

/** The comments on the keys of every `fields({ … })`, by the path of the key. */
function commentsByPath(): ReadonlyMap<string, FieldComment> {
  const sources = ['provisioning.ts', 'dashboard.ts', 'quotas.ts', 'slack.ts', 'configuration.ts'].map(parse);
  const constants = new Map(sources.flatMap(({ statements }) => statements.flatMap(constantsOf)));
  const found = new Map<string, FieldComment>();
  const visit = (node: ts.Node, at: string): void => {
    const constant = ts.isIdentifier(node) ? constants.get(node.text) : undefined;
    if (constant) return visit(constant, at);
    for (const property of propertiesOf(node)) {
      const path = at === '' ? property.name.getText() : `${at}.${property.name.getText()}`;
      found.set(path, commentOf(property));
      visit(property.initializer, path);
    }
    const isMap = ts.isCallExpression(node) && node.expression.getText() === 'z.record';
    node.forEachChild((child) => {
      if (!ts.isObjectLiteralExpression(child)) visit(child, isMap ? `${at}.NAME` : at);
    });
  };
  visit(constants.get('serviceSchema')!, '');
  visit(constants.get('configurationSchema')!, '');
  return found;
}

function propertiesOf(node: ts.Node): ts.PropertyAssignment[] {
  if (!ts.isCallExpression(node) || node.expression.getText() !== 'fields') return [];
  const [shape] = node.arguments;
  return shape && ts.isObjectLiteralExpression(shape) ? shape.properties.filter(ts.isPropertyAssignment) : [];
}

function constantsOf(statement: ts.Statement): [string, ts.Expression][] {
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.map(({ name, initializer }) => [name.getText(), initializer!]);
}

function commentOf(property: ts.PropertyAssignment): FieldComment {
  const tag = ts.getJSDocTags(property).find(({ tagName }) => tagName.text === 'default');
  const [doc] = ts.getJSDocCommentsAndTags(property).filter(ts.isJSDoc);
  const textOf = (comment: Parameters<typeof ts.getTextOfJSDocComment>[0]): string | undefined =>
    ts.getTextOfJSDocComment(comment)?.replace(/\s+/g, ' ').trim();
  return { meaning: textOf(doc?.comment) ?? '', toldDefault: textOf(tag?.comment) };
}

function parse(file: string): ts.SourceFile {
  const path = join(import.meta.dirname, '..', 'configuration', file);
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
}
