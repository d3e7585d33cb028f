import { expect, it } from 'vitest';
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
  wrongVerdicts([ended(digest, outcome)], { imageOf: (each) => IMAGES[each], hasBaseline: true });

it.each([
  ['good', 'ROLLED_BACK', 'one ended ROLLED_BACK (Why), and its image is healthy, and nothing was in its way.'],
  ['good', 'FAILED_NO_ROLLBACK_TARGET', 'ended FAILED_NO_ROLLBACK_TARGET'],
  ['crashing', 'SUCCEEDED', 'its image has the behaviour crash'],
  ['gone', 'SUCCEEDED', 'the behaviour unpullable'],
  ['late', 'FAILED_ROLLBACK', 'nothing was in its way back.'],
  ['crashing', 'FAILED_NO_ROLLBACK_TARGET', 'something sound had run before'],
  ['a chart', 'ROLLED_BACK', 'what was pushed is no image'],
])('finds that an image that is %s ended %s', (digest, outcome, sentence) => {
  expect(found(digest, outcome)).toEqual([expect.stringContaining(sentence)]);
});

it.each([
  ['good', 'SUCCEEDED'],
  ['crashing', 'ROLLED_BACK'],
  ['late', 'SUCCEEDED'],
  ['a chart', 'REJECTED'],
])('lets pass that an image that is %s ended %s', (digest, outcome) => {
  expect(found(digest, outcome)).toEqual([]);
});

it('lets pass that nothing was there to go back to where nothing was', () => {
  const pushed = { imageOf: (digest: string) => IMAGES[digest], hasBaseline: false };
  expect(wrongVerdicts([ended('crashing', 'FAILED_NO_ROLLBACK_TARGET')], pushed)).toEqual([]);
});
