import { describe, expect, it } from 'vitest';
import {
  beginMutation,
  beginWatch,
  forgottenInTurn,
  isAttempted,
  isMutationOver,
  ownedBy,
  recordVerdict,
  release,
  waitingInTurn,
  withOwner,
  isToldBy,
  withoutSpentTokens,
} from '../../../functions/rollout/lease.ts';
import {
  LEASE_MARGIN_SECONDS,
  ledgerTime,
  LONGEST_WAIT_SECONDS,
  type LedgerState,
  type Owner,
} from '../../../functions/rollout/ledger.ts';
import { verdict, type Verdict } from '../../../functions/rollout/verdict.ts';
import type { Watch } from '../../../functions/rollout/watch.ts';
import {
  deployment,
  digest,
  ledger,
  MINUTE,
  mutating,
  NOW,
  owner,
  pending,
  record,
  revision,
  target,
  waiting,
  watch,
} from './given.ts';

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

  it('that an image failed quarantines it in the same write, and no later end moves that', () => {
    const judged = recordVerdict(WAITING, 'token-1', FAILED, NOW)!;
    const entry = { digest: digest('b'), since: NOW, rolloutId: 'r1', reason: FAILED.reason };
    expect(judged.quarantine).toEqual([entry]);
  });

  it.each<[string, Partial<Owner>, Partial<Watch>, Verdict]>([
    ['that it is healthy', {}, {}, STEADY],
    ['that says nothing of the image', {}, {}, verdict('failed', 'DeadlineExceeded', 'late')],
    ['of the way back', {}, { kind: 'rollback' }, FAILED],
    ['of what a dead rollout left', { purpose: 'recover' }, {}, FAILED],
    ['of an image that is its own rollback target', { rollbackTarget: target('b', 1) }, {}, FAILED],
  ])('%s quarantines nothing', (_case, mine, of, judged) => {
    const state = ledger({ owner: owner({ ...mine, phase: waiting(of) }) });
    expect(recordVerdict(state, 'token-1', judged, NOW)?.quarantine).toEqual([]);
  });

  it('does not shorten a lease that was taken for a long wait', () => {
    const long = beginWatch(ledger(), owner(), watch(), 'token-1', NOW, 1200);
    const judged = recordVerdict(long, 'token-1', FAILED, NOW + MINUTE);
    expect(judged?.owner?.leaseUntil).toBe(long.owner?.leaseUntil);
  });
});

describe('a watch', () => {
  it('is stored with a lease that outlives the wait', () => {
    const state = beginWatch(ledger(), owner(), watch(), 'token-1', NOW, 1200);
    expect(state.owner).toMatchObject({ phase: waiting(), leaseUntil: NOW + 1_800_000 });
  });

  it('begins without a verdict, unless the same wait was judged before', () => {
    const judged = owner({ phase: waiting({}, FAILED) });
    const begun = (next: Partial<Watch>) => beginWatch(ledger(), judged, watch(next), 'token-2', NOW, 60).owner?.phase;
    expect(begun({})).toEqual(waiting({}, FAILED));
    expect(begun({ kind: 'bake' })).toEqual(waiting({ kind: 'bake' }));
    expect(begun({ deploymentId: deployment(3) })).toEqual(waiting({ deploymentId: deployment(3) }));
  });

  it('has its token in the one place for tokens, until nobody waits any more', () => {
    const watched = beginWatch(ledger({ tokens: { turn: 'token-9' } }), owner(), watch(), 'token-2', NOW, 60);
    expect(watched.tokens).toEqual({ watch: 'token-2', turn: 'token-9' });
    expect(JSON.stringify({ ...watched, tokens: {} })).not.toContain('token-');
    // Nobody waits for a turn here.
    const told = withoutSpentTokens(watched);
    expect(told.tokens).toEqual({ watch: 'token-2' });
    expect(withoutSpentTokens(told)).toBe(told);
    const changing = withoutSpentTokens(beginMutation(told, owner(), revision(1), NOW, NOW));
    expect(changing.tokens).toEqual({});
    const doubted = { ...told, tokens: { ...told.tokens, doubted: 'token-2' } };
    expect(withoutSpentTokens(doubted).tokens).toEqual({ watch: 'token-2', doubted: 'token-2' });
    expect(withoutSpentTokens({ ...doubted, owner: undefined }).tokens).toEqual({});
  });

  it('is told by nobody where no token is known', () => {
    expect(isToldBy(ledger(), undefined)).toBe(false);
    expect(isToldBy(ledger({ tokens: { watch: 'token-1' } }), 'token-1')).toBe(true);
  });

  it('keeps the doubt for which the same thing is looked at again, and no other', () => {
    const event = { kind: 'deployment', deploymentId: deployment(2), at: NOW, says: 'completed' } as const;
    const doubt = { event, looks: 2 };
    const doubting = owner({ phase: { name: 'waiting', watch: watch(), doubt } });
    const begun = (next: Partial<Watch>) =>
      beginWatch(ledger(), doubting, watch(next), 'token-2', NOW, 60).owner?.phase;
    expect(begun({})).toEqual({ ...waiting({}), doubt });
    expect(begun({ kind: 'bake' })).toEqual(waiting({ kind: 'bake' }));
  });

  it('ends the time in which a change may be in flight', () => {
    const changing = owner({ phase: mutating() });
    expect(isMutationOver(beginWatch(ledger(), changing, watch(), 'token-1', NOW, 60).owner!, NOW)).toBe(true);
  });
});

