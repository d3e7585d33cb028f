import { describe, expect, it } from 'vitest';
import {
  BAKE_MARGIN_MS,
  bakeOf,
  endingInLedger,
  mayGoBack,
  steadyBefore,
  UNWATCHED_MS,
} from '../../../functions/rollout/judged.ts';
import type { LedgerState, Phase } from '../../../functions/rollout/ledger.ts';
import type { Ending } from '../../../functions/rollout/outcome-of.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import { CONCLUDING, ledger, MINUTE, mutating, NOW, owner, pending, revision, waiting } from './given.ts';

const STEADY = { ...verdict('steady', 'EvidenceComplete', 'fine'), at: NOW };
const BROKEN = verdict('failed', 'EssentialContainerExited', 'broken');
const said = (step: Ending['step'], word: string): Ending => ({ step, word, reason: 'Forged', message: 'Believe me.' });
const inPhase = (phase: Phase): LedgerState => ledger({ owner: owner({ phase, targets: [revision(2)] }) });

it('gives a look, and a bake, the time that the state machine gives them', () => {
  expect([UNWATCHED_MS, BAKE_MARGIN_MS]).toEqual([60_000, 600_000]);
});

describe('how a watch ended', () => {
  it('is told with how long it took to be noticed', () => {
    const late = inPhase(waiting({}, { ...STEADY, detectionLagSeconds: 3 }));
    const ending = endingInLedger(late, 'r1', said('AwaitSteadyState', 'steady'), NOW);
    expect(ending).toMatchObject({ detectionLagSeconds: 3 });
  });

  it('is told in the words of the ledger', () => {
    const ending = endingInLedger(inPhase(waiting({}, STEADY)), 'r1', said('AwaitSteadyState', 'steady'), NOW);
    expect(ending).toEqual({
      step: 'AwaitSteadyState',
      word: 'steady',
      reason: 'EvidenceComplete',
      message: 'fine',
      detectionLagSeconds: null,
    });
  });

  it.each<[string, Phase, Ending]>([
    ['nobody judged', waiting(), said('AwaitSteadyState', 'steady')],
    ['was judged otherwise', waiting({}, BROKEN), said('AwaitSteadyState', 'steady')],
    ['is another watch', waiting({}, STEADY), said('Bake', 'steady')],
    ['has not begun', mutating(), said('AwaitRollback', 'steady')],
    ['is said to belong to somebody else, and does not', waiting(), said('Bake', 'lost')],
  ])('is not believed where it %s', (_case, phase, ending) => {
    expect(endingInLedger(inPhase(phase), 'r1', ending, NOW)).toBeUndefined();
  });

  it('is that the lease is lost, whatever is said, where the rollout does not own the service', () => {
    expect(endingInLedger(ledger(), 'r1', said('Bake', 'steady'), NOW)).toMatchObject({ word: 'lost' });
  });

  describe('whose step was caught', () => {
    const caught = said('AwaitSteadyState', 'error');
    const TOO_LATE = NOW + 30 * MINUTE + UNWATCHED_MS;

    it('is not known while somebody may still look, for anybody may have sent the failure', () => {
      for (const phase of [waiting(), mutating()]) {
        expect(endingInLedger(inPhase(phase), 'r1', caught, TOO_LATE - 1)).toBeUndefined();
        expect(endingInLedger(inPhase(phase), 'r1', caught, TOO_LATE)).toBe(caught);
      }
    });

    it('has until the deadline of what is stored, where that is later, as that of a bake is', () => {
      const deadline = NOW + 50 * MINUTE;
      const baking = inPhase(waiting({ kind: 'bake', deadline }));
      expect(endingInLedger(baking, 'r1', said('Bake', 'error'), deadline + UNWATCHED_MS - 1)).toBeUndefined();
      expect(endingInLedger(baking, 'r1', said('Bake', 'error'), deadline + UNWATCHED_MS)).toMatchObject({
        word: 'error',
      });
    });

    it('is never known from the error where it was judged, however late', () => {
      expect(endingInLedger(inPhase(waiting({}, STEADY)), 'r1', caught, 2 * TOO_LATE)).toBeUndefined();
      const judged = endingInLedger(inPhase(waiting({}, BROKEN)), 'r1', caught, NOW);
      expect(judged).toMatchObject({ step: 'AwaitSteadyState', word: 'failed', reason: BROKEN.reason });
    });

    it('has until the end of its bake, however much later the deadline of the roll is', () => {
      const late = said('Bake', 'error');
      const baking = inPhase(waiting({ kind: 'bake', deadline: NOW + MINUTE, progressSeconds: 600 }));
      expect(endingInLedger(baking, 'r1', late, NOW + MINUTE + UNWATCHED_MS - 1)).toBeUndefined();
      expect(endingInLedger(baking, 'r1', late, NOW + MINUTE + UNWATCHED_MS)).toBe(late);
    });

    it('has until the end of its bake, though that was never stored', () => {
      const until = NOW + 40 * MINUTE;
      const steady = inPhase(waiting({}, { ...STEADY, at: until }));
      const late = said('Bake', 'error');
      expect(endingInLedger(steady, 'r1', late, until + BAKE_MARGIN_MS + UNWATCHED_MS - 1)).toBeUndefined();
      expect(endingInLedger(steady, 'r1', late, until + BAKE_MARGIN_MS + UNWATCHED_MS)).toBe(late);
    });

    it('is over on the way back with the verdict, whichever that is', () => {
      const back = inPhase(waiting({ kind: 'rollback' }, STEADY));
      expect(endingInLedger(back, 'r1', said('AwaitRollback', 'error'), NOW)).toMatchObject({ word: 'steady' });
    });
  });
});

