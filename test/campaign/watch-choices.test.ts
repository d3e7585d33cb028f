import { describe, expect, it } from 'vitest';
import { rolledOverChoices } from '../../campaign/watch-choices.ts';

const push = (at: number, digest: string, tag = 'v1') => ({ at, digest, tag });
const PUSHES = [push(0, 'one'), push(100, 'two'), push(400, 'three')];
const ended = (rolloutId: string, startedAt: number, digest: string, changes: object = {}) => ({
  ...{ rolloutId, outcome: 'SUCCEEDED', image: { digest }, startedAt, endedAt: startedAt + 50, trigger: 'push' },
  ...changes,
});
const choice = (changes: object = {}) =>
  ended('2', 200, 'one', { request: { rollback: true }, trigger: 'person', ...changes });
const AFTER = ended('4', 400, 'three');

const found = (records: readonly ReturnType<typeof ended>[]) =>
  rolledOverChoices(records, { pushes: PUSHES }, (tag) => tag === 'v1');

describe("somebody's choice", () => {
  it('is not rolled over by a push', () => {
    expect(found([choice(), AFTER])).toEqual([
      "choice: one was somebody's choice in rollout 2, and rollout 4 of a push rolled three over it.",
    ]);
  });

  it.each([
    ['what was named failed', ended('3', 300, 'bad', { request: { digest: 'bad' }, outcome: 'ROLLED_BACK' })],
    ['a push beside it is held', ended('3', 300, 'bad', { outcome: 'HELD' })],
  ])('lasts where %s', (_where, between) => {
    expect(found([choice(), between, AFTER])).toHaveLength(1);
  });

  it.each([
    ['it is what was pushed last', [ended('2', 200, 'two', { request: { digest: 'two' } }), AFTER]],
    ['it came to be pushed last meanwhile', [choice({ image: { digest: 'three' }, endedAt: 450 }), AFTER]],
    ['it failed', [choice({ outcome: 'ROLLED_BACK' }), AFTER]],
    ['somebody follows pushes since', [choice(), ended('3', 300, 'two', { request: {}, outcome: 'HELD' }), AFTER]],
    ['somebody named what was pushed last', [choice(), ended('3', 300, 'two', { request: { tag: 'v1' } }), AFTER]],
    ['the push is held', [choice(), { ...AFTER, outcome: 'HELD' }]],
    ['the tick brings it back', [choice(), ended('4', 400, 'one', { trigger: 'tick' })]],
  ])('is none, or no more, where %s', (_where, records) => {
    expect(found(records)).toEqual([]);
  });
});
