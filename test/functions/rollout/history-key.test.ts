import { expect, it } from 'vitest';
import { historyKey, historyRange, parsePlace, placeOf } from '../../../functions/rollout/history-key.ts';

const RECORD = { rolloutId: 'r1', endedAt: Date.UTC(2027, 2, 1, 12) };

it.each([
  ['2027-03-01', '2027-03-01T00:00:00.000Z'],
  ['2027-03-01T12:00Z', '2027-03-01T12:00:00.000Z'],
  ['2027-03-01T12:00:00.000Z#r1', '2027-03-01T12:00:00.000Z#r1'],
])('%s is a place in a history', (text, place) => expect(parsePlace(text)).toBe(place));

it.each(['yesterday', '2027-13-01', '2027-03-01T12:00', '#r1', ''])('"%s" is none', (text) =>
  expect(parsePlace(text)).toBeUndefined(),
);

it('what ended at a time did not end before it, and what ended before did', () => {
  const { from, to } = historyRange(parsePlace('2027-03-01T12:00Z'));
  expect(historyKey(RECORD) > to).toBe(true);
  const earlier = historyKey({ ...RECORD, endedAt: RECORD.endedAt - 1 });
  expect(earlier >= from && earlier <= to).toBe(true);
});

it('the whole history has every entry, and the state is none', () => {
  const { from, to } = historyRange();
  expect(historyKey(RECORD) >= from && historyKey(RECORD) <= to).toBe(true);
  expect(['state', 'inventory'].some((entry) => entry >= from && entry <= to)).toBe(false);
  expect(parsePlace(placeOf(RECORD))).toBe(placeOf(RECORD));
});
