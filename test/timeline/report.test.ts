import { describe, expect, it } from 'vitest';
import { paletteFor } from '../../timeline/palette.ts';
import { NOT_PLAYED } from '../../timeline/scenario-report.ts';
import { summary } from '../../timeline/summary.ts';
import { timelineLines } from '../../timeline/timeline.ts';
import { report } from './given-report.ts';

const plain = paletteFor({ isTTY: false }, {});

describe('the summary', () => {
  it('is one aligned row per scenario under its columns', () => {
    const { detectionLagSeconds: _lag, ...rest } = report({ name: 'no-event', stateTransitions: 4 });
    expect(summary([report(), rest], plain)).toEqual([
      '      scenario   outcome    virtual  steps      price  calls     lag',
      'ok    good-push  SUCCEEDED   93.3 s     12  $0.000300     31  0.40 s',
      'ok    no-event   SUCCEEDED   93.3 s      4  $0.000100     31       -',
      '',
      'steps: state transitions; calls: to AWS; lag: from when ECS knew to our verdict',
      '2 of 2 scenarios ended as their stories say.',
    ]);
  });

  it('shows the path of each scenario where it is asked for, broken where it is longer than a row', () => {
    const path = ['A', 'B', 'C', 'D', 'E'].map((letter) => letter.repeat(30));
    expect(summary([report({ path, expectedPath: path })], plain).join()).not.toContain('AAA');
    const [, , ...lines] = summary([report({ path, expectedPath: path })], plain, { hasPaths: true });
    expect(lines.slice(0, 2)).toEqual([
      `        ${path.slice(0, 2).join(' > ')}`,
      `        > ${path.slice(2, 4).join(' > ')}`,
    ]);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  const wayBack = { noticedSeconds: 50.62, backSeconds: 92.7, fewestServing: 2, desiredCount: 2 };

  it.each([
    ['all the time', {}, '2 tasks served throughout'],
    ['though more than wanted', { fewestServing: 3 }, '2 tasks served throughout'],
    ['but for one', { fewestServing: 1 }, 'never fewer than 1 of 2 tasks served'],
    ['one alone', { fewestServing: 1, desiredCount: 1 }, '1 task served throughout'],
  ])(
    'ends with the point: when a bad image was noticed, when the proven one was back, and what served: %s',
    (_, changes, served) => {
      const bad = report({ name: 'bad-push', wayBack: { ...wayBack, ...changes } });
      expect(summary([report(), bad], plain).slice(-3)).toEqual([
        '2 of 2 scenarios ended as their stories say.',
        'bad-push: bad image noticed after 50.6 s, proven image back at 92.7 s,',
        `        ${served}`,
      ]);
      expect(summary([{ ...bad, differences: ['1 task is left over'] }], plain).join()).not.toContain('noticed');
    },
  );

  it('fits a screen of 80 columns and 24 lines with all that `npm start` plays', () => {
    const names = ['first-deployment', 'good-push', 'bad-push', 'unpullable-push'];
    const played = names.map((name, index) =>
      report({
        name,
        stateTransitions: 17,
        virtualSeconds: 1234.56,
        awsCalls: 147,
        ...(index > 1 && { outcome: 'ROLLED_BACK', expected: 'ROLLED_BACK', wayBack }),
      }),
    );
    const lines = summary(played, plain);
    expect(lines.length).toBeLessThan(24);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
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

  it('names the services where there are several, each above its scenarios and whole', () => {
    const service = `${'cluster'.repeat(10)}/${'service'.repeat(10)}`;
    const lines = summary([report(), report({ name: 'bad-push' }), report({ service, wayBack })], plain);
    expect(lines.slice(1, 6).map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['prod/api'],
      ['ok', 'good-push'],
      ['ok', 'bad-push'],
      [service],
      ['ok', 'good-push'],
    ]);
    expect(lines.at(-2)).toMatch(`${service} good-push: bad image noticed`);
  });

  it('counts a state that waits and is entered again once, and says how often it was', () => {
    const [, , line] = summary([report({ path: ['Configure', 'Conclude', 'Conclude'] })], plain, { hasPaths: true });
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
    expect(timelineLines(entry, { palette: paletteFor({ isTTY: true }, {}) })[0]).toContain('\u001b[1msteady');
  });

  it.each([
    ['without a terminal', { isTTY: false }, {}],
    ['with NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }],
    ['on a dumb terminal', { isTTY: true }, { TERM: 'dumb' }],
  ])('is not used %s', (_, output, env) => {
    expect(timelineLines(entry, { palette: paletteFor(output, env) })[0]).toBe('   12.3 s  decided steady');
  });
});
