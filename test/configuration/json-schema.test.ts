import { expect, it } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import { configurationJsonSchema } from '../../configuration/json-schema.ts';

interface Schema {
  readonly type?: string;
  readonly default?: unknown;
  readonly expected?: string;
  readonly remedy?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
}

const SCHEMA = configurationJsonSchema() as Schema;
const SERVICE = SCHEMA.properties!['services']!.items!;

it('describes the configuration as one writes it: only what has no default is required', () => {
  expect(SCHEMA.required).toEqual(['services']);
  expect(SERVICE.required).toEqual(['repository']);
  expect(SERVICE.properties!['bakeTimeSeconds']).toEqual({
    type: 'integer',
    minimum: 0,
    maximum: 86_400,
    default: 60,
    expected: 'a whole number from 0 to 86400',
    remedy: 'give seconds',
  });
  expect(SERVICE.properties!['tag']).toMatchObject({ anyOf: [{}, {}, {}], default: { exact: 'latest' } });
});

it('gives each field its texts, and refuses every unknown key', () => {
  const objects = objectsIn(SCHEMA);
  expect(objects.length).toBeGreaterThan(10);
  expect(objects.filter(({ additionalProperties }) => additionalProperties !== false)).toEqual([]);
  const members = objects.flatMap(({ properties }) => Object.entries(properties!));
  expect(members.filter(([, { expected, remedy }]) => !expected || !remedy)).toEqual([]);
});

it('has the defaults that a checked configuration gets', () => {
  const least = { repository: 'team/api', container: 'app', registry: {}, provision: { port: 1 } };
  const [service] = checkConfiguration({ services: [least] }).services;
  const { registry, provision } = SERVICE.properties!;
  const { tag: _policy, ...defaults } = defaultsOf(SERVICE);
  expect(service).toMatchObject({ ...defaults, tagPolicy: { kind: 'exact', tag: 'latest' } });
  expect(service!.registry).toMatchObject({ ...defaultsOf(registry!), movingTags: ['latest'] });
  expect(service!.provision).toMatchObject({ ...defaultsOf(provision!), healthCheck: { retries: 3 } });
});

function defaultsOf({ properties = {} }: Schema): Record<string, unknown> {
  const members = Object.entries(properties).filter(([, schema]) => schema.default !== undefined);
  expect(members).not.toEqual([]);
  return Object.fromEntries(members.map(([key, schema]) => [key, schema.default]));
}

function objectsIn(schema: Schema): Schema[] {
  const { properties = {}, additionalProperties: values, items, anyOf = [] } = schema;
  const below = [...Object.values(properties), ...anyOf, ...(items ? [items] : [])];
  if (typeof values === 'object') below.push(values);
  return [...(schema.properties ? [schema] : []), ...below.flatMap(objectsIn)];
}
