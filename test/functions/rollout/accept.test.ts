import { describe, expect, it } from 'vitest';
import { acceptIntent, isOutdated, type AcceptFacts } from '../../../functions/rollout/accept.ts';
import type { Intent, PersonsRequest } from '../../../functions/rollout/intent.ts';
import { release } from '../../../functions/rollout/lease.ts';
import type { LedgerState, Owner } from '../../../functions/rollout/ledger.ts';
import { goalForward } from '../../../functions/rollout/plan-roll.ts';
import { queue } from '../../../functions/rollout/queue.ts';
import {
  BASELINE,
  choice,
  config,
  CONCLUDING,
  deployment,
  digest,
  emptyService,
  EXACT,
  execution,
  facts,
  owner,
  image,
  ledger,
  MINUTE,
  mutating,
  NOW,
  pending,
  proven,
  quarantined,
  record,
  revision,
  SEMVER,
  target,
  waiting,
} from './given.ts';

const accept = (state: LedgerState, changes: Partial<AcceptFacts> = {}, now = NOW): ReturnType<typeof acceptIntent> =>
  acceptIntent(state, facts(changes), config(), now);
const SEEN_A = ledger({ seen: image('a', NOW - 9000) });

describe('a free service', () => {
  it('is taken for a new image, with all that a rollback will need', () => {
    const { decision, state } = accept(SEEN_A);
    expect(decision).toMatchObject({ word: 'roll', image: image('b'), rollbackTarget: target('a', 1) });
    expect(state).toMatchObject({ generation: 5, seen: image('b') });
    expect(state?.owner).toEqual({
      rolloutId: 'r2',
      executionArn: execution('r2'),
      generation: 5,
      purpose: 'roll',
      phase: { name: 'preparing' },
      leaseUntil: NOW + 10 * MINUTE,
      deadline: NOW + 30 * MINUTE,
      startedAt: NOW,
      targets: [],
      isTick: false,
      accepted: { reason: decision.reason, message: decision.message },
      trigger: 'push',
      image: image('b'),
      seenBefore: image('a', NOW - 9000),
      baseline: { ...BASELINE, older: [] },
      rollbackTarget: target('a', 1),
    });
  });

  it('remembers every deployment that is older, for only ECS brings one of them back', () => {
    const verified = [proven('a', 1), proven('c', 4)];
    const { running } = facts();
    const older = [deployment(5), deployment(4)];
    const { state } = accept({ ...SEEN_A, verified }, { running: { ...running!, older } });
    expect(state?.owner?.baseline).toEqual({ ...BASELINE, older });
  });

  it.each<[string, Partial<AcceptFacts>, string]>([
    ['the image runs already', { selected: image('a'), intent: { kind: 'tick' } }, 'nothing'],
    ['the selection is older than what was seen', { selected: image('c', NOW - 10_000) }, 'stale'],
    ['the input is malformed', { intent: { kind: 'malformed', message: 'no', trigger: 'person' } }, 'rejected'],
    ['a person names what ECR lacks', { intent: { kind: 'person', tag: 'nope' } }, 'rejected'],
  ])('stays free, and the ledger unwritten, when %s', (_case, changes, word) => {
    const accepted = accept(SEEN_A, changes);
    expect(accepted.decision.word).toBe(word);
    expect(accepted.state).toBeUndefined();
  });

  it('has taken the first look with the first image, and then no more only looked at what it rolls', () => {
    expect(accept(ledger()).state?.firstLook).toEqual({ at: NOW });
    const looked = { at: NOW - MINUTE, digest: digest('b') };
    expect(accept({ ...SEEN_A, firstLook: looked }).state?.firstLook).toEqual({ at: NOW - MINUTE });
    const other = { at: NOW - MINUTE, digest: digest('c') };
    expect(accept({ ...SEEN_A, firstLook: other }).state?.firstLook).toEqual(other);
  });

  it('leaves the queue when its rollout takes the service', () => {
    expect(accept({ ...SEEN_A, pending: pending('r2') }).state?.pending).toBeUndefined();
    expect(accept({ ...SEEN_A, pending: pending('r3') }).state?.pending).toEqual(pending('r3'));
  });

  it('does not mark the selection as dealt with when a person rolls something else', () => {
    const intent = { kind: 'person', digest: digest('c') } as const;
    const { state } = accept(SEEN_A, { intent, named: image('c', NOW - 50_000) });
    expect(state?.owner).toMatchObject({ image: { digest: digest('c') }, choice: choice(true) });
    expect(state?.seen).toEqual(SEEN_A.seen);
  });
});