describe('an owner that waits for its turn', () => {
  it('keeps its lease beyond the longest wait, and says that something may be remembered', () => {
    const { owner: next } = waitingInTurn(ledger(), owner(), NOW)!;
    expect(next).toMatchObject({
      phase: { name: 'preparing', isPostponed: true },
      leaseUntil: NOW + (LEASE_MARGIN_SECONDS + LONGEST_WAIT_SECONDS) * 1000,
    });
  });

  it('writes again only when half of the lease is gone', () => {
    const begun = waitingInTurn(ledger(), owner(), NOW)!;
    const later = (ms: number) => waitingInTurn(begun, begun.owner!, NOW + ms);
    expect(later(MINUTE)).toBeUndefined();
    expect(later(4 * MINUTE)).toBeUndefined();
    expect(later(6 * MINUTE)?.owner?.leaseUntil).toBe(
      NOW + 6 * MINUTE + (LEASE_MARGIN_SECONDS + LONGEST_WAIT_SECONDS) * 1000,
    );
  });

  it('leaves every later phase as it is', () => {
    const phase = mutating(NOW);
    const changing = owner({ phase, leaseUntil: NOW });
    expect(waitingInTurn(ledger(), changing, NOW)?.owner?.phase).toEqual(phase);
  });

  it('is asked to forget once, and only where it may remember', () => {
    const begun = waitingInTurn(ledger({ owner: owner() }), owner(), NOW)!;
    const forgotten = forgottenInTurn(begun, 'r1', NOW + 1)!;
    expect(forgotten.owner?.phase).toEqual({ name: 'preparing' });
    expect(forgottenInTurn(forgotten, 'r1', NOW + 2)).toBeUndefined();
    expect(forgottenInTurn(begun, 'another', NOW + 1)).toBeUndefined();
  });
});

describe('a change of the service', () => {
  it('is written down with its target before it is made, and forgets the last watch', () => {
    const judged = owner({ phase: waiting({}, FAILED), targets: [revision(2)] });
    const { owner: next } = beginMutation(ledger(), judged, revision(1), NOW + MINUTE, NOW);
    expect(next).toMatchObject({ phase: mutating(), deadline: NOW + MINUTE });
    expect(next?.targets).toEqual([revision(2), revision(1)]);
    expect(next?.phase).toEqual({ ...mutating(), uncertain: 1 });
  });

  it('names a target once, however often it is tried', () => {
    const once = beginMutation(ledger(), owner(), revision(2), NOW, NOW).owner!;
    expect(beginMutation(ledger(), once, revision(2), NOW, NOW).owner?.targets).toEqual([revision(2)]);
  });

  it('is known to have been attempted until something is known of its end', () => {
    const begun = beginMutation(ledger(), owner({ targets: [revision(2)] }), revision(1), NOW, NOW).owner!;
    expect(isAttempted(begun, revision(1))).toBe(true);
    expect(isAttempted(begun, revision(2))).toBe(false);
    expect(isAttempted({ ...begun, phase: waiting() }, revision(1))).toBe(false);
    // What a dead rollout put back is no attempt of the one that took over from it.
    expect(isAttempted({ ...begun, phase: { name: 'preparing' } }, revision(1))).toBe(false);
  });

  it('is over when the function that made it must have ended', () => {
    const changing = owner({ phase: mutating() });
    expect(isMutationOver(changing, NOW + 29_999)).toBe(false);
    expect(isMutationOver(changing, NOW + 30_000)).toBe(true);
    expect(isMutationOver(owner({ phase: waiting() }), NOW)).toBe(true);
  });
});

describe('release', () => {
  it('drops the lease and the records that were projected, and nothing else', () => {
    const state = ledger({
      owner: owner(),
      outbox: [record({ rolloutId: 'r1' }), record({ rolloutId: 'r0' })],
      pending: pending('r2'),
    });
    expect(release(state, 'r1', ['r1'])).toEqual(
      ledger({ outbox: [record({ rolloutId: 'r0' })], pending: pending('r2') }),
    );
  });

  it("leaves another rollout's lease alone", () => {
    const state = ledger({ owner: owner(), outbox: [record({ rolloutId: 'r9' })] });
    expect(release(state, 'r9', ['r9'])).toEqual(ledger({ owner: owner() }));
  });

  it('clears the place in the queue of a rollout that is over', () => {
    const state = ledger({ owner: owner(), pending: pending('r2') });
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
