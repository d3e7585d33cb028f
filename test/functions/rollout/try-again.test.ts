import { describe, expect, it } from 'vitest';
import { commit, type Conclusion } from '../../../functions/rollout/conclude.ts';
import type { LedgerState, Owner, Retry } from '../../../functions/rollout/ledger.ts';
import type { Ending } from '../../../functions/rollout/outcome-of.ts';
import { weighIntent } from '../../../functions/rollout/weigh-intent.ts';
import { config, decision, digest, execution, image, ledger, MINUTE, NOW, owner } from './given.ts';

const ending = (step: Ending['step'], word: string, reason: string): Ending => ({ step, word, reason, message: 'So.' });
const conclusion = (changes: Partial<Conclusion>): Conclusion => ({
  rolloutId: 'r1',
  executionArn: execution('r1'),
  service: 'default/web',
  startedAt: NOW,
  ending: ending('RegisterRevision', 'error', 'AwsUnavailable'),
  cause: null,
  decision: decision(),
  rolled: null,
  ...changes,
});
const ended = (changes: Partial<Conclusion> = {}, mine: Partial<Owner> = {}, retry?: Retry): LedgerState =>
  commit(ledger({ owner: owner(mine), retry }), conclusion(changes), NOW)!;
const unavailable = (step: Ending['step']): Ending => ending(step, 'error', 'AwsUnavailable');

describe('an end that says nothing about the image', () => {
  it.each([
    [undefined, 5],
    [1, 15],
    [2, 45],
  ])('after %s others in a row is tried again %i minutes later, and not announced', (before, minutes) => {
    const earlier = before === undefined ? undefined : { image: image('b'), failures: before, dueAt: NOW };
    const { retry, outbox } = ended({}, {}, earlier);
    expect(retry).toEqual({ image: image('b'), failures: (before ?? 0) + 1, dueAt: NOW + minutes * MINUTE });
    expect(outbox[0]).toMatchObject({
      outcome: 'REJECTED',
      message: `So. It is tried again in ${minutes} minutes.`,
      triedAgainAt: NOW + minutes * MINUTE,
    });
  });

  it('is announced, and the last, after three tries', () => {
    const { retry, outbox } = ended({}, {}, { image: image('b'), failures: 3, dueAt: NOW });
    expect(retry).toBeUndefined();
    expect(outbox[0]).toMatchObject({ message: 'So.', triedAgainAt: undefined });
  });

  it('is the first of its image, whatever another one came to', () => {
    expect(ended({}, {}, { image: image('c'), failures: 2, dueAt: NOW }).retry?.failures).toBe(1);
  });

  it.each<[string, Partial<Conclusion>]>([
    ['a preflight that could not look', { ending: unavailable('Preflight') }],
    [
      'a roll of which nothing came to the service',
      { ending: ending('RollBack', 'untouched', 'NothingRolled'), cause: unavailable('RollService') },
    ],
    [
      'a rollback for want of looks',
      {
        ending: ending('AwaitRollback', 'steady', 'EvidenceComplete'),
        cause: ending('AwaitSteadyState', 'failed', 'NobodyCouldLook'),
      },
    ],
    ...[
      'AwsUnavailable',
      'AwsThrottled',
      'ImagesNotListed',
      'LedgerContended',
      'StillMutating',
      'Lambda.TooManyRequestsException',
      'Sandbox.Timedout',
      'Runtime.ExitError',
    ].map((reason): [string, Partial<Conclusion>] => [
      `a registration that ended with ${reason}`,
      { ending: ending('RegisterRevision', 'error', reason) },
    ]),
    ...(['ServiceTrouble', 'NetworkTrouble', 'Capacity', 'TasksNotPlaced'] as const).map(
      (reason): [string, Partial<Conclusion>] => [
        `a rollback by ECS for ${reason}`,
        {
          ending: ending('AwaitRollback', 'steady', 'EvidenceComplete'),
          cause: ending('AwaitSteadyState', 'rolled-back-by-ecs', reason),
        },
      ],
    ),
  ])('is that of %s', (_case, changes) => {
    expect(ended(changes).retry?.failures).toBe(1);
  });

  describe('of a recovery from a rollout that died', () => {
    const died: Partial<Conclusion> = {
      ending: ending('AwaitRollback', 'steady', 'EvidenceComplete'),
      cause: ending('AcceptIntent', 'recover', 'RolloutDied'),
    };
    const recovered = (changes: Partial<LedgerState>, more: Partial<Conclusion> = {}): Retry | undefined => {
      const mine = owner({ purpose: 'recover' });
      return commit(ledger({ owner: mine, seen: image('b'), ...changes }), conclusion({ ...died, ...more }), NOW)!
        .retry;
    };

    it('is tried again, for nobody judged its image', () => {
      expect(recovered({})).toEqual({ image: image('b'), failures: 1, dueAt: NOW + 5 * MINUTE });
      expect(recovered({ retry: { image: image('b'), failures: 3, dueAt: NOW } })).toBeUndefined();
    });

    it.each<[string, Partial<LedgerState>, Partial<Conclusion>]>([
      [
        'its image was seen to fail',
        { quarantine: [{ digest: digest('b'), since: NOW, rolloutId: 'r0', reason: 'So' }] },
        {},
      ],
      ['someone chose its image beside the selection', { seen: image('c') }, {}],
      ['someone stopped it', {}, { cause: ending('AcceptIntent', 'recover', 'RolloutStopped') }],
      ['the rollback failed', {}, { ending: ending('AwaitRollback', 'failed', 'EssentialContainerExited') }],
    ])('is not where %s', (_case, state, changes) => {
      expect(recovered(state, changes)).toBeUndefined();
    });
  });

  it.each<[string, Partial<Conclusion>, Partial<Owner>]>([
    ['a permission is missing', { ending: ending('Preflight', 'error', 'AwsRefused') }, {}],
    ['Preflight refused it', { ending: ending('Preflight', 'reject', 'ImageGone') }, {}],
    [
      'the image crashed',
      {
        ending: ending('AwaitRollback', 'steady', 'EvidenceComplete'),
        cause: ending('Bake', 'failed', 'EssentialContainerExited'),
      },
      {},
    ],
    ['the rollback failed, too', { ending: unavailable('RollBack'), cause: unavailable('RollService') }, {}],
    [
      'what was put back was not seen healthy',
      {
        ending: ending('AwaitRollback', 'failed', 'DeadlineExceeded'),
        cause: ending('AwaitSteadyState', 'failed', 'NobodyCouldLook'),
      },
      {},
    ],
    ['it was to put right what a dead one left', {}, { purpose: 'recover' }],
  ])('is none where %s', (_case, changes, mine) => {
    expect(ended(changes, mine, { image: image('b'), failures: 1, dueAt: NOW }).retry).toBeUndefined();
  });
});