describe('what was seen of the service', () => {
  it.each<[string, boolean, LedgerState, LedgerState]>([
    ['stands while nothing happened', false, SEEN_A, { ...SEEN_A, version: 8 }],
    ['stands beside whoever owns it now', false, SEEN_A, { ...SEEN_A, generation: 5, owner: owner() }],
    ['is outdated once its owner is gone', true, { ...SEEN_A, owner: owner() }, SEEN_A],
    ['is outdated once a rollout came and went', true, SEEN_A, { ...SEEN_A, generation: 5 }],
  ])('%s', (_what, is, seen, state) => {
    expect(isOutdated(seen, state)).toBe(is);
  });
});

describe('the rollback target', () => {
  const bad = [quarantined('a')];
  it.each<[string, LedgerState, Partial<AcceptFacts>, unknown]>([
    ['is what runs and is proven', { ...SEEN_A, verified: [proven('c', 9)] }, {}, target('a', 1)],
    [
      'is the newest verified revision when what runs is not proven',
      { ...SEEN_A, verified: [proven('c', 9), proven('d', 8)] },
      { running: { deploymentId: deployment(3), createdAt: 1, taskDefinition: revision(3), desiredCount: 2 } },
      target('c', 9),
    ],
    [
      'is never a quarantined digest that runs',
      { ...SEEN_A, quarantine: bad, verified: [proven('c', 9)] },
      {},
      target('c', 9),
    ],
    [
      'is never a quarantined digest that was verified once',
      { ...SEEN_A, quarantine: bad, verified: [proven('a', 9), proven('d', 8)] },
      {},
      target('d', 8),
    ],
    ['is nothing when nothing is trusted', { ...SEEN_A, quarantine: bad }, {}, undefined],
  ])('%s', (_case, state, changes, back) => {
    const accepted = accept(state, changes);
    expect(accepted.decision.rollbackTarget).toEqual(back);
    expect(accepted.state?.owner?.rollbackTarget).toEqual(back);
  });
});

describe("somebody else's deployment that is under way", () => {
  const WAITER = {
    rolloutId: 'r2',
    executionArn: execution('r2'),
    startedAt: NOW,
    image: image('b'),
    trigger: 'push',
  } as const;
  const running = {
    deploymentId: deployment(3),
    createdAt: NOW - MINUTE,
    taskDefinition: revision(3),
    desiredCount: 2,
    underWay: 'sound',
  } as const;
  const state = { ...SEEN_A, verified: [proven('c', 9)] };

  it('is let finish by a push, which takes no lease before', () => {
    expect(accept(state, { running })).toEqual({
      decision: {
        word: 'let-finish',
        reason: 'DeploymentUnderWay',
        message: `ECS still deploys web:3 (${deployment(3)}), which is let finish first.`,
        pushed: image('b'),
        trigger: 'push',
        isRepair: false,
      },
      state: { ...state, lettingFinish: [WAITER] },
    });
  });

  it('is let finish by a push that is remembered once, and no longer than it waits', () => {
    const waiting = { ...state, lettingFinish: [WAITER] };
    expect(accept(waiting, { running }).state).toBeUndefined();
    expect(accept(waiting).state).toMatchObject({ owner: { rolloutId: 'r2' }, lettingFinish: [] });
    expect(queue(waiting, pending('r2'), 'token-2').state).toMatchObject({
      pending: { rolloutId: 'r2' },
      lettingFinish: [],
    });
    expect(release(waiting, 'r2', []).lettingFinish).toEqual([]);
    expect(release(waiting, 'r1', []).lettingFinish).toEqual([WAITER]);
  });

  it('is let finish by twenty that are remembered, the newest', () => {
    const many = Array.from({ length: 20 }, (_, index) => ({ ...WAITER, rolloutId: `w${index}` }));
    const { lettingFinish } = accept({ ...state, lettingFinish: many }, { running }).state!;
    expect(lettingFinish.map(({ rolloutId }) => rolloutId).slice(0, 2)).toEqual(['r2', 'w0']);
    expect(lettingFinish).toHaveLength(20);
  });

  it('is left to a later tick by this one, for which the selection stays news', () => {
    const { decision, state: next } = accept(state, { running, intent: { kind: 'tick' } });
    expect(decision).toMatchObject({ word: 'nothing', reason: 'DeploymentUnderWay', isRepair: true });
    expect(decision.image).toBeUndefined();
    expect(next).toBeUndefined();
  });

  it('is let finish although it fails, since the circuit breaker takes it back', () => {
    const failing = { ...running, underWay: 'failing' } as const;
    expect(accept(state, { running: failing }).decision.word).toBe('let-finish');
  });

  const { underWay: _way, ...over } = running;
  it.each<[string, Partial<AcceptFacts>, Partial<LedgerState>?]>([
    ['a person', { running, intent: { kind: 'person' } }],
    ['a push once it is over', { running: over }],
    ['a push once it is older than the deadline', { running: { ...running, createdAt: NOW - 30 * MINUTE } }],
    ['a push when its time is not known', { running: { ...running, createdAt: Number.NaN } }],
    [
      'a push when it is ours and fails',
      { running: { ...running, underWay: 'failing' } },
      { lastTargets: [revision(3)] },
    ],
  ])('does not keep %s waiting', (_who, changes, known = {}) => {
    expect(accept({ ...state, ...known }, changes).decision).toMatchObject({
      word: 'roll',
      rollbackTarget: target('c', 9),
    });
  });
});

