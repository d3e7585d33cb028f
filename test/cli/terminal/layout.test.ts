import { expect, it } from 'vitest';
import { labelledLines, linkLines } from '../../../cli/terminal/layout.ts';

it('a label is parted from its text, and all texts begin in one column, however long the longest is', () => {
  const entries = [
    ['Since', ['today', 'at noon']],
    ['Failure rate', ['50 %']],
  ] as const;
  const lines = ['Since        today', '             at noon', 'Failure rate 50 %'];
  expect(labelledLines(entries)).toEqual(lines);
  expect(linkLines(entries)).toEqual(lines);
});

it('short labels leave twelve columns', () => {
  expect(labelledLines([['Pin', ['none']]])).toEqual(['Pin         none']);
});