describe('a person who tries it meanwhile', () => {
  const promised = { image: image('b'), failures: 1, dueAt: NOW + MINUTE };
  const tried = (changes: Partial<Conclusion> = {}, retry?: Retry): LedgerState =>
    ended(changes, { request: { digest: digest('b') } }, retry);

  it('is promised nothing, and takes back nothing that was promised', () => {
    expect(tried().retry).toBeUndefined();
    const { retry, outbox } = tried({}, promised);
    expect(retry).toEqual(promised);
    expect(outbox[0]).toMatchObject({ message: 'So.', triedAgainAt: undefined });
  });

  it.each<[string, Partial<Conclusion>]>([
    ['brings an image to the service', { ending: ending('Bake', 'steady', 'EvidenceComplete') }],
    ['leaves the service half way', { ending: unavailable('RollBack'), cause: unavailable('RollService') }],
  ])('ends the promise where it %s', (_case, changes) => {
    expect(tried(changes, promised).retry).toBeUndefined();
  });
});

describe('the tick', () => {
  const state = ledger({ seen: image('b'), retry: { image: image('b'), failures: 1, dueAt: NOW } });
  const weighed = (selected = image('b')) => weighIntent(state, { kind: 'tick' }, { selected }, config());

  it('rolls it although it was seen', () => {
    expect(weighed()).toMatchObject({ word: 'roll', image: image('b') });
    expect(weighIntent({ ...state, retry: undefined }, { kind: 'tick' }, { selected: image('b') }, config()).word).toBe(
      'nothing',
    );
  });

  it('tries it no more once it runs, or somebody holds the service', () => {
    const settled = (word: 'nothing' | 'held') => {
      const beside = { rolloutId: 'r2', decision: decision({ word }), ending: ending('AcceptIntent', word, 'Because') };
      return commit(state, conclusion(beside), NOW)?.retry;
    };
    expect(settled('nothing')).toBeUndefined();
    expect(settled('held')).toBeUndefined();
  });
});