it('believes that a rollout lost its turn only where the ledger says that it did', () => {
  const superseded = said('AwaitTurn', 'superseded');
  expect(endingInLedger(ledger({ displaced: ['r1'] }), 'r1', superseded, NOW)).toBe(superseded);
  expect(endingInLedger(ledger({ displaced: ['r3'], pending: pending('r2') }), 'r1', superseded, NOW)).toBeUndefined();
  // Its token is known before it stands in the queue.
  expect(endingInLedger(ledger(), 'r1', superseded, NOW)).toBeUndefined();
  expect(endingInLedger(ledger({ displaced: ['r1'] }), 'r1', said('AwaitTurn', 'steady'), NOW)).toBeUndefined();
});

describe('a rollout goes back', () => {
  const broken = said('AwaitSteadyState', 'failed');
  const may = (phase: Phase, cause: Ending | undefined, targets = [revision(2)]): boolean => {
    const mine = owner({ phase, targets });
    return mayGoBack(ledger({ owner: mine }), mine, cause, NOW);
  };

  it.each([
    ['for a verdict in the ledger', may(waiting({}, BROKEN), broken), true],
    ['not for one that is not there', may(waiting(), broken), false],
    ['not for one that says the contrary', may(waiting({}, STEADY), broken), false],
    ['on its way back, whatever is said', may(mutating(), broken, [revision(2), revision(1)]), true],
    ['on its way back to what had to be replaced since', may(mutating(), broken, [revision(2), revision(8)]), true],
    ['not for a watch that failed, of which nobody knows why', may(waiting(), said('Bake', 'error')), false],
    ['on its way back to what it rolled, too', may(mutating(), broken, [revision(1)]), true],
    ['for a step that failed', may(mutating(), said('RollService', 'error')), true],
    ['for a definition that does not say why', may(waiting(), undefined), true],
  ])('%s', (_case, answer, expected) => {
    expect(answer).toBe(expected);
  });
});

describe('a bake', () => {
  it('counts from the verdict', () => {
    expect(bakeOf(owner({ phase: waiting({}, STEADY) }), 60)).toEqual({ since: NOW, until: NOW + 60_000 });
  });

  it('is none of a verdict of which nobody knows when it was given', () => {
    expect(bakeOf(owner({ phase: waiting({}, { ...STEADY, at: undefined }) }), 60)).toBeUndefined();
  });

  it('that has begun keeps its times', () => {
    const phase = waiting({ kind: 'bake', since: 5, until: 9 });
    expect(bakeOf(owner({ phase }), 60)).toEqual({ since: 5, until: 9 });
  });

  it.each([waiting(), waiting({}, BROKEN), mutating(), CONCLUDING])(
    'is none of $name without such a verdict',
    (phase) => {
      expect(bakeOf(owner({ phase }), 60)).toBeUndefined();
    },
  );
});

it('is known to have been steady, and when, of an owner that bakes, and of no other', () => {
  const baking = owner({ phase: waiting({ kind: 'bake', since: 5, until: 9 }, BROKEN) });
  expect(steadyBefore(baking)).toMatchObject({ word: 'steady', at: 5 });
  for (const phase of [waiting({}, STEADY), waiting({ kind: 'rollback' }), mutating()])
    expect(steadyBefore(owner({ phase }))).toBeUndefined();
});
