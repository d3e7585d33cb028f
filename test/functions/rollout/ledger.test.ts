import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  beginMutation,
  beginWatch,
  ownedBy,
  isMutationOver,
  ledgerTime,
  queue,
  recordVerdict,
  release,
  withOwner,
  type LedgerState,
  type PendingRollout,
} from '../../../functions/rollout/ledger.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import type { Watch } from '../../../functions/rollout/watch.ts';
import { deployment, execution, owner, ledger, MINUTE, mutating, NOW, revision, waiting, watch } from './given.ts';

const pending = (rolloutId: string, startedAt: number, token = `token-${rolloutId}`): PendingRollout => ({
  rolloutId,
  executionArn: execution(rolloutId),
  startedAt,
  token,
});
const STEADY = verdict('steady', 'EvidenceComplete', 'fine');
const FAILED = verdict('failed', 'EssentialContainerExited', 'broken');
const WAITING = ledger({ owner: owner({ phase: waiting() }) });

describe('a verdict', () => {
  it('is written for the watch that it judges', () => {
    expect(recordVerdict(WAITING, 'token-1', FAILED, NOW)?.owner?.phase).toEqual(waiting({}, FAILED));
  });

  it('stands once it is written: the first one wins', () => {
    const judged = recordVerdict(WAITING, 'token-1', FAILED, NOW)!;
    expect(recordVerdict(judged, 'token-1', STEADY, NOW)).toBeUndefined();
  });

  it.each<[string, LedgerState]>([
    ['another watch', WAITING],
    ['no watch', ledger({ owner: owner() })],
    ['no owner', ledger()],
  ])('is refused where there is %s', (_case, state) => {
    expect(recordVerdict(state, 'token-of-yesterday', STEADY, NOW)).toBeUndefined();
  });

  it('does not shorten a lease that was taken for a long wait', () => {
    const long = beginWatch(ledger(), owner(), watch(), NOW, 1200);
    const judged = recordVerdict(long, 'token-1', FAILED, NOW + MINUTE);
    expect(judged?.owner?.leaseUntil).toBe(long.owner?.leaseUntil);
  });
});

describe('a watch', () => {
  it('is stored with a lease that outlives the wait', () => {
    const state = beginWatch(ledger(), owner(), watch(), NOW, 1200);
    expect(state.owner).toMatchObject({ phase: waiting(), leaseUntil: NOW + 1_800_000 });
  });

  it('begins without a verdict, unless the same wait was judged before', () => {
    const judged = owner({ phase: waiting({}, FAILED) });
    const begun = (next: Partial<Watch>) => beginWatch(ledger(), judged, watch(next), NOW, 60).owner?.phase;
    expect(begun({ token: 'token-2' })).toEqual(waiting({ token: 'token-2' }, FAILED));
    expect(begun({ kind: 'bake' })).toEqual(waiting({ kind: 'bake' }));
    expect(begun({ deploymentId: deployment(3) })).toEqual(waiting({ deploymentId: deployment(3) }));
  });

  it('ends the time in which a change may be in flight', () => {
    const changing = owner({ phase: mutating() });
    expect(isMutationOver(beginWatch(ledger(), changing, watch(), NOW, 60).owner!, NOW)).toBe(true);
  });
});

describe('a change of the service', () => {
  it('is written down with its target before it is made, and forgets the last watch', () => {
    const judged = owner({ phase: waiting({}, FAILED), targets: [revision(2)] });
    const { owner: next } = beginMutation(ledger(), judged, revision(1), NOW + MINUTE, NOW);
    expect(next).toMatchObject({ phase: mutating(), deadline: NOW + MINUTE });
    expect(next?.targets).toEqual([revision(2), revision(1)]);
    expect(next?.phase).toEqual(mutating());
  });

  it('names a target once, however often it is tried', () => {
    const once = beginMutation(ledger(), owner(), revision(2), NOW, NOW).owner!;
    expect(beginMutation(ledger(), once, revision(2), NOW, NOW).owner?.targets).toEqual([revision(2)]);
  });

  it('is over when the function that made it must have ended', () => {
    const changing = owner({ phase: mutating() });
    expect(isMutationOver(changing, NOW + 29_999)).toBe(false);
    expect(isMutationOver(changing, NOW + 30_000)).toBe(true);
    expect(isMutationOver(owner({ phase: waiting() }), NOW)).toBe(true);
  });
});

