import { describe, expect, it } from 'vitest';
import { firstFault, recordFailure, standingOf, weighLook } from '../../../functions/rollout/attempts.ts';
import { beginMutation, isMutationOver, mayHaveBeenMade, ownedBy } from '../../../functions/rollout/lease.ts';
import type { LedgerState, Owner, Phase } from '../../../functions/rollout/ledger.ts';
import type { ServiceFacts } from '../../../functions/rollout/service-facts.ts';
import {
  BASELINE,
  deployment,
  deploymentFacts,
  ledger,
  mutating,
  NOW,
  owner,
  revision,
  service,
  target,
  waiting,
} from './given.ts';

const SECOND = 1000;
const TIMEOUT = 30 * SECOND;
const FAULT = { reason: 'ServerException', message: 'ServerException: Service Unavailable.' };

/** A rollout whose attempt to put revision 2 on the service was begun at NOW. */
const trying = (phase: Phase = mutating()): Owner => owner({ phase, targets: [revision(2)] });
const begun = (by: Owner = owner(), now = NOW): LedgerState =>
  beginMutation(ledger({ owner: by }), by, revision(2), by.deadline, now);
const failed = (state: LedgerState, since: number, isHarmless: boolean, fault = FAULT): LedgerState =>
  recordFailure(state, { rolloutId: 'r1', since, fault, isHarmless }, since + 1)!;
const mine = (state: LedgerState): Owner => ownedBy(state, 'r1')!;

const asBefore = (changes: Partial<ServiceFacts> = {}): ServiceFacts =>
  service({ deployments: [deploymentFacts(1, { createdAt: BASELINE.createdAt })], ...changes });

describe('of a rollout that is to be taken back', () => {
  it.each<[string, Owner, string]>([
    ['that never began to change anything, nothing is on the service', owner(), 'nothing'],
    ['whose one attempt has no known end, something may be', trying(), 'may'],
    ['whose attempts an older release did not count, something may be', trying(mutating()), 'may'],
    ['that was watched, something is', trying(waiting()), 'no-doubt'],
    ['that puts back what a dead one left, something is', owner({ purpose: 'recover' }), 'no-doubt'],
    [
      'that is on its way back already, something is',
      owner({ phase: mutating(), targets: [revision(2), revision(1)] }),
      'no-doubt',
    ],
  ])('%s', (_case, of, standing) => {
    expect(standingOf(of)).toBe(standing);
  });

  it('that went back to what had to be replaced since, something is', () => {
    const back = owner({ phase: { name: 'mutating', since: NOW, uncertain: 0 }, targets: [revision(2), revision(1)] });
    expect(standingOf({ ...back, rollbackTarget: target('a', 3) })).toBe('no-doubt');
  });

  it('whose attempts all said that they changed nothing, nothing is', () => {
    const once = failed(begun(), NOW, true);
    const twice = failed(begun(mine(once), NOW + SECOND), NOW + SECOND, true);
    expect(standingOf(mine(twice))).toBe('nothing');
    expect(isMutationOver(mine(twice), NOW + 2 * SECOND)).toBe(true);
  });

  it('of whose attempts one has no known end, something may be, whatever the others said', () => {
    const once = failed(begun(), NOW, false);
    const twice = failed(begun(mine(once), NOW + TIMEOUT), NOW + TIMEOUT, true);
    expect(standingOf(mine(twice))).toBe('may');
    expect(mayHaveBeenMade(mine(twice), revision(2))).toBe(true);
    expect(isMutationOver(mine(twice), NOW + TIMEOUT + SECOND)).toBe(false);
  });
});

describe('what went wrong', () => {
  it('first is remembered, whatever went wrong later', () => {
    const once = failed(begun(), NOW, true);
    const twice = failed(begun(mine(once), NOW + SECOND), NOW + SECOND, true, { reason: 'Later', message: 'Later.' });
    expect(firstFault(mine(twice))).toEqual(FAULT);
  });

  it('with one attempt is not booked on another, nor on a rollout that lost its lease', () => {
    const told = { rolloutId: 'r1', since: NOW - 1, fault: FAULT, isHarmless: true };
    expect(recordFailure(begun(), told, NOW)).toBeUndefined();
    expect(recordFailure(begun(), { ...told, since: NOW, rolloutId: 'r9' }, NOW)).toBeUndefined();
  });

  it('is the one attempt that a release which did not count has begun', () => {
    const uncounted = owner({ phase: mutating(), targets: [revision(2)] });
    expect(standingOf(mine(failed(ledger({ owner: uncounted }), NOW, true)))).toBe('nothing');
    expect(standingOf(mine(failed(ledger({ owner: uncounted }), NOW, false)))).toBe('may');
  });

  it('going forward is not booked on the way back', () => {
    const forward = mine(failed(begun(), NOW, true));
    const back = beginMutation(ledger({ owner: forward }), forward, revision(1), NOW, NOW + SECOND);
    expect(mine(back).phase).toEqual({ name: 'mutating', since: NOW + SECOND, uncertain: 1 });
  });
});

describe('a look at the service', () => {
  const look = (of: Owner, seen: ServiceFacts | undefined, at: number) =>
    weighLook(ledger({ owner: of }), of, seen, at);

  it('says nothing while the attempt may still live', () => {
    expect(look(trying(), asBefore(), NOW + TIMEOUT - 1).word).toBe('early');
  });

  it('is not enough alone, nor is another one within ten seconds', () => {
    const first = look(trying(), asBefore(), NOW + TIMEOUT);
    if (first.word !== 'again') throw new Error(first.word);
    expect(look(mine(first.state), asBefore(), NOW + TIMEOUT + 9_999).word).toBe('again');
    expect(look(mine(first.state), asBefore(), NOW + TIMEOUT + 10_000).word).toBe('unchanged');
    // Looks in between do not put the second one off.
    const between = look(mine(first.state), asBefore(), NOW + TIMEOUT + 6000);
    if (between.word !== 'again') throw new Error(between.word);
    expect(look(mine(between.state), asBefore(), NOW + TIMEOUT + 10_000).word).toBe('unchanged');
  });

  it('knows nothing of a service of which nothing was known before', () => {
    expect(look({ ...trying(), baseline: undefined }, asBefore(), NOW + TIMEOUT).word).toBe('changed');
  });

  it.each<[string, ServiceFacts | undefined]>([
    ['ours is PRIMARY', service()],
    [
      'ours is there beside the baseline that came back',
      asBefore({
        deployments: [
          deploymentFacts(1, { createdAt: BASELINE.createdAt }),
          deploymentFacts(2, { status: 'ACTIVE', rolloutState: 'FAILED' }),
        ],
      }),
    ],
    ['the baseline is younger than it was', asBefore({ deployments: [deploymentFacts(1, { createdAt: NOW })] })],
    [
      'ECS says that it rolls back',
      asBefore({
        deployments: [
          deploymentFacts(1, { createdAt: BASELINE.createdAt, rolloutStateReason: 'ECS is rolling back to 1.' }),
        ],
      }),
    ],
    ['somebody else is PRIMARY', asBefore({ deployments: [deploymentFacts(7, { id: deployment(7) })] })],
    ['the service is gone', undefined],
    ['the service drains', asBefore({ status: 'DRAINING' })],
  ])('does not speak for nothing having happened when %s', (_case, seen) => {
    expect(look(trying({ name: 'mutating', since: NOW, unchangedAt: NOW }), seen, NOW + TIMEOUT).word).toBe('changed');
  });
});
