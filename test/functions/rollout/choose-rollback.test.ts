import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../functions/rollout/intent.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import { weighIntent, type Choices } from '../../../functions/rollout/weigh-intent.ts';
import { choice, config, digest, image, ledger, NOW, proven, quarantined, revision } from './given.ts';

type Person = Extract<Intent, { kind: 'person' }>;

const BACK: Person = { kind: 'person', rollback: true };
const FORCED: Person = { ...BACK, force: true, reason: 'x' };
const to = (digit: string): Person => ({ kind: 'person', rollback: { to: digest(digit) } });
/** `c` runs, and was proven after `b` and `a`. */
const PROVEN = ledger({ verified: [proven('c', 3), proven('b', 2), proven('a', 1)] });
const RUNS_C: Choices = { selected: image('c'), running: proven('c', 3), onService: revision(3), askedAt: NOW };

const weigh = (state: LedgerState, intent: Person, changes: Choices = {}): ReturnType<typeof weighIntent> =>
  weighIntent(state, intent, { ...RUNS_C, ...changes }, config());

describe('a rollback that names no image', () => {
  it('goes to the newest proven image that does not run, and pins the service', () => {
    expect(weigh(PROVEN, BACK)).toEqual({
      word: 'roll',
      reason: 'PersonsRollback',
      message: `A person goes back to ${digest('b')}.`,
      image: { digest: digest('b'), selectedAt: NOW - 3_600_000 },
      choice: choice(true, digest('c')),
    });
  });

  it.each<[string, Partial<LedgerState>, Choices]>([
    ['a second revision of the image that runs', { verified: [proven('c', 4), ...PROVEN.verified] }, {}],
    [
      'a child of the index that runs',
      { verified: [proven('d', 4), ...PROVEN.verified] },
      { running: proven('c', 3, { imageDigests: [digest('c'), digest('d')] }) },
    ],
    ['a quarantined image', { verified: [proven('d', 4), ...PROVEN.verified], quarantine: [quarantined('d')] }, {}],
    [
      'an image that an earlier rollback left',
      { verified: [proven('d', 4, { rolledBackBy: 'r0' }), ...PROVEN.verified] },
      {},
    ],
    ['a revision of which no digest is known', { verified: [withoutDigest(), ...PROVEN.verified] }, {}],
  ])('passes over %s', (_case, changes, choices) => {
    const state = { ...PROVEN, ...changes };
    expect(weigh(state, BACK, choices).image?.digest).toBe(digest('b'));
    expect(weigh(state, FORCED, choices).image?.digest).toBe(digest('b'));
  });

  it('knows the proven image that runs unwell by its revision', () => {
    const { running: _running, ...unwell } = RUNS_C;
    expect(weighIntent(PROVEN, BACK, unwell, config())).toMatchObject({
      image: { digest: digest('b') },
      choice: { leaves: digest('c') },
    });
  });

  it("goes to the newest proven image over somebody's own deployment, and leaves nothing that it knows", () => {
    const weighed = weighIntent(PROVEN, BACK, { selected: image('c'), onService: revision(9) }, config());
    expect(weighed).toMatchObject({ word: 'roll', image: { digest: digest('c') }, choice: choice(false) });
  });

  it.each<[string, LedgerState]>([
    ['nothing was ever proven', ledger()],
    ['only what runs is proven', ledger({ verified: [proven('c', 3)] })],
  ])('is rejected, forced or not, when %s', (_case, state) => {
    for (const intent of [BACK, FORCED])
      expect(weigh(state, intent)).toMatchObject({ word: 'rejected', reason: 'NothingProven' });
    expect(weigh(state, BACK).message).toMatch(/^There is nothing proven to go back to: .*name any image/);
  });
});

describe('a rollback that waited for its turn', () => {
  const failed = { ...PROVEN, rolledBackAt: NOW };

  it('goes no second step back when the rollout before it failed and was rolled back', () => {
    const weighed = weigh(failed, BACK, { askedAt: NOW - 1, selected: image('d') });
    expect(weighed).toMatchObject({ word: 'nothing', reason: 'RolledBackAlready', choice: choice(true) });
  });

  it('goes back all the same when it was asked for afterwards, names the image, or is forced', () => {
    expect(weigh(failed, BACK, { askedAt: NOW + 1 }).word).toBe('roll');
    expect(weigh(failed, to('b'), { askedAt: NOW - 1 }).word).toBe('roll');
    expect(weigh(failed, FORCED, { askedAt: NOW - 1 }).word).toBe('roll');
  });
});

describe('a rollback that names an image', () => {
  it('goes to it when it was proven, even if it is quarantined by now or was left before', () => {
    const verified = [proven('c', 3), proven('a', 1, { rolledBackBy: 'r0' })];
    const weighed = weigh(ledger({ verified, quarantine: [quarantined('a')] }), to('a'));
    expect(weighed).toMatchObject({ word: 'roll', image: { digest: digest('a') }, choice: choice(true, digest('c')) });
  });

  it('is nothing when that image runs', () => {
    expect(weigh(PROVEN, to('c'))).toMatchObject({ word: 'nothing', reason: 'AlreadyRunning' });
  });

  it('is rejected when it was never proven, forced or not, and says what is', () => {
    for (const intent of [to('f'), { ...to('f'), force: true, reason: 'x' } as const]) {
      const weighed = weigh(PROVEN, intent);
      expect(weighed).toMatchObject({ word: 'rejected', reason: 'NeverProven' });
      expect(weighed.message).toContain(`${digest('f')} was never proven here`);
      expect(weighed.message).toContain('sha256:cccccccccccc, sha256:bbbbbbbbbbbb, sha256:aaaaaaaaaaaa');
    }
  });

  it('fits its refusal into a message, however many images are proven', () => {
    const verified = [...'0123456789'].map((digit, index) => proven(digit, index + 1));
    expect(weigh(ledger({ verified }), to('f')).message.length).toBeLessThan(500);
  });
});

function withoutDigest(): ReturnType<typeof proven> {
  return proven('d', 4, { digest: undefined });
}
