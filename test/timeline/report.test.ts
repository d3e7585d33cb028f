import { describe, expect, it } from 'vitest';
import { paletteFor } from '../../timeline/palette.ts';
import { NOT_PLAYED } from '../../timeline/scenario-report.ts';
import { summary } from '../../timeline/summary.ts';
import { timelineLine } from '../../timeline/timeline.ts';
import { report } from './given-report.ts';

const plain = paletteFor({ isTTY: false }, {});

describe('the summary', () => {
  it('is one aligned row per scenario under its columns, each above its path', () => {
    const { detectionLagSeconds: _lag, ...rest } = report({ name: 'no-event', stateTransitions: 4 });
    expect(summary([report(), rest], plain)).toEqual([
      '      scenario   outcome    virtual  transitions      price  AWS calls     lag',
      'ok    good-push  SUCCEEDED   93.3 s           12  $0.000300         31  0.40 s',
      '        Configure > Conclude',
      'ok    no-event   SUCCEEDED   93.3 s            4  $0.000100         31       -',
      '        Configure > Conclude',
      '',
      'lag: from when ECS knew to our verdict; AWS calls: of all handlers, bake time included',
      '2 of 2 scenarios ended as their stories say.',
    ]);
  });

  it('breaks a path that is longer than a row may be', () => {
    const path = ['A', 'B', 'C', 'D', 'E'].map((letter) => letter.repeat(30));
    const [, , ...lines] = summary([report({ path, expectedPath: path })], plain);
    expect(lines.slice(0, 2)).toEqual([
      `        ${path.slice(0, 2).join(' > ')}`,
      `        > ${path.slice(2, 4).join(' > ')}`,
    ]);
    expect(lines.every((line) => line.length <= 100)).toBe(true);
  });

  it('names each permission that a role lacks once, and leaves out the sentence in which a handler died of it', () => {
    const refusals = [{ role: 'Roll', action: 'ecs:UpdateService', resource: 'arn:api' }];
    const failed = report({ outcome: 'REJECTED', message: 'AccessDenied', refusals });
    const unplayed = report({ name: 'bad-push', outcome: NOT_PLAYED, path: [], differences: ['No set-up.'], refusals });
    expect(summary([failed, unplayed, report({ name: 'other' })], plain).slice(-4)).toEqual([
      'good-push: the story ends SUCCEEDED, this ended REJECTED',
      'bad-push: No set-up.',
      'the role Roll may not ecs:UpdateService on arn:api',
      '1 of 3 scenarios ended as their stories say; not good-push, bad-push.',
    ]);
  });

  it('names the service where there are several', () => {
    const [, first, , second] = summary([report(), report({ service: 'prod/web' })], plain);
    expect([first, second]).toEqual([
      expect.stringMatching(/^ok {4}prod\/api good-push /),
      expect.stringMatching(/^ok {4}prod\/web good-push /),
    ]);
  });

  it('counts a state that waits and is entered again once, and says how often it was', () => {
    const [, , line] = summary([report({ path: ['Configure', 'Conclude', 'Conclude'] })], plain);
    expect(line).toBe('        Configure > Conclude x2');
  });

  it.each([
    ['another outcome', { outcome: 'ROLLED_BACK' }, 'good-push: the story ends SUCCEEDED, this ended ROLLED_BACK'],
    [
      'an outcome with its reason',
      { outcome: 'REJECTED', message: 'No.' },
      'good-push: the story ends SUCCEEDED, this ended REJECTED: No.',
    ],
    ['another path', { path: ['Configure'] }, "good-push: the story's path is Configure > Conclude"],
    ['another world', { differences: ['1 task is left over'] }, 'good-push: 1 task is left over'],
  ])('marks %s as failed and says what is wrong', (_, changes, complaint) => {
    const lines = summary([report(changes)], plain);
    expect(lines[1]).toMatch(/^FAIL {2}good-push/);
    expect(lines.slice(-2)).toEqual([complaint, '0 of 1 scenarios ended as their stories say; not good-push.']);
  });
});

describe('colour', () => {
  const entry = { virtualSeconds: 12.34, kind: 'decided', text: 'steady' } as const;

  it('is used on a terminal', () => {
    expect(timelineLine(entry, paletteFor({ isTTY: true }, {}))).toContain('\u001b[1msteady');
  });

  it.each([
    ['without a terminal', { isTTY: false }, {}],
    ['with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }],
    ['on a dumb terminal', { isTTY: true }, { TERM: 'dumb' }],
  ])('is not used %s', (_, output, env) => {
    expect(timelineLine(entry, paletteFor(output, env))).toBe('   12.3 s  decided steady');
  });
});
