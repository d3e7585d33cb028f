import { describe, expect, it } from 'vitest';
import { dueImages, overdue, provenImages, withoutSlots } from '../../../functions/rollout/outbox.ts';
import { digest, image, ledger, MINUTE, NOW, proven, record, revision } from './given.ts';

const HOUR = 60 * MINUTE;

describe('a record is told', () => {
  it('for six hours, and then given up', () => {
    const outbox = [record({ rolloutId: 'old' }), record({ rolloutId: 'new', endedAt: NOW + 1 })];
    expect([...overdue(outbox, NOW + 6 * HOUR - 1)]).toEqual([]);
    expect([...overdue(outbox, NOW + 6 * HOUR)]).toEqual(['old']);
  });

  it('for as long as it takes where it alone says that the live image has yet to be named', () => {
    const outbox = [
      record({ rolloutId: 'before', taskDefinition: revision(2) }),
      record({ rolloutId: 'last', taskDefinition: revision(3) }),
      record({ rolloutId: 'failed', taskDefinition: revision(3), outcome: 'FAILED_ROLLBACK' }),
    ];
    expect([...overdue(outbox, NOW + 6 * HOUR, revision(3))]).toEqual(['before', 'failed']);
    expect([...overdue(outbox, NOW + 6 * HOUR)]).toEqual(['before', 'last', 'failed']);
  });

  it('unless too many wait: the oldest give way', () => {
    const outbox = Array.from({ length: 53 }, (_, index) => record({ rolloutId: `r${index}`, endedAt: NOW + index }));
    expect([...overdue(outbox, NOW + MINUTE)]).toEqual(['r0', 'r1', 'r2']);
  });
});

describe('the proven images', () => {
  const state = ledger({
    verified: [proven('c', 4, { keepSlot: 3 }), proven('b', 3, { keepSlot: 2 }), proven('a', 2, { keepSlot: 1 })],
  });

  it('are named as the ledger has them, whatever waited', () => {
    expect(provenImages(state, [digest('a'), digest('c')], false)).toEqual({
      live: digest('c'),
      kept: [
        { slot: 3, digest: digest('c') },
        { slot: 1, digest: digest('a') },
      ],
    });
  });

  it('leave the live one alone when only an older one is due', () => {
    expect(provenImages(state, [digest('a')], false)).toEqual({
      live: undefined,
      kept: [{ slot: 1, digest: digest('a') }],
    });
    expect(provenImages(state, [digest('f')], false)).toEqual({ live: undefined, kept: [] });
    const { live, kept } = provenImages(state, [], true);
    expect([live, ...kept.map(({ slot }) => slot)]).toEqual([undefined, 3, 2, 1]);
  });

  it('are due by records of success alone', () => {
    const failed = record({ outcome: 'ROLLED_BACK', image: image('d') });
    expect(dueImages([record({ image: image('b') }), failed, undefined, record({ image: image('b') })])).toEqual([
      digest('b'),
    ]);
  });

  it('lose their slot once the repository has them no more', () => {
    expect(withoutSlots(state, [digest('b')]).verified.map(({ keepSlot }) => keepSlot)).toEqual([3, undefined, 1]);
    expect(withoutSlots(state, [])).toBe(state);
  });
});
