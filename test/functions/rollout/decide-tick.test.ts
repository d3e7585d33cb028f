import { describe, expect, it } from 'vitest';
import { decideTick } from '../../../functions/rollout/decide-tick.ts';
import type { LedgerState, SelectedImage } from '../../../functions/rollout/ledger.ts';
import { config, EXACT, image, ledger, NOW, owner, quarantined, record, SEMVER } from './given.ts';

const SEEN = ledger({ seen: image('b') });
const LOOKED = ledger({ firstLook: { at: NOW - 5000 } });
const RECORD = record({ rolloutId: 'r0' });

describe('the tick', () => {
  it.each<[string, LedgerState, SelectedImage | undefined, boolean | undefined, string]>([
    ['starts for a newer selection', SEEN, image('c', NOW + 1), undefined, 'SelectionChanged'],
    ['starts to take a first look', ledger(), image('b'), undefined, 'FirstLook'],
    ['starts to take a first look where there is no image yet', ledger(), undefined, undefined, 'FirstLook'],
    ['starts for the first image after it', LOOKED, image('b'), undefined, 'SelectionChanged'],
    ['starts when the owner of the service died', ledger({ owner: owner() }), image('b'), false, 'OwnerDied'],
    ['starts when records were not sent', { ...SEEN, outbox: [RECORD] }, image('b'), undefined, 'OutboxUnsent'],
  ])('%s', (_case, state, selected, isOwnerRunning, reason) => {
    expect(decideTick(state, selected, isOwnerRunning, config(), NOW)).toEqual({ word: 'start', reason });
  });

  it('starts when the service was emptied behind its launch, but not beside a rollout', () => {
    expect(decideTick(SEEN, image('b'), undefined, config(), NOW, image('a'))).toEqual({
      word: 'start',
      reason: 'ServiceEmptied',
    });
    expect(decideTick({ ...SEEN, owner: owner() }, image('b'), true, config(), NOW, image('a')).word).toBe('idle');
  });

  it('starts when what came to nothing is to be tried again, and selected still', () => {
    const state = { ...SEEN, retry: { image: image('b'), failures: 1, dueAt: NOW } };
    const tick = (selected: SelectedImage, now: number) => decideTick(state, selected, undefined, config(), now).reason;
    expect(tick(image('b'), NOW)).toBe('RetryDue');
    expect(tick(image('b'), NOW - 1)).toBe('NothingToRepair');
    expect(tick(image('c', NOW - 5000), NOW)).toBe('NothingToRepair');
  });

  it.each<[string, LedgerState, SelectedImage | undefined, boolean | undefined]>([
    ['the selection was seen, whatever runs', SEEN, image('b'), undefined],
    ['the selection was seen under a later time', SEEN, image('b', NOW - 5000), undefined],
    ['the selection is older than what was seen', SEEN, image('a', NOW - 1), undefined],
    ['the selection was seen and is quarantined', { ...SEEN, quarantine: [quarantined('b')] }, image('b'), undefined],
    ['nothing is selected', SEEN, undefined, undefined],
    ['there never was an image, as at the first look', LOOKED, undefined, undefined],
    ['a rollout runs', { ...SEEN, owner: owner(), outbox: [RECORD] }, image('c', NOW + 1), true],
  ])('is idle when %s', (_case, state, selected, isOwnerRunning) => {
    expect(decideTick(state, selected, isOwnerRunning, config(), NOW)).toEqual({
      word: 'idle',
      reason: 'NothingToRepair',
    });
  });

  it('never goes to a lower version, and not to where an exact tag was moved back', () => {
    const semver = { tagPolicy: SEMVER };
    expect(
      decideTick(ledger({ seen: image('b', NOW, '1.2.0') }), image('a', NOW + 1, '1.1.0'), undefined, semver, NOW).word,
    ).toBe('idle');
    expect(decideTick(SEEN, image('a', NOW - 1, 'latest'), undefined, { tagPolicy: EXACT }, NOW).word).toBe('idle');
  });
});