describe('a service that another rollout owns', () => {
  const busy = ledger({ seen: image('b'), owner: owner({ image: image('b') }) });
  const other = {
    selected: image('c', NOW + 1),
    intent: { kind: 'push', tag: 'x', digest: digest('c'), at: NOW },
  } as const;

  it('makes a newcomer wait for its turn', () => {
    expect(accept(busy, { ...other, isOwnerRunning: true })).toEqual({
      decision: {
        word: 'busy',
        reason: 'ServiceBusy',
        message: 'Rollout r1 holds the service.',
        pushed: image('c', NOW, 'x'),
        trigger: 'push',
        isRepair: false,
      },
    });
  });

  it('is busy when nobody could say whether the owner runs', () => {
    expect(accept(busy, other).decision.word).toBe('busy');
  });

  it('needs no second rollout for the image that is being rolled', () => {
    expect(accept(busy, { isOwnerRunning: true }).decision).toMatchObject({
      word: 'nothing',
      reason: 'AlreadyRolling',
    });
  });

  it('lets the tick tell once of a push that waits and of which nobody heard', () => {
    const pinned = { ...SEEN_A, pin: { since: NOW - 5000, rolloutId: 'r0', digest: digest('a') } };
    const selected = image('b', NOW, '1.0.1');
    const found = (changes: Partial<LedgerState>): boolean => {
      const told = facts({ intent: { kind: 'tick' }, selected });
      const { decision } = acceptIntent({ ...pinned, ...changes }, told, config({ tagPolicy: SEMVER }), NOW);
      expect(decision).toMatchObject({ word: 'held', image: { digest: selected.digest } });
      return decision.isRepair;
    };
    const { selectedAt } = selected;
    expect(found({ firstLook: { at: selectedAt - 1 } })).toBe(false);
    expect(found({ firstLook: { at: selectedAt } })).toBe(true);
    expect(found({})).toBe(true);
    const firstLook = { at: selectedAt - 1 };
    expect(found({ firstLook, seen: selected })).toBe(true);
    // An image that had been pushed before what was seen, and has the tag now, is remembered as well.
    expect(found({ firstLook, seen: image('a', selectedAt + 1, '1.0.0') })).toBe(false);
  });

  it('leaves no record of a tick that found another rollout at work, for the same image or another', () => {
    const tick: Partial<AcceptFacts> = { intent: { kind: 'tick' }, isOwnerRunning: true };
    expect(accept(busy, tick).decision).toMatchObject({ word: 'nothing', isRepair: true });
    expect(accept(busy, { ...other, ...tick }).decision).toMatchObject({ word: 'busy', isRepair: true });
    expect(accept(busy, { isOwnerRunning: true }).decision).toMatchObject({ isRepair: false });
  });

  it('is busy even for the same image while that image is being taken back', () => {
    const recovering = { ...busy, owner: owner({ purpose: 'recover' }) };
    expect(accept(recovering, { isOwnerRunning: true }).decision.word).toBe('busy');
  });

  it.each<[string, Partial<Owner>]>([
    ['its watch has failed', { phase: waiting({}, { word: 'failed', reason: 'Crashed', message: 'It crashed.' }) }],
    ['it is being put back', { phase: mutating(), targets: [revision(2), revision(1)] }],
    ['its way back is watched', { phase: waiting({ kind: 'rollback' }) }],
    ['it has failed before it is put back', { failure: { word: 'failed', reason: 'Crashed', message: 'It crashed.' } }],
    ['its outcome is committed', { phase: CONCLUDING }],
  ])('is busy even for the same image once %s', (_when, changes) => {
    const ending = { ...busy, owner: owner(changes) };
    expect(accept(ending, { isOwnerRunning: true }).decision).toMatchObject({ word: 'busy' });
  });

  it('is busy even for the same image beside a dead rollout whose last change may be in flight', () => {
    const dying = { ...busy, owner: owner({ phase: mutating(), targets: [revision(2)] }) };
    expect(accept(dying, { isOwnerRunning: true }).decision.word).toBe('nothing');
    expect(accept(dying, { isOwnerRunning: false }).decision).toMatchObject({
      word: 'busy',
      message: 'Rollout r1 is over, but its last change of the service may still be under way.',
    });
  });

  it('queues a person even for the image that is being rolled', () => {
    const intent = { kind: 'person', tag: 'build-b' } as const;
    expect(accept(busy, { intent, named: image('b'), isOwnerRunning: true }).decision.word).toBe('busy');
  });

  it('does not give the one place in the queue to a push that would never be rolled', () => {
    const exact = config({ tagPolicy: EXACT });
    const accepted = acceptIntent(busy, facts({ ...other, isOwnerRunning: true }), exact, NOW);
    expect(accepted.decision).toMatchObject({ word: 'nothing', reason: 'TagNotSelected' });
  });

  it('answers a retry of the same rollout with what was decided before', () => {
    const mine = owner({ rolloutId: 'r2', choice: choice(true) });
    const accepted = accept(ledger({ owner: mine }), { selected: image('f', NOW + 5000) });
    expect(accepted).toEqual({
      decision: {
        word: 'roll',
        reason: 'AcceptedBefore',
        message: 'This rollout holds the service already.',
        image: image('b'),
        rollbackTarget: target('a', 1),
        choice: choice(true),
        isRepair: false,
      },
    });
  });

  it('remembers what a person asked for, for a retry and for whoever closes it', () => {
    const intent = { kind: 'person', rollback: true, reason: 'errors at login' } as const;
    const { decision, state } = accept({ ...SEEN_A, verified: [proven('a', 1), proven('d', 9)] }, { intent });
    const request = { rollback: true, reason: 'errors at login' };
    const left = choice(true, digest('a'));
    expect(decision).toMatchObject({ word: 'roll', image: { digest: digest('d') }, choice: left, request });
    expect(state?.owner).toMatchObject({ choice: left, request });

    expect(accept(state!).decision).toMatchObject({ reason: decision.reason, choice: left, request });
    const closed = accept(state!, { rolloutId: 'r3', isOwnerRunning: false }).state?.outbox;
    expect(closed).toEqual([expect.objectContaining({ rolloutId: 'r2', outcome: 'ABORTED', request })]);
  });

  it('knows a person from a push while they wait, and when they are refused', () => {
    const intent = { kind: 'person' } as const;
    expect(accept(busy, { intent, isOwnerRunning: true }).decision).toMatchObject({ word: 'busy', request: {} });
    const refused = accept(SEEN_A, { intent: { kind: 'person', rollback: true } });
    expect(refused.decision).toMatchObject({ word: 'rejected', request: { rollback: true } });
    expect(accept(busy, { ...other, isOwnerRunning: true }).decision.request).toBeUndefined();
  });

  it('answers a retry of a recovery with recover', () => {
    const mine = owner({ rolloutId: 'r2', purpose: 'recover' });
    expect(accept(ledger({ owner: mine })).decision.word).toBe('recover');
  });

  it('tells a retry of a recovery why it recovers, which its record will say', () => {
    const dead = owner({ rolloutId: 'r9', phase: mutating(NOW - 10 * MINUTE), targets: [revision(2)] });
    const first = accept({ ...SEEN_A, owner: dead }, { isOwnerRunning: false });
    expect(first.decision).toMatchObject({ word: 'recover', reason: 'RolloutDied' });
    expect(accept(first.state!).decision).toEqual(first.decision);
  });
});

