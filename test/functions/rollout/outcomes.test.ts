import { describe, expect, it } from 'vitest';
import * as errors from '../../../functions/rollout/errors.ts';
import { asImageDigest, isImageTag, plainText } from '../../../functions/rollout/identifiers.ts';
import { EVERY_OUTCOME, OUTCOMES } from '../../../functions/rollout/outcomes.ts';

const those = (member: 'endsWell' | 'isAnnounced' | 'blamesImage' | 'isBack', value = true): string[] =>
  EVERY_OUTCOME.filter((outcome) => OUTCOMES[outcome][member] === value);

describe('the outcomes', () => {
  it('are these twelve words, of which the first five end well', () => {
    expect(those('endsWell')).toEqual(['SUCCEEDED', 'NO_CHANGE', 'STAGED', 'SUPERSEDED', 'HELD']);
    expect(those('endsWell', false)).toEqual([
      'REJECTED',
      'ROLLED_BACK',
      'ROLLED_BACK_BY_ECS',
      'ABORTED',
      'ABORTED_EXTERNAL',
      'FAILED_NO_ROLLBACK_TARGET',
      'FAILED_ROLLBACK',
    ]);
  });

  it('blame the image when it ran and failed, and never for what others did', () => {
    const blaming = ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS', 'FAILED_NO_ROLLBACK_TARGET', 'FAILED_ROLLBACK'];
    expect(those('blamesImage')).toEqual(blaming);
  });

  it('are announced unless nothing happened', () => {
    expect(those('isAnnounced', false)).toEqual(['NO_CHANGE', 'SUPERSEDED']);
  });

  it('put the proven revision back by a rollback of ours or of ECS', () => {
    expect(those('isBack')).toEqual(['ROLLED_BACK', 'ROLLED_BACK_BY_ECS']);
  });

  it('have each ending to themselves: no word of a step means two', () => {
    const endings = EVERY_OUTCOME.flatMap((outcome) =>
      Object.entries(OUTCOMES[outcome].endings).flatMap(([step, words]: [string, readonly string[]]) =>
        words.map((word) => `${step} ${word}`),
      ),
    );
    expect(endings.length).toBeGreaterThan(20);
    expect(endings.filter((ending, index) => endings.indexOf(ending) < index)).toEqual([]);
  });

  it('each say in a sentence what they mean', () => {
    expect(Object.values(OUTCOMES).filter(({ meaning }) => !/^[A-Z].*\.$/.test(meaning))).toEqual([]);
  });
});

describe('the errors', () => {
  const classes = Object.entries(errors).filter(([, member]) => typeof member === 'function') as [
    string,
    new (message: string) => Error,
  ][];

  it('are registered, each class under its own name, and no name without a class', () => {
    expect(classes.map(([name]) => name).sort()).toEqual(Object.keys(errors.ERRORS).sort());
  });

  it.each(classes)('%s carries its name as a literal, which a minifier cannot change', (name, ErrorClass) => {
    const minified = class o extends ErrorClass {};
    expect(new ErrorClass('x')).toMatchObject({ name, message: 'x' });
    expect(new minified('x').name).toBe(name);
  });
});

describe('identifiers', () => {
  it.each<[unknown, boolean]>([
    [`sha256:${'0a'.repeat(32)}`, true],
    [`sha256:${'0A'.repeat(32)}`, false],
    [`sha256:${'0a'.repeat(31)}`, false],
    [`sha256:${'0a'.repeat(32)}\n`, false],
    [undefined, false],
    [7, false],
  ])('%j is a digest: %s', (text, isDigest) => {
    expect(asImageDigest(text)).toBe(isDigest ? text : undefined);
  });

  it.each<[unknown, boolean]>([
    ['a', true],
    ['_x.Y-9', true],
    ['x'.repeat(128), true],
    ['x'.repeat(129), false],
    ['', false],
    ['.a', false],
    ['a/b', false],
    ['a\n', false],
    [undefined, false],
  ])('%j is a tag: %s', (text, isTag) => {
    expect(isImageTag(text)).toBe(isTag);
  });

  it('make text from outside one printable line of bounded length', () => {
    expect(plainText(' a\r\n\u001b[31mb\u2028c ')).toBe('a [31mb c');
    expect(plainText('a\u202egnp.exe\u2069')).toBe('a gnp.exe');
    expect(plainText('x'.repeat(600))).toBe(`${'x'.repeat(499)}…`);
  });
});
