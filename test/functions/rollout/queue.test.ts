import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LedgerState, PendingRollout } from '../../../functions/rollout/ledger.ts';
import { queue } from '../../../functions/rollout/queue.ts';
import { ledger, NOW, pending } from './given.ts';

const push = (rolloutId: string, startedAt: number): PendingRollout => pending(rolloutId, { startedAt });
const persons = (rolloutId: string, startedAt: number): PendingRollout =>
  pending(rolloutId, { startedAt, isPersons: true });

/** Lets a rollout wait that has the token `token-` and its id. */
const wait = (state: LedgerState, newcomer: PendingRollout) => queue(state, newcomer, `token-${newcomer.rolloutId}`);

describe('the queue', () => {
  it('has one place', () => {
    expect(wait(ledger(), pending('r2'))).toEqual({
      state: ledger({ pending: pending('r2'), tokens: { turn: 'token-r2' } }),
    });
  });

  it.each<[string, PendingRollout, PendingRollout]>([
    ['the older came first', push('old', NOW), push('new', NOW + 1)],
    ['the newer came first', push('new', NOW + 1), push('old', NOW)],
    ['both started in one millisecond', push('old', NOW), push('new', NOW)],
  ])('keeps the newer rollout and tells the older one, when %s', (_case, first, second) => {
    const queued = wait(wait(ledger(), first).state, second);
    expect(queued.state.pending?.rolloutId).toBe('new');
    expect(queued.displaced).toMatchObject({ rolloutId: 'old', token: 'token-old' });
    // Its token alone would not prove it.
    expect(queued.state.displaced).toEqual(['old']);
  });

  it('writes once that a rollout lost its place', () => {
    const { state } = wait(wait(ledger(), push('old', NOW)).state, push('new', NOW + 1));
    expect(wait(state, push('old', NOW)).state).toBe(state);
  });

  it('forgets that a rollout lost its place which has one again, and remembers twenty', () => {
    const full = Array.from({ length: 20 }, (_, index) => `r${index}`);
    const { state } = wait(ledger({ displaced: full, pending: push('old', NOW) }), push('r3', NOW + 1));
    expect(state.displaced).toEqual(['old', ...full.filter((rolloutId) => rolloutId !== 'r3')]);
    expect(wait(ledger({ displaced: full, pending: push('old', NOW) }), push('new', NOW + 1)).state.displaced).toEqual([
      'old',
      ...full.slice(0, 19),
    ]);
  });

  it('takes the new token of a rollout that waits again', () => {
    const state = ledger({ pending: pending('r2'), tokens: { watch: 'token-1', turn: 'lost' } });
    const queued = queue(state, pending('r2'), 'fresh');
    expect(queued).toEqual({ state: { ...state, tokens: { watch: 'token-1', turn: 'fresh' } } });
  });

  it.each<[string, PendingRollout, PendingRollout, string]>([
    ["a person's choice against a newer push", persons('person', NOW), push('push', NOW + 1), 'person'],
    ["a person's choice over an older push", push('push', NOW), persons('person', NOW + 1), 'person'],
    ["a person's choice over a newer push that was first", push('push', NOW + 1), persons('person', NOW), 'person'],
    ["a person's newer choice over an older one", persons('old', NOW), persons('person', NOW + 1), 'person'],
  ])('keeps %s', (_case, first, second, kept) => {
    const queued = wait(wait(ledger(), first).state, second);
    expect(queued.state.pending?.rolloutId).toBe(kept);
    expect(queued.displaced?.rolloutId).toBe(kept === first.rolloutId ? second.rolloutId : first.rolloutId);
  });

  it("ends with the newest of the persons' rollouts, else of all, in whatever order they come", () => {
    const starting = fc.record({ at: fc.nat(1000), isPersons: fc.boolean() });
    const starts = fc.uniqueArray(starting, { minLength: 1, maxLength: 8, selector: ({ at }) => at });
    fc.assert(
      fc.property(starts, (all) => {
        const start = (at: number, isPersons: boolean): PendingRollout =>
          pending(`r${at}`, { startedAt: at, isPersons });
        const end = all.reduce((state, { at, isPersons }) => wait(state, start(at, isPersons)).state, ledger());
        const first = all.some(({ isPersons }) => isPersons) ? all.filter(({ isPersons }) => isPersons) : all;
        expect(end.pending?.startedAt).toBe(Math.max(...first.map(({ at }) => at)));
      }),
    );
  });
});