describe('the time of a take-over', () => {
  const changing = owner({ phase: mutating(), targets: [revision(2)] });
  const watching = owner({ phase: waiting(), targets: [revision(2)], leaseUntil: NOW + 20 * MINUTE });
  const silent = { ...watching, lapseSeenAt: NOW + 22 * MINUTE };

  it.each<[string, Owner, boolean, number, boolean]>([
    ['dead while preparing', owner(), false, NOW, true],
    ['dead while waiting', watching, false, NOW, true],
    ['dead while concluding', owner({ phase: CONCLUDING }), false, NOW, true],
    ['dead, its change perhaps in flight', changing, false, NOW + 29_999, false],
    ['dead, its change over with the function time-out', changing, false, NOW + 30_000, true],
    ['running, its lease not over', watching, true, NOW + 20 * MINUTE - 1, false],
    ['running, its lease over, which nobody has written down', watching, true, NOW + 60 * MINUTE, false],
    ['running, its lease over, as was written less than ten minutes ago', silent, true, NOW + 32 * MINUTE - 1, false],
    ['running, its lease over, as was written ten minutes ago', silent, true, NOW + 32 * MINUTE, true],
    [
      'running, its lease renewed since',
      owner({ ...silent, leaseUntil: NOW + 23 * MINUTE }),
      true,
      NOW + 60 * MINUTE,
      false,
    ],
    [
      'running, its lease over for long, its change perhaps in flight',
      owner({ ...changing, leaseUntil: NOW - 20 * MINUTE, lapseSeenAt: NOW - 19 * MINUTE }),
      true,
      NOW + 29_999,
      false,
    ],
  ])('%s', (_case, dead, isOwnerRunning, now, isTaken) => {
    const { decision, state } = accept(ledger({ owner: dead }), { isOwnerRunning, selected: image('c', now) }, now);
    expect(decision.word === 'busy').toBe(!isTaken);
    expect(state?.owner?.rolloutId === 'r2').toBe(isTaken);
  });

  it('is counted from when somebody could write that the lease is over, which is written once for each lease', () => {
    const running = { isOwnerRunning: true };
    const at = (minutes: number, state: LedgerState) => accept(state, running, NOW + minutes * MINUTE).state;
    expect(at(20 - 1e-5, ledger({ owner: watching }))).toBeUndefined();
    const seen = at(25, ledger({ owner: watching }))!;
    expect(seen.owner).toEqual({ ...watching, lapseSeenAt: NOW + 25 * MINUTE });
    expect(at(30, seen)).toBeUndefined();
    const renewed = ledger({ owner: { ...seen.owner!, leaseUntil: NOW + 40 * MINUTE } });
    expect(at(50, renewed)?.owner?.lapseSeenAt).toBe(NOW + 50 * MINUTE);
  });

  it('closes one that runs, but does nothing, as what it is', () => {
    const { state } = accept(ledger({ owner: silent }), { isOwnerRunning: true }, NOW + 32 * MINUTE);
    expect(state?.outbox).toMatchObject([
      { reason: 'LeaseRanOut', message: 'Its execution runs, but has not renewed its lease; rollout r2 took over.' },
    ]);
  });

  it('closes the dead rollout as ABORTED, once, and names its successor', () => {
    const { state } = accept(ledger({ owner: watching }), { isOwnerRunning: false });
    expect(state?.outbox).toMatchObject([{ rolloutId: 'r1', outcome: 'ABORTED', image: image('b'), endedAt: NOW }]);
    expect(state?.outbox[0]?.message).toContain('r2');
  });

  it('keeps what the person said who stopped it, and the revision that it had put on the service', () => {
    const went = owner({ phase: waiting(), targets: [revision(2), revision(1)] });
    const stop = { isOwnerRunning: false, ownerStop: { cause: 'rollouts abort: wrong one' } };
    const { decision, state } = accept(ledger({ owner: went }), stop);
    expect(state?.outbox).toMatchObject([
      {
        reason: 'StoppedByPerson',
        message: 'A person stopped it (rollouts abort: wrong one); rollout r2 took over.',
        taskDefinition: revision(2),
      },
    ]);
    expect(decision).toMatchObject({ word: 'recover', reason: 'RolloutStopped' });
    expect(decision.message).toContain('r1 was stopped while');
    expect(accept(ledger({ owner: went }), { ...stop, ownerStop: {} }).state?.outbox[0]?.message).toBe(
      'A person stopped it; rollout r2 took over.',
    );
  });

  it('remembers that the tick started it, for whoever closes it', () => {
    const { state } = accept(ledger({ seen: image('a') }), { intent: { kind: 'tick' } });
    expect(state?.owner?.isTick).toBe(true);
    expect(accept(state!, { rolloutId: 'r3', isOwnerRunning: false }).state?.outbox).toMatchObject([{ isTick: true }]);
    expect(accept(ledger({ seen: image('a') })).state?.owner?.isTick).toBe(false);
  });

  it.each<[string, Partial<Owner>]>([
    ['had only taken over from another one', { phase: { name: 'preparing' } }],
    ['only put back what another one had left', { phase: waiting(), purpose: 'recover' }],
  ])('names no revision for a rollout that %s', (_case, changes) => {
    const inherited = owner({ targets: [revision(2)], ...changes });
    const [closed] = accept(ledger({ owner: inherited }), { isOwnerRunning: false }).state!.outbox;
    expect(closed).toMatchObject({ rolloutId: 'r1', taskDefinition: undefined });
  });

  it.each<[string, PersonsRequest | undefined, boolean]>([
    ['who asked for what is selected', {}, false],
    ['who chose another image', { digest: digest('b') }, true],
    ['that a push had started', undefined, true],
  ])('follows pushes again only after one %s', (_case, request, isPinned) => {
    const pin = { since: 1, rolloutId: 'r0', digest: digest('c') };
    const died = accept(ledger({ owner: owner({ request }), pin }), {
      isOwnerRunning: false,
      intent: { kind: 'tick' },
    });
    expect(died.state?.pin).toEqual(isPinned ? pin : undefined);
  });

  it('adds no record for a dead rollout that had committed its outcome', () => {
    const { state } = accept(ledger({ owner: owner({ phase: CONCLUDING }) }), { isOwnerRunning: false });
    expect(state?.outbox).toEqual([]);
  });

  it('closes the dead rollout even when there is nothing to roll', () => {
    const state = ledger({ owner: owner(), seen: image('b') });
    const accepted = accept(state, { isOwnerRunning: false, intent: { kind: 'tick' } });
    expect(accepted.decision).toMatchObject({ word: 'nothing', reason: 'AlreadySeen' });
    expect(accepted.state?.owner).toBeUndefined();
    expect(accepted.state?.outbox).toMatchObject([{ outcome: 'ABORTED' }]);
  });
});