describe('the queue', () => {
  it('has one place', () => {
    expect(queue(ledger(), pending('r2', NOW))).toEqual({ state: ledger({ pending: pending('r2', NOW) }) });
  });

  it.each<[string, PendingRollout, PendingRollout]>([
    ['the older came first', pending('old', NOW), pending('new', NOW + 1)],
    ['the newer came first', pending('new', NOW + 1), pending('old', NOW)],
  ])('keeps the newer rollout and tells the older one, when %s', (_case, first, second) => {
    const queued = queue(queue(ledger(), first).state, second);
    expect(queued.state.pending?.rolloutId).toBe('new');
    expect(queued.displaced?.rolloutId).toBe('old');
  });

  it('takes the new token of a rollout that waits again', () => {
    const state = ledger({ pending: pending('r2', NOW, 'lost') });
    const queued = queue(state, pending('r2', NOW, 'fresh'));
    expect(queued).toEqual({ state: ledger({ pending: pending('r2', NOW, 'fresh') }) });
  });

  const persons = (rolloutId: string, startedAt: number): PendingRollout => ({
    ...pending(rolloutId, startedAt),
    isPersons: true,
  });

  it.each<[string, PendingRollout, PendingRollout, string]>([
    ["a person's choice against a newer push", persons('person', NOW), pending('push', NOW + 1), 'person'],
    ["a person's choice over an older push", pending('push', NOW), persons('person', NOW + 1), 'person'],
    ["a person's choice over a newer push that was first", pending('push', NOW + 1), persons('person', NOW), 'person'],
    ["a person's newer choice over an older one", persons('old', NOW), persons('person', NOW + 1), 'person'],
  ])('keeps %s', (_case, first, second, kept) => {
    const queued = queue(queue(ledger(), first).state, second);
    expect(queued.state.pending?.rolloutId).toBe(kept);
    expect(queued.displaced?.rolloutId).toBe(kept === first.rolloutId ? second.rolloutId : first.rolloutId);
  });

  it('keeps no place for a rollout whose execution is over', () => {
    const queued = queue(ledger({ pending: persons('dead', NOW) }), pending('push', NOW + 1), true);
    expect(queued.state.pending?.rolloutId).toBe('push');
  });

  it("ends with the newest of the persons' rollouts, else of all, in whatever order they come", () => {
    const start = fc.record({ at: fc.nat(1000), isPersons: fc.boolean() });
    const starts = fc.uniqueArray(start, { minLength: 1, maxLength: 8, selector: ({ at }) => at });
    fc.assert(
      fc.property(starts, (all) => {
        const wait = (at: number, isPersons: boolean): PendingRollout => (isPersons ? persons : pending)(`r${at}`, at);
        const end = all.reduce((state, { at, isPersons }) => queue(state, wait(at, isPersons)).state, ledger());
        const first = all.some(({ isPersons }) => isPersons) ? all.filter(({ isPersons }) => isPersons) : all;
        expect(end.pending?.startedAt).toBe(Math.max(...first.map(({ at }) => at)));
      }),
    );
  });
});

describe('release', () => {
  const record = (rolloutId: string): LedgerState['outbox'][number] => ({
    schema: 1,
    rolloutId,
    executionArn: execution(rolloutId),
    service: 'default/web',
    outcome: 'SUCCEEDED',
    reason: 'x',
    message: 'x',
    startedAt: NOW,
    endedAt: NOW,
  });

  it('drops the lease and the records that were projected, and nothing else', () => {
    const state = ledger({ owner: owner(), outbox: [record('r1'), record('r0')], pending: pending('r2', NOW) });
    expect(release(state, 'r1', ['r1'])).toEqual(ledger({ outbox: [record('r0')], pending: pending('r2', NOW) }));
  });

  it("leaves another rollout's lease alone", () => {
    const state = ledger({ owner: owner(), outbox: [record('r9')] });
    expect(release(state, 'r9', ['r9'])).toEqual(ledger({ owner: owner() }));
  });

  it('clears the place in the queue of a rollout that is over', () => {
    const state = ledger({ owner: owner(), pending: pending('r2', NOW) });
    expect(release(state, 'r2', [])).toEqual(ledger({ owner: owner() }));
  });
});

it('never reads a time that lies before what the ledger knows', () => {
  expect(ledgerTime(NOW - 5000, ledger({ updatedAt: NOW }))).toBe(NOW);
  expect(ledgerTime(NOW + 5000, ledger({ updatedAt: NOW }))).toBe(NOW + 5000);
});

it('renews a lease past the expected next step, and never shortens it', () => {
  expect(withOwner(ledger(), owner(), NOW).owner?.leaseUntil).toBe(NOW + 10 * MINUTE);
  const long = owner({ leaseUntil: NOW + 60 * MINUTE });
  expect(withOwner(ledger(), long, NOW).owner?.leaseUntil).toBe(NOW + 60 * MINUTE);
});

it('knows whose lease it is', () => {
  expect(ownedBy(WAITING, 'r1')?.rolloutId).toBe('r1');
  expect(ownedBy(WAITING, 'r2')).toBeUndefined();
  expect(ownedBy(ledger(), 'r1')).toBeUndefined();
});
