import { expect, it } from 'vitest';
import { liveAt, type RolloutNow } from '../../../cli/verbs/watch/live.ts';
import { NOW, owner, waiting } from '../../functions/rollout/given.ts';

const SECOND = 1000;
const TASKS = 'new :3 2 running, old :2 1 running';

/** The parts of the line, 100 s after the rollout began. */
const parts = (changes: Partial<RolloutNow> = {}): readonly string[] => {
  const standing = { startedAt: NOW - 100 * SECOND, state: 'AwaitSteadyState', tasks: TASKS, owner: undefined };
  const live = liveAt({ ...standing, ...changes }, NOW);
  expect(live.seconds).toBe(100);
  return live.parts;
};

it.each([
  ['seconds', 59 * SECOND, '0:59'],
  ['minutes', 874 * SECOND - 1, '14:34'],
  ['hours', 3723 * SECOND, '1:02:03'],
])('counts a deadline down in %s, as progress has moved it', (_, left, text) => {
  const watched = owner({ phase: waiting({ deadline: NOW + left }), deadline: NOW + 99 * SECOND * 60 });
  expect(parts({ owner: watched })).toEqual(['AwaitSteadyState', TASKS, `deadline in ${text}`]);
});

it('has the deadline of the whole before anything is waited for', () => {
  const began = owner({ phase: { name: 'preparing' }, deadline: NOW + 60 * SECOND });
  expect(parts({ state: 'Preflight', tasks: '', owner: began })).toEqual(['Preflight', 'deadline in 1:00']);
});

it('says that a deadline has passed', () => {
  const late = owner({ phase: waiting({ deadline: NOW }) });
  expect(parts({ owner: late }).at(-1)).toBe('past its deadline');
});

it.each([
  [-1, 'Bake 0 of 60 s'],
  [34.9, 'Bake 34 of 60 s'],
  [70, 'Bake 60 of 60 s'],
])('counts a bake up to its time, %s s after it began, and no deadline with it', (passed, text) => {
  const since = NOW - passed * SECOND;
  const baking = owner({ phase: waiting({ kind: 'bake', since, until: since + 60 * SECOND }) });
  expect(parts({ state: 'Bake', owner: baking })).toEqual([text, TASKS]);
});

it.each(['Conclude', 'Done', 'RollBack'])('bakes no more in %s, whatever the ledger says still', (state) => {
  const baking = owner({ phase: waiting({ kind: 'bake', since: NOW, until: NOW + 60 * SECOND }) });
  expect(parts({ state, owner: baking })[0]).toBe(state);
});

it('has no deadline once the rollout concludes, or where another one owns the service', () => {
  expect(parts({ state: 'Conclude', owner: owner({ phase: { name: 'concluding' } }) })).toEqual(['Conclude', TASKS]);
  expect(parts({ state: 'AwaitTurn' })).toEqual(['AwaitTurn', TASKS]);
});

it('begins before its first state', () => {
  expect(parts({ state: undefined, tasks: '' })).toEqual(['begins']);
});