describe('a service that a dead rollout left half way', () => {
  it.each<[string, Partial<AcceptFacts>, boolean]>([
    ['the image was pushed again', {}, false],
    ['its own push is heard once more', { intent: { ...facts().intent, at: NOW - MINUTE } as Intent }, true],
    ['the event was replayed', { intent: { ...facts().intent, isReplayed: true } as Intent }, true],
    ['the tick found it', { intent: { kind: 'tick' } }, true],
  ])('is put right first, and its image is dealt with unless it is wanted anew: %s', (_how, changes, isSeen) => {
    const dead = owner({ phase: waiting(), targets: [revision(2)], seenBefore: image('a', NOW - 9000) });
    const { decision, state } = accept(ledger({ seen: image('b'), owner: dead }), {
      isOwnerRunning: false,
      ...changes,
    });
    expect(decision.word).toBe('recover');
    expect(state?.seen?.digest).toBe(digest(isSeen ? 'b' : 'a'));
    expect(state?.owner?.seenBefore).toEqual(image('a', NOW - 9000));
  });

  const dead = owner({ phase: waiting(), targets: [revision(2)] });
  const half = ledger({ seen: image('b'), owner: dead });
  const onNew = { deploymentId: deployment(2), createdAt: NOW - MINUTE, taskDefinition: revision(2), desiredCount: 2 };
  const after = (changes: Partial<AcceptFacts> = {}): ReturnType<typeof acceptIntent> =>
    accept(half, { isOwnerRunning: false, intent: { kind: 'tick' }, running: onNew, ...changes });

  it('gets its rollback target back', () => {
    const { decision, state } = after();
    expect(decision).toMatchObject({ word: 'recover', reason: 'RolloutDied', rollbackTarget: target('a', 1) });
    expect(state?.owner).toMatchObject({ rolloutId: 'r2', purpose: 'recover', targets: [revision(2)] });
  });

  it('is recovered where ECS has gone back to a deployment older than the baseline, and not where somebody else deployed', () => {
    const running = { ...onNew, deploymentId: deployment(7), taskDefinition: revision(7) };
    const knowing = { ...half, owner: { ...dead, baseline: { ...BASELINE, older: [deployment(7)] } } };
    const tick = { isOwnerRunning: false, intent: { kind: 'tick' }, running } as const;
    expect(accept(knowing, tick).decision.word).toBe('recover');
    expect(accept(half, tick).decision.word).not.toBe('recover');
  });

  it('is recovered, never adopted, when the unjudged revision looks sound', () => {
    const running = { ...onNew, proven: proven('b', 2) };
    const { decision, state } = after({ running });
    expect(decision.word).toBe('recover');
    expect(state?.owner?.rollbackTarget).toEqual(target('a', 1));
  });

  it('is recovered first when a newer image is selected, which stays news for the tick', () => {
    const selected = image('c', NOW + 1000);
    const { decision, state } = after({ selected });
    expect(decision).toMatchObject({ word: 'recover', image: image('b'), rollbackTarget: target('a', 1) });
    expect(state?.seen?.digest).toBe(image('b').digest);
  });

  it('is recovered first when a person chooses an image, even the same again', () => {
    const running = { ...onNew, proven: proven('b', 2) };
    const { decision } = after({ intent: { kind: 'person', tag: 'build-b' }, named: image('b'), running });
    expect(decision.word).toBe('recover');
  });

  it('is recovered first when a person asks for a rollback, which that is; nothing is marked as left', () => {
    const intent = { kind: 'person', rollback: true } as const;
    const verified = [proven('a', 1), proven('d', 9)];
    const { decision, state } = accept({ ...half, verified }, { isOwnerRunning: false, running: onNew, intent });
    expect(decision).toMatchObject({ word: 'recover', rollbackTarget: target('a', 1) });
    expect(state?.owner?.choice).toBeUndefined();
  });

  it('is recovered although ECS has put the baseline back already', () => {
    expect(after({ running: facts().running! }).decision.word).toBe('recover');
  });

  it('is recovered although it cannot be seen', () => {
    const { running: _running, ...unseen } = facts({ isOwnerRunning: false, intent: { kind: 'tick' } });
    expect(acceptIntent(half, unseen, config(), NOW).decision.word).toBe('recover');
  });

  it('gets its image again when there is nothing to go back to', () => {
    const state = ledger({ seen: image('b'), owner: { ...dead, rollbackTarget: undefined } });
    const accepted = accept(state, { isOwnerRunning: false, intent: { kind: 'tick' }, running: onNew });
    expect(accepted.decision).toMatchObject({ word: 'roll', reason: 'NothingToGoBackTo', image: image('b') });
    expect(accepted.decision.rollbackTarget).toBeUndefined();
  });

  it('is left alone once somebody else has deployed over it', () => {
    const running = {
      deploymentId: deployment(9),
      createdAt: NOW - 1,
      taskDefinition: revision(9),
      desiredCount: 2,
      proven: proven('d', 9),
    };
    const { decision, state } = after({ running });
    expect(decision).toMatchObject({ word: 'nothing', reason: 'AlreadySeen' });
    expect(state?.owner).toBeUndefined();
    const next = after({ running, selected: image('c', NOW + 1000) });
    expect(next.decision).toMatchObject({ word: 'roll', rollbackTarget: target('d', 9) });
  });

  it('is still half way when the rollout that was to recover it died before it began', () => {
    const recovering = owner({
      rolloutId: 'r1b',
      purpose: 'recover',
      phase: { name: 'preparing' },
      targets: [revision(2)],
    });
    const state = ledger({ seen: image('b'), owner: recovering });
    const accepted = accept(state, { isOwnerRunning: false, intent: { kind: 'tick' }, running: onNew });
    expect(accepted.decision.word).toBe('recover');
    expect(accepted.state?.owner?.targets).toEqual([revision(2)]);
  });

  it('does not count as running what it left there: who names that very image gets it proven, and pinned', () => {
    const state = ledger({ seen: image('b'), owner: owner({ ...dead, rollbackTarget: undefined }) });
    const intent = { kind: 'person', digest: digest('b') } as const;
    const running = { ...onNew, proven: proven('b', 2) };
    const { decision } = accept(state, {
      isOwnerRunning: false,
      intent,
      named: image('b'),
      selected: image('c', NOW + 1),
      running,
    });
    expect(decision).toMatchObject({ word: 'roll', reason: 'PersonsChoice', choice: { pins: true } });
  });

  it('is no longer half way once the dead rollout had committed', () => {
    const state = ledger({ seen: image('b'), owner: { ...dead, phase: CONCLUDING } });
    const accepted = accept(state, { isOwnerRunning: false, intent: { kind: 'tick' }, running: onNew });
    expect(accepted.decision).toMatchObject({ word: 'nothing' });
  });
});

