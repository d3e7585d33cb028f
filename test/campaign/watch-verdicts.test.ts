import { expect, it } from 'vitest';
import { wrongVerdicts, type Pushed } from '../../campaign/watch-verdicts.ts';
import type { ImageOptions } from '../../rehearsal/pushed-image.ts';

const IMAGES: Readonly<Record<string, ImageOptions>> = {
  good: {},
  crashing: { behaviour: 'crash', afterSeconds: 30 },
  late: { behaviour: 'crash', afterSeconds: 240 },
  gone: { behaviour: 'unpullable' },
  sick: { behaviour: 'never-healthy' },
  greedy: { behaviour: 'out-of-memory' },
};
const PUSHED: Pushed = { imageOf: (each) => IMAGES[each], hasBaseline: true, isChecked: false, bakeSeconds: 60 };
const ended = (digest: string, outcome: string) => ({ rolloutId: 'one', outcome, reason: 'Why', image: { digest } });
const found = (digest: string, outcome: string, pushed: Partial<Pushed> = {}): string[] =>
  wrongVerdicts([ended(digest, outcome)], { ...PUSHED, ...pushed });

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

it.each([
  ['a crash in the bake, though checks passed before', 'crashing', { isChecked: true, bakeSeconds: 60 }],
  ['a crash late in a long bake', 'late', { bakeSeconds: 300 }],
  ['a crash before the first check', 'greedy', { isChecked: true, bakeSeconds: 0 }],
  ['that no check ever passed', 'sick', { isChecked: true, bakeSeconds: 0 }],
])('finds that nobody minded %s', (_what, digest, pushed) => {
  expect(found(digest, 'SUCCEEDED', pushed)).toHaveLength(1);
});

it.each([
  ['crashes once nobody looks any more', 'crashing', { isChecked: true, bakeSeconds: 0 }],
  ['crashes as its bake ends', 'crashing', { bakeSeconds: 30 }],
  ['would fail checks that nobody makes', 'sick', {}],
])('lets succeed what %s', (_what, digest, pushed) => {
  expect(found(digest, 'SUCCEEDED', pushed)).toEqual([]);
});

it('lets pass that nothing was there to go back to where nothing was', () => {
  expect(found('crashing', 'FAILED_NO_ROLLBACK_TARGET', { hasBaseline: false })).toEqual([]);
});
