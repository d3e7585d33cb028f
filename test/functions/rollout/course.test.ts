import { describe, expect, it } from 'vitest';
import { courseOf, withJudged } from '../../../functions/rollout/course.ts';
import { NOW, owner } from './given.ts';

const at = (second: number): string => new Date(NOW + second * 1000).toISOString();
const entered = (state: string, second: number, said: object = {}) => ({ state, enteredAt: at(second), ...said });
const roll = { word: 'roll', reason: 'NewImage', message: 'A new image.' };

describe('how a rollout went', () => {
  it('is each state from when it was entered until the next was, and Conclude until the end', () => {
    const trail = [entered('AcceptIntent', 0, roll), entered('Preflight', 1.25), entered('RollService', 3)];
    expect(courseOf(undefined, { trail, enteredAt: at(4) }, NOW + 5_500)?.states).toEqual([
      { name: 'AcceptIntent', enteredAt: NOW, leftAt: NOW + 1_250 },
      { name: 'Preflight', enteredAt: NOW + 1_250, leftAt: NOW + 3_000 },
      { name: 'RollService', enteredAt: NOW + 3_000, leftAt: NOW + 4_000 },
      { name: 'Conclude', enteredAt: NOW + 4_000, leftAt: NOW + 5_500 },
    ]);
  });

  it('joins the visits of a state that follow one another', () => {
    const trail = [entered('RollService', 0), entered('AwaitSteadyState', 1), entered('AwaitSteadyState', 61)];
    expect(courseOf(undefined, { trail, enteredAt: at(90) }, NOW + 91_000)?.states[1]).toEqual({
      name: 'AwaitSteadyState',
      enteredAt: NOW + 1_000,
      leftAt: NOW + 90_000,
    });
  });

  it('puts verdicts that the ledger remembers among the decisions of the other steps, in the order of time', () => {
    const trail = [
      entered('AcceptIntent', 0, roll),
      entered('AwaitSteadyState', 2),
      entered('RollBack', 60, { word: 'rolled', reason: 'Updated', message: 'Back.' }),
    ];
    const failed = { word: 'failed', reason: 'OutOfMemory', message: 'It died.', task: {} };
    const judged = withJudged(owner(), 'steady', failed, NOW + 59_500);
    expect(courseOf(judged, { trail, enteredAt: at(62) }, NOW + 63_000)?.decisions).toEqual([
      { at: NOW + 2_000, state: 'AcceptIntent', ...roll },
      { at: NOW + 59_500, state: 'AwaitSteadyState', word: 'failed', reason: 'OutOfMemory', message: 'It died.' },
      { at: NOW + 62_000, state: 'RollBack', word: 'rolled', reason: 'Updated', message: 'Back.' },
    ]);
  });

  it('says once that the service was busy, however often it was looked, and again after something else', () => {
    const busy = { word: 'busy', reason: 'Owned' };
    const words = [busy, busy, roll, busy].map((said, index) => entered('AcceptIntent', index, said));
    const decisions = courseOf(undefined, { trail: words, enteredAt: at(9) }, NOW + 9_000)!.decisions;
    expect(decisions.map(({ word }) => word)).toEqual(['busy', 'roll', 'busy']);
  });

  it('keeps one line of each message, and no longer one than any other', () => {
    const trail = [
      entered('AcceptIntent', 0, { word: 'roll', reason: 'x'.repeat(300), message: `a\n\u202eb${'c'.repeat(900)}` }),
    ];
    const [decision] = courseOf(undefined, { trail, enteredAt: at(1) }, NOW + 1_000)!.decisions;
    expect(decision!.reason).toHaveLength(100);
    expect(decision!.message).toMatch(/^a bc+…$/);
    expect(decision!.message).toHaveLength(500);
  });

  it('is not known where the definition is that of an older release', () => {
    expect(courseOf(owner(), {}, NOW)).toBeUndefined();
  });

  it('forgets the oldest verdicts of an owner that is judged again and again', () => {
    let judged = owner();
    for (let look = 0; look < 15; look++)
      judged = withJudged(judged, 'bake', { word: `w${look}`, reason: 'R', message: 'M' }, NOW + look);
    expect(judged.judged?.map(({ word }) => word)).toEqual(Array.from({ length: 10 }, (_, index) => `w${index + 5}`));
  });
});