describe('a service that was provisioned without tasks', () => {
  const empty = {
    deploymentId: deployment(1),
    createdAt: NOW - 60 * MINUTE,
    taskDefinition: revision(1),
    desiredCount: 0,
    isAsProvisioned: true,
  };
  const provisioned = config({ launchCount: 3 });
  const launch = (state = ledger(), changes: Partial<AcceptFacts> = {}): ReturnType<typeof acceptIntent> =>
    acceptIntent(state, facts({ running: empty, ...changes }), provisioned, NOW);
  const toNothing = { rollbackTarget: emptyService(1) };

  it('is launched with the configured count, and would go back to what was provisioned', () => {
    const { decision, state } = launch();
    expect(decision).toMatchObject({ word: 'roll', ...toNothing });
    expect(state?.owner).toMatchObject(toNothing);
  });

  it('is launched by the tick when the first push was lost', () => {
    expect(launch(ledger(), { intent: { kind: 'tick' } }).decision).toMatchObject({ word: 'roll', ...toNothing });
  });

  it('is launched again when it was provisioned anew, although its ledger remembers another life', () => {
    const { decision } = launch(ledger({ verified: [proven('a', 9)] }));
    expect(decision).toMatchObject({ word: 'roll', ...toNothing });
  });

  it('is not launched when its revision has an image: a count of zero is then an operator’s', () => {
    const { isAsProvisioned: _is, ...running } = empty;
    const { decision } = launch(ledger({ verified: [proven('a', 1)] }), { running });
    expect(decision).toMatchObject({ word: 'roll', rollbackTarget: target('a', 1) });
  });

  it('gets the image that was proven last from the tick when it was emptied behind its launch, whatever is selected', () => {
    const state = ledger({ verified: [proven('a', 9)], seen: image('b'), quarantine: [quarantined('b')] });
    const { decision, state: next } = launch(state, { intent: { kind: 'tick' } });
    expect(decision).toMatchObject({
      word: 'roll',
      reason: 'ServiceEmptied',
      image: { digest: digest('a') },
      ...toNothing,
    });
    expect(next?.seen).toEqual(image('b'));
  });

  it('is emptied again when the rollout that launched it died', () => {
    const dead = owner({ phase: waiting(), targets: [revision(2)], ...toNothing });
    const { isAsProvisioned: _is, ...launched } = empty;
    const running = { ...launched, deploymentId: deployment(2), taskDefinition: revision(2), desiredCount: 3 };
    const { decision } = launch(ledger({ seen: image('b'), owner: dead }), {
      isOwnerRunning: false,
      intent: { kind: 'tick' },
      running,
    });
    expect(decision).toMatchObject({ word: 'recover', ...toNothing });
  });

  it('is not launched again by the tick that closes a launch of the tick which a person stopped', () => {
    const stopped = owner({ isTick: true, image: image('a'), ...toNothing });
    const state = ledger({ verified: [proven('a', 9)], seen: image('b'), owner: stopped });
    const accepted = launch(state, { isOwnerRunning: false, ownerStop: {}, intent: { kind: 'tick' } });
    expect(accepted.decision).toMatchObject({ word: 'nothing' });
    expect(accepted.state).toMatchObject({ launch: { failed: 3 }, outbox: [{ outcome: 'ABORTED' }] });
  });

  it('is remembered as a launch when AcceptIntent is repeated', () => {
    const { state } = launch();
    expect(acceptIntent(state!, facts({ running: empty }), provisioned, NOW).decision).toMatchObject({
      reason: 'Selected',
      ...toNothing,
    });
  });
});

