import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { RolloutsConfiguration } from '../../configuration/configuration.ts';
import { byDefault, field, fields, list, optional, TEXTS, text, wholeNumber } from '../../configuration/field.ts';

describe('a field', () => {
  it('does not compile without its texts', () => {
    const named = text(/./, 'a name', 'write it');
    const object = fields({ named, count: optional(wholeNumber(1, 2, 'give one')) });
    expect(Object.keys(object.shape)).toEqual(['named', 'count']);
    // @ts-expect-error no texts
    fields({ named, port: z.int() });
    // @ts-expect-error a wrapper around a field is another schema, without texts
    fields({ named: named.optional() });
    // @ts-expect-error half of the texts
    field(z.int(), 'a number');
  });

  it('keeps its texts inside of what makes it optional or gives it a default', () => {
    const count = wholeNumber(1, 9, 'give one');
    const texts = { expected: 'a whole number from 1 to 9', remedy: 'give one' };
    expect([count, optional(count), byDefault(3, count)].map((entry) => TEXTS.get(entry))).toEqual([
      texts,
      texts,
      texts,
    ]);
  });

  it('has texts of its own under each key, whatever the shape shares', () => {
    const ids = list(text(/./, 'an id', 'write it'));
    const [one, other] = [field(ids, 'ids of tasks', 'write them'), field(ids, 'ids of doors', 'write those')];
    expect([one, other].map((entry) => TEXTS.get(entry)?.expected)).toEqual(['ids of tasks', 'ids of doors']);
  });
});

it('has the type that the configuration file is checked with', () => {
  const service = { repository: 'team/api', container: 'app' } as const;
  const configuration = {
    services: [service, { ...service, tag: { semver: '^1' }, provision: { port: 1, healthCheck: false } }],
  } as const satisfies RolloutsConfiguration;
  expect(configuration.services).toHaveLength(2);
  // @ts-expect-error a repository is required
  const lacking = { container: 'app' } satisfies RolloutsConfiguration['services'][number];
  // @ts-expect-error one of exact, glob and semver is required
  const undecided = { ...service, tag: {} } satisfies RolloutsConfiguration['services'][number];
  // @ts-expect-error CloudWatch Logs does not know 31 days
  const odd = { ...service, logRetentionDays: 31 } satisfies RolloutsConfiguration['services'][number];
  expect([lacking, undecided, odd]).toHaveLength(3);
});
