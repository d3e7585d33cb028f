import { describe, expect, it } from 'vitest';
import type { LedgerState, Owner } from '../../../functions/rollout/ledger.ts';
import { endedLine, standingLine } from '../../../functions/rollout/told-lines.ts';
import { CONCLUDING, digest, ledger, NOW, owner, proven, record, revision, waiting } from './given.ts';

const AT = new Date(NOW).toISOString();
const b = `sha256:${'b'.repeat(12)}`;
const selected = (digit: string, tag?: string) => ({ digest: digest(digit), tag, selectedAt: NOW });

describe('how a service stands', () => {
  const told = (state: Partial<LedgerState>) => standingLine(ledger(state));

  it('names a proven image by its tag where someone knows that, else by its digest', () => {
    const verified = [{ ...proven('b', 2), at: NOW }];
    expect(told({ verified, seen: selected('b', 'v1') })).toMatchObject({ image: `v1 (${b})`, since: AT });
    expect(told({ verified, seen: selected('c', 'v2') })).toMatchObject({ image: b });
    expect(told({ verified: [{ ...proven('b', 2), digest: undefined }] }).image).toBe('an image that is not pinned');
  });

  it('knows of nothing before anything is proven, and after a launch that was taken back', () => {
    const nothing = { image: '-', revision: '-', since: '-' };
    expect(told({})).toMatchObject(nothing);
    expect(told({ verified: [proven('b', 2)], launch: { failed: 1, isTakenBack: true } })).toMatchObject(nothing);
  });

  it('says what the rollout does that has it', () => {
    const rolling = owner({ image: selected('b', 'v1'), startedAt: NOW, targets: [revision(2)] });
    const doing = (changes: Partial<Owner>): string => told({ owner: { ...rolling, ...changes } }).rollout;
    expect(doing({})).toBe(`r1 rolls v1 (${b}), begun ${AT}`);
    expect(doing({ phase: waiting() })).toBe(`r1 rolls v1 (${b}), begun ${AT}`);
    for (const back of [{ purpose: 'recover' } as const, { phase: waiting({ kind: 'rollback' }) }])
      expect(doing(back)).toBe(`r1 goes back from v1 (${b}), begun ${AT}`);
    expect(doing({ phase: CONCLUDING })).toBe(`r1 has ended with v1 (${b}), begun ${AT}`);
  });

  it('has every member in any state, as a text or a number: Logs Insights drops what is null', () => {
    const states = [
      {},
      { verified: [proven('b', 2)], owner: owner(), pin: { since: NOW, rolloutId: 'r0', digest: undefined } },
    ];
    const [empty, full] = states.map(told);
    expect(Object.keys(full!)).toEqual(Object.keys(empty!));
    for (const value of [...Object.values(empty!), ...Object.values(full!)])
      expect(['string', 'number']).toContain(typeof value);
  });
});

it('tells of a rollout who started it and how long it took, and of an older release’s what it knows', () => {
  const ended = record({ startedAt: NOW - 92_400, endedAt: NOW, image: selected('b', 'v1'), trigger: 'person' });
  expect(endedLine(ended)).toMatchObject({ image: `v1 (${b})`, startedBy: 'person', seconds: 92 });
  const older = { ...ended, trigger: undefined, image: undefined };
  expect(endedLine({ ...older, isTick: true })).toMatchObject({ image: '-', startedBy: 'tick' });
  expect(endedLine({ ...older, isTick: false })).toMatchObject({ startedBy: '-' });
});
