import { describe, expect, it } from 'vitest';
import { EVERY_OUTCOME, OUTCOMES } from '../../../functions/rollout/outcomes.ts';
import { needAfter, withUntold } from '../../../functions/rollout/needs-someone.ts';
import { ledger, NOW, owner, record } from './given.ts';

const NEED = { since: NOW - 9000, rolloutId: 'r0', outcome: 'FAILED_ROLLBACK' } as const;
const ACKNOWLEDGED = { ...NEED, acknowledged: { by: 'alice', at: NOW - 1000, reason: 'on it' } };

describe('someone is needed', () => {
  it.each(EVERY_OUTCOME)('after %s as its row says', (outcome) => {
    const ended = record({ outcome, rolloutId: 'r1', endedAt: NOW });
    const { needs, isBack } = OUTCOMES[outcome];
    const raised = needs === null ? undefined : { since: NOW, rolloutId: 'r1', outcome };
    expect(needAfter({}, owner(), ended)).toEqual(raised);
    const ends = outcome === 'SUCCEEDED' || isBack;
    const kept = needs === null ? NEED : { since: NOW, rolloutId: 'r1', outcome };
    expect(needAfter({ needsSomeone: NEED }, owner(), ended)).toEqual(ends ? undefined : kept);
  });

  it('again, after someone said that they look at it, when another rollout leaves it so', () => {
    const again = record({ outcome: 'FAILED_ROLLBACK', rolloutId: 'r1', endedAt: NOW });
    expect(needAfter({ needsSomeone: ACKNOWLEDGED }, owner(), again)).not.toHaveProperty('acknowledged');
    expect(needAfter({ needsSomeone: ACKNOWLEDGED }, owner(), record({ outcome: 'REJECTED' }))).toBe(ACKNOWLEDGED);
  });

  it('not for what is tried again by itself, and still for what was there before', () => {
    const tried = record({ outcome: 'FAILED_ROLLBACK', triedAgainAt: NOW + 60_000 });
    expect(needAfter({}, owner(), tried)).toBeUndefined();
    expect(needAfter({ needsSomeone: NEED }, owner(), tried)).toBe(NEED);
  });

  it('not for a launch that someone stopped, but for one that died', () => {
    const emptied = record({ outcome: 'FAILED_NO_ROLLBACK_TARGET' });
    const recovery = (reason: string) => owner({ purpose: 'recover', accepted: { reason, message: '' } });
    expect(needAfter({}, recovery('RolloutStopped'), emptied)).toBeUndefined();
    expect(needAfter({}, recovery('RolloutDied'), emptied)).toMatchObject({ outcome: 'FAILED_NO_ROLLBACK_TARGET' });
  });

  it('where nobody could be told of an outcome, unless there is another reason', () => {
    const untold = [record({ rolloutId: 'r1' }), record({ rolloutId: 'r2', outcome: 'REJECTED' })];
    expect(withUntold(ledger(), untold, NOW).needsSomeone).toEqual({
      since: NOW,
      rolloutId: 'r2',
      outcome: 'REJECTED',
      isUntold: true,
    });
    expect(withUntold(ledger({ needsSomeone: NEED }), untold, NOW).needsSomeone).toBe(NEED);
    expect(withUntold(ledger({ needsSomeone: ACKNOWLEDGED }), untold, NOW).needsSomeone).toMatchObject({
      rolloutId: 'r2',
    });
    expect(withUntold(ledger(), [], NOW)).not.toHaveProperty('needsSomeone');
  });
});