describe('a service that was adopted at zero tasks', () => {
  it('is never given a count', () => {
    const running = { deploymentId: deployment(1), createdAt: 1, taskDefinition: revision(1), desiredCount: 0 };
    const { decision, state } = accept(ledger(), { running });
    expect(decision).toMatchObject({ word: 'roll', rollbackTarget: undefined });
    expect(goalForward(state!.owner!, revision(2)).desiredCount).toBeUndefined();
  });
});

describe('a rollout whose execution ended while it waited', () => {
  const waited = pending('r9', { startedAt: NOW - MINUTE, image: image('c') });
  const state = ledger({ seen: image('b'), pending: waited });
  const seen = { rolloutId: 'r9', isRunning: false, stop: { cause: 'not now' } };

  it('gives its place away and gets its record, whatever the tick does besides', () => {
    const accepted = accept(state, { intent: { kind: 'tick' }, waiters: [seen] });
    expect(accepted.decision).toMatchObject({ word: 'nothing', isRepair: true });
    expect(accepted.state?.pending).toBeUndefined();
    expect(accepted.state?.outbox).toMatchObject([
      {
        rolloutId: 'r9',
        outcome: 'ABORTED',
        reason: 'StoppedByPerson',
        message: 'A person stopped it (not now) while it waited for its turn; it changed nothing.',
        startedAt: NOW - MINUTE,
        image: image('c'),
      },
    ]);
    const rolled = accept({ ...state, seen: image('a', NOW - 9000) }, { intent: { kind: 'tick' }, waiters: [seen] });
    expect(rolled.state).toMatchObject({ owner: { rolloutId: 'r2' }, outbox: [{ rolloutId: 'r9' }] });
  });

  it('is told with what a person asked for, and follows pushes again where that was it', () => {
    const pin = { since: NOW - 2 * MINUTE, rolloutId: 'r0', digest: digest('c') };
    const asked = (changes: Partial<typeof waited>) => {
      const persons = { ...state, pin, pending: { ...waited, image: undefined, isPersons: true, ...changes } };
      return accept(persons, { intent: { kind: 'tick' }, waiters: [seen] }).state;
    };
    const released = asked({ request: {}, trigger: 'person' });
    expect(released?.pin).toBeUndefined();
    expect(released?.outbox).toMatchObject([{ request: {}, trigger: 'person', isTick: false }]);
    expect(asked({ request: { rollback: true }, trigger: 'person' })?.pin).toEqual(pin);
    expect(asked({ request: {}, trigger: 'person', startedAt: NOW - 3 * MINUTE })?.pin).toEqual(pin);
    expect(asked({ trigger: 'tick', isPersons: false })?.outbox).toMatchObject([{ isTick: true }]);
  });

  it('has its record already where it had concluded', () => {
    const concluded = { ...state, outbox: [record({ rolloutId: 'r9' })] };
    const accepted = accept(concluded, { intent: { kind: 'tick' }, waiters: [seen] });
    expect(accepted.state).toMatchObject({ pending: undefined, outbox: concluded.outbox });
  });

  it.each<[string, NonNullable<AcceptFacts['waiters']>[number]]>([
    ['it runs', { ...seen, isRunning: true }],
    ['another one waits by now', { ...seen, rolloutId: 'r8' }],
  ])('keeps its place where %s', (_case, waiter) => {
    expect(accept(state, { intent: { kind: 'tick' }, waiters: [waiter] }).state).toBeUndefined();
  });
});
