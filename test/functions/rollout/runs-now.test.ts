import { describe, expect, it } from 'vitest';
import { closeGhost } from '../../../functions/rollout/ghosts.ts';
import type { Owner } from '../../../functions/rollout/ledger.ts';
import type { Ending } from '../../../functions/rollout/outcome-of.ts';
import { outcomeOf } from '../../../functions/rollout/outcome-of.ts';
import { runsAfter } from '../../../functions/rollout/runs-now.ts';
import { closeDead } from '../../../functions/rollout/take-over.ts';
import { digest, emptyService, ledger, NOW, owner, pending, revision, waiting } from './given.ts';

const end = (step: Ending['step'], word: string): Ending => ({ step, word, reason: 'Why', message: 'Because.' });
const rolled = { targets: [revision(2)], phase: waiting() };
const wentBack = { targets: [revision(2)], phase: waiting({ taskDefinition: revision(1) }) };
const FAILED = end('AwaitSteadyState', 'failed');

const after = (changes: Partial<Owner>, ending: Ending, cause: Ending | null = null) => {
  const of = owner(changes);
  return runsAfter(of, ending, outcomeOf(ending, cause, of.rollbackTarget), revision(2));
};

describe('what runs after a rollout', () => {
  it('that owned nothing, or never came to the service, is what ran before', () => {
    expect(runsAfter(undefined, end('AcceptIntent', 'held'), 'HELD', undefined)).toEqual({ kind: 'unchanged' });
    expect(after({}, end('Preflight', 'reject'))).toEqual({ kind: 'unchanged' });
    expect(after({ targets: [revision(2)] }, end('RollBack', 'untouched'), FAILED)).toEqual({ kind: 'unchanged' });
  });

  it('that succeeded is its revision with its image', () => {
    const runs = { kind: 'revision', taskDefinition: revision(2), digest: digest('b') };
    expect(after(rolled, end('Bake', 'steady'))).toEqual(runs);
  });

  it('that was rolled back is the proven revision, or the copy of it that was put back', () => {
    const runs = { kind: 'revision', digest: digest('a') };
    const isBack = end('AwaitRollback', 'steady');
    expect(after(wentBack, isBack, FAILED)).toEqual({ ...runs, taskDefinition: revision(1) });
    const copy = { ...wentBack, phase: waiting({ taskDefinition: revision(3) }) };
    expect(after(copy, isBack, FAILED)).toEqual({ ...runs, taskDefinition: revision(3) });
  });

  it('is nothing where a launch was taken back, or no tasks are wanted', () => {
    const launch = { ...wentBack, rollbackTarget: emptyService(1) };
    expect(after(launch, end('AwaitRollback', 'steady'), FAILED)).toEqual({ kind: 'nothing' });
    expect(after(rolled, end('AwaitSteadyState', 'staged'))).toEqual({ kind: 'nothing' });
  });

  it('with nothing to go back to is what it rolled', () => {
    const runs = { kind: 'revision', taskDefinition: revision(2), digest: digest('b') };
    expect(after({ ...rolled, rollbackTarget: undefined }, FAILED)).toEqual(runs);
  });

  it.each([
    ['whose rollback failed', end('AwaitRollback', 'failed')],
    ['during which someone else deployed', end('AwaitSteadyState', 'foreign')],
  ])('%s is not known', (_, ending) => {
    expect(after(rolled, ending)).toBeUndefined();
  });

  it('is not known where someone else deployed before it had changed anything', () => {
    expect(after({}, end('RollService', 'foreign'))).toBeUndefined();
  });

  it('that put a dead one right and came no nearer is not known', () => {
    expect(after({ ...rolled, purpose: 'recover' }, end('RollBack', 'untouched'), FAILED)).toBeUndefined();
  });

  it('whose execution is over is known only where it changed nothing', () => {
    const by = { rolloutId: 'r2', service: 'default/web' };
    expect(closeDead(ledger(), owner(), by, NOW).outbox).toMatchObject([{ runs: { kind: 'unchanged' } }]);
    expect(closeDead(ledger(), owner(rolled), by, NOW).outbox.map(({ runs }) => runs)).toEqual([undefined]);
    const waits = ledger({ pending: pending('r1') });
    const ghost = closeGhost(waits, { rolloutId: 'r1', isRunning: false }, 'default/web', NOW);
    expect(ghost.outbox).toMatchObject([{ runs: { kind: 'unchanged' } }]);
  });
});
