import { expect, it } from 'vitest';
import { endsWithoutOutcome } from '../../campaign/watch-ends.ts';
import { wrongVerdicts } from '../../campaign/watch-verdicts.ts';
import type { ImageOptions } from '../../rehearsal/pushed-image.ts';

const IMAGES: Readonly<Record<string, ImageOptions>> = {
  good: {},
  crashing: { behaviour: 'crash', afterSeconds: 30 },
  late: { behaviour: 'crash', afterSeconds: 240 },
  gone: { behaviour: 'unpullable' },
};
const ended = (digest: string, outcome: string) => ({ rolloutId: 'one', outcome, reason: 'Why', image: { digest } });
const found = (digest: string, outcome: string): string[] =>
  wrongVerdicts([ended(digest, outcome)], (each) => IMAGES[each]);

it.each([
  ['good', 'ROLLED_BACK', 'of a healthy image ended ROLLED_BACK (Why), and nothing was in its way.'],
  ['good', 'FAILED_NO_ROLLBACK_TARGET', 'of a healthy image ended FAILED_NO_ROLLBACK_TARGET'],
  ['crashing', 'SUCCEEDED', 'ended SUCCEEDED, and its image has the behaviour crash'],
  ['gone', 'SUCCEEDED', 'the behaviour unpullable'],
  ['late', 'FAILED_ROLLBACK', 'ended FAILED_ROLLBACK (Why), and nothing was in its way back.'],
])('finds that an image that is %s ended %s', (digest, outcome, sentence) => {
  expect(found(digest, outcome)).toEqual([expect.stringContaining(sentence)]);
});

it.each([
  ['good', 'SUCCEEDED'],
  ['crashing', 'ROLLED_BACK'],
  ['late', 'SUCCEEDED'],
  ['unknown', 'ROLLED_BACK'],
])('lets pass that an image that is %s ended %s', (digest, outcome) => {
  expect(found(digest, outcome)).toEqual([]);
});

it('finds an execution that failed without an outcome', () => {
  const failed = (outcome: string, status = 'FAILED') => ({ executionArn: 'arn:one', status, outcome });
  expect(endsWithoutOutcome([failed('States.Runtime')])).toEqual([
    'end: Rollout one ended States.Runtime, and nothing was in its way.',
  ]);
  expect(endsWithoutOutcome([failed('ROLLED_BACK'), failed('ABORTED', 'ABORTED')])).toEqual([]);
});
