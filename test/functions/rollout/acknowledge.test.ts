import { describe, expect, it } from 'vitest';
import { acceptIntent } from '../../../functions/rollout/accept.ts';
import { isNeeded } from '../../../functions/rollout/acknowledge.ts';
import { commit } from '../../../functions/rollout/conclude.ts';
import { parseIntent, type Intent } from '../../../functions/rollout/intent.ts';
import type { LedgerState, NeedsSomeone } from '../../../functions/rollout/ledger.ts';
import { asksForSelection } from '../../../functions/rollout/pin.ts';
import { config, digest, execution, facts, image, ledger, NOW, owner } from './given.ts';

const NEED: NeedsSomeone = { since: NOW - 9000, rolloutId: 'r0', outcome: 'FAILED_ROLLBACK' };
const PIN = { since: NOW - 9000, rolloutId: 'r0', digest: digest('c') };
const REQUEST = { acknowledge: { by: 'alice' }, reason: 'I am on it' };
const INTENT = { kind: 'person', ...REQUEST } as const satisfies Intent;

/** Accepts and concludes an acknowledgement that was asked for now; answers the ledger and what it is told. */
function acknowledge(state: LedgerState, rolloutId = 'ack') {
  const asked = facts({ rolloutId, startedAt: NOW, intent: INTENT });
  const { decision, state: accepted = state } = acceptIntent(state, asked, config(), NOW);
  const { word, reason, message } = decision;
  const told = { rolloutId, executionArn: execution(rolloutId), service: 'default/web', startedAt: NOW, decision };
  const ending = { step: 'AcceptIntent', word, reason, message } as const;
  const next = commit(accepted, { ...told, ending, cause: null, rolled: null }, NOW + 2000)!;
  return { next, record: next.outbox.at(-1)! };
}

describe('an acknowledgement', () => {
  it('ends the need, and says who, when and why in ledger and history', () => {
    const { next, record } = acknowledge(ledger({ needsSomeone: NEED }));
    expect(isNeeded(next)).toBe(false);
    const acknowledged = { by: 'alice', at: NOW + 2000, reason: 'I am on it' };
    expect(next.needsSomeone).toEqual({ ...NEED, acknowledged });
    expect(record).toMatchObject({ outcome: 'NO_CHANGE', reason: 'Acknowledged', request: REQUEST });
    expect(record.message).toBe(
      "alice acknowledges FAILED_ROLLBACK of rollout r0. The person's reason: I am on it.".replace(/\.$/, ''),
    );
  });

  it('says so where there is nothing to acknowledge, or was before', () => {
    const nothing = acknowledge(ledger());
    expect(nothing.record).toMatchObject({ reason: 'NothingToAcknowledge' });
    expect(nothing.next).not.toHaveProperty('needsSomeone');
    const once = acknowledge(ledger({ needsSomeone: NEED })).next;
    const twice = acknowledge(once, 'again');
    expect(twice.record.reason).toBe('NothingToAcknowledge');
    expect(twice.record.message).toContain('alice acknowledged it before.');
    expect(twice.next.needsSomeone).toEqual(once.needsSomeone);
  });

  it('does not end what came after it had been asked for', () => {
    const later = { ...NEED, since: NOW + 1 };
    const { next, record } = acknowledge(ledger({ needsSomeone: later }));
    expect(next.needsSomeone).toEqual(later);
    expect(record.reason).toBe('NothingToAcknowledge');
  });

  it('rolls nothing, takes no turn, and changes nothing else', () => {
    const state = ledger({ needsSomeone: NEED, pin: PIN, seen: image('a'), owner: owner() });
    const { next } = acknowledge(state);
    const { needsSomeone: _, outbox: __, ...others } = next;
    const { needsSomeone: ___, outbox: ____, ...before } = state;
    expect(others).toEqual(before);
    expect(asksForSelection(REQUEST)).toBe(false);
  });
});

describe('as input', () => {
  const parsed = (input: object) => parseIntent(input, config());

  it('names whoever acknowledges, and why', () => {
    expect(parsed({ acknowledge: { by: ' alice ' }, reason: 'I am on it' })).toEqual(INTENT);
  });

  it.each([
    [{ acknowledge: { by: 'alice' } }, /without "reason": say why/],
    [{ acknowledge: true, reason: 'x' }, /"acknowledge" is true: write/],
    [{ acknowledge: { by: 'alice', at: 1 }, reason: 'x' }, /write \{ "acknowledge": \{ "by"/],
    [{ acknowledge: { by: '{% 1 %}' }, reason: 'x' }, /write \{ "acknowledge": \{ "by"/],
    [{ acknowledge: { by: 'x'.repeat(257) }, reason: 'x' }, /write \{ "acknowledge": \{ "by"/],
    [{ acknowledge: { by: 'alice' }, reason: 'x', rollback: true }, /beside \["rollback"\]: give it alone/],
  ])('%j is refused with the remedy', (input, message) => {
    expect(parsed(input)).toMatchObject({ kind: 'malformed', message: expect.stringMatching(message) as string });
  });
});
