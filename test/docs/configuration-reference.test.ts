import { describe, expect, it } from 'vitest';
import { referenceEntries } from '../../docs/configuration-reference.ts';

it('describes every field once, with what it means', () => {
  const entries = referenceEntries();
  const paths = entries.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toEqual(
    expect.arrayContaining(['repository', 'tag.glob', 'provision.cpu', 'provision.secrets.NAME.key']),
  );
  expect(entries.filter(({ meaning }) => !/^[A-Z].*\.$/.test(meaning))).toEqual([]);
});

describe('the comment on a key, which editors show,', () => {
  it('names the default that the schema has, or says what happens without the field', () => {
    const optional = referenceEntries().filter(({ isRequired }) => !isRequired);
    const withDefault = optional.filter((entry) => entry.default !== undefined);
    expect(withDefault.length).toBeGreaterThan(20);
    expect(withDefault.filter((entry) => entry.toldDefault !== entry.default)).toEqual([]);
    expect(optional.filter(({ toldDefault }) => !toldDefault)).toEqual([]);
  });

  it('names no default where the field is required', () => {
    const required = referenceEntries().filter(({ isRequired }) => isRequired);
    expect(required.filter(({ toldDefault }) => toldDefault !== undefined)).toEqual([]);
  });
});
