import { describe, expect, it } from 'vitest';
import { bakeOf, endingInLedger, mayGoBack } from '../../../functions/rollout/judged.ts';
import type { LedgerState, Phase } from '../../../functions/rollout/ledger.ts';
import type { Ending } from '../../../functions/rollout/outcome-of.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import { CONCLUDING, ledger, mutating, NOW, owner, pending, revision, waiting } from './given.ts';

const STEADY = { ...verdict('steady', 'EvidenceComplete', 'fine'), at: NOW };
const BROKEN = verdict('failed', 'EssentialContainerExited', 'broken');
const said = (step: Ending['step'], word: string): Ending => ({ step, word, reason: 'Forged', message: 'Believe me.' });
const inPhase = (phase: Phase): LedgerState => ledger({ owner: owner({ phase, targets: [revision(2)] }) });

describe('how a watch ended', () => {
  it('is told in the words of the ledger', () => {
    const ending = endingInLedger(inPhase(waiting({}, STEADY)), 'r1', said('AwaitSteadyState', 'steady'));
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
    expect(endingInLedger(inPhase(phase), 'r1', ending)).toBeUndefined();
  });

  it('is that the lease is lost, whatever is said, where the rollout does not own the service', () => {
    expect(endingInLedger(ledger(), 'r1', said('Bake', 'steady'))).toMatchObject({ word: 'lost' });
  });

  it('is what the state machine caught, where no answer came', () => {
    const caught = said('Bake', 'error');
    expect(endingInLedger(inPhase(waiting()), 'r1', caught)).toBe(caught);
  });
});

it('believes that a rollout lost its turn only where another one has it', () => {
  const displaced = said('AwaitTurn', 'superseded');
  expect(endingInLedger(ledger({ pending: pending('r2') }), 'r1', displaced)).toBe(displaced);
  expect(endingInLedger(ledger({ pending: pending('r1') }), 'r1', displaced)).toBeUndefined();
  expect(endingInLedger(ledger(), 'r1', said('AwaitTurn', 'steady'))).toBeUndefined();
});

describe('a rollout goes back', () => {
  const broken = said('AwaitSteadyState', 'failed');
  const may = (phase: Phase, cause: Ending | undefined, targets = [revision(2)]): boolean => {
    const mine = owner({ phase, targets });
    return mayGoBack(ledger({ owner: mine }), mine, cause);
  };

  it.each([
    ['for a verdict in the ledger', may(waiting({}, BROKEN), broken), true],
    ['not for one that is not there', may(waiting(), broken), false],
    ['not for one that says the contrary', may(waiting({}, STEADY), broken), false],
    ['on its way back, whatever is said', may(mutating(), broken, [revision(2), revision(1)]), true],
    ['on its way back to what had to be replaced since', may(mutating(), broken, [revision(2), revision(8)]), true],
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
