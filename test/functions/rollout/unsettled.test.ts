import { describe, expect, it } from 'vitest';
import { acceptIntent, type AcceptFacts } from '../../../functions/rollout/accept.ts';
import { commit, type Conclusion } from '../../../functions/rollout/conclude.ts';
import { decideTick } from '../../../functions/rollout/decide-tick.ts';
import type { LedgerState, Owner, SelectedImage, Unsettled } from '../../../functions/rollout/ledger.ts';
import type { Ending } from '../../../functions/rollout/outcome-of.ts';
import {
  BASELINE,
  config,
  decision,
  deployment,
  digest,
  emptyService,
  execution,
  facts,
  image,
  ledger,
  MINUTE,
  NOW,
  owner,
  proven,
  quarantined,
  revision,
  target,
  waiting,
} from './given.ts';

const ending = (step: Ending['step'], word: string, reason: string): Ending => ({ step, word, reason, message: 'So.' });
const CRASHED = ending('AwaitSteadyState', 'failed', 'EssentialContainerExited');
const UNSEEN = ending('AwaitSteadyState', 'failed', 'NobodyCouldLook');
const UNAVAILABLE = ending('RollBack', 'error', 'AwsUnavailable');
const WENT: Partial<Owner> = { phase: waiting(), targets: [revision(2)] };

const LEFT: Unsettled = {
  rolloutId: 'r1',
  startedAt: NOW - MINUTE,
  image: image('b'),
  rollbackTarget: target('a', 1),
  targets: [revision(2)],
  baseline: BASELINE,
  leftAt: NOW,
  failures: 1,
  dueAt: NOW + 5 * MINUTE,
  isTriedAgain: false,
};

function ended(end: Partial<Conclusion>, mine: Partial<Owner> = WENT, before: Partial<LedgerState> = {}): LedgerState {
  const conclusion: Conclusion = {
    rolloutId: 'r1',
    executionArn: execution('r1'),
    service: 'default/web',
    startedAt: NOW,
    ending: UNAVAILABLE,
    cause: CRASHED,
    decision: decision(),
    rolled: null,
    ...end,
  };
  return commit(ledger({ seen: image('b'), ...before, owner: owner(mine) }), conclusion, NOW)!;
}

describe('a rollback that failed for trouble that passes', () => {
  it('is tried again in five minutes, and announced at once', () => {
    const { unsettled, outbox } = ended({});
    expect(unsettled).toEqual(LEFT);
    expect(outbox[0]).toMatchObject({ outcome: 'FAILED_ROLLBACK', triedAgainAt: undefined });
    expect(outbox[0]!.message).toContain('Putting back what was proven is tried again in 5 minutes.');
  });

  it.each<[string, Ending]>([
    ['nobody could look at it', ending('AwaitRollback', 'failed', 'NobodyCouldLook')],
    ['Lambda was in trouble', ending('AwaitRollback', 'error', 'Lambda.ServiceException')],
    ['AWS turned it away', ending('RollBack', 'error', 'AwsThrottled')],
    ['tasks found no place', ending('AwaitRollback', 'failed', 'TasksNotPlaced')],
  ])('is tried again where %s', (_why, how) => {
    expect(ended({ ending: how }).unsettled).toEqual(LEFT);
  });

  it.each<[string, Partial<Conclusion>, Partial<Owner>?]>([
    ['what was put back failed, too', { ending: ending('AwaitRollback', 'failed', 'EssentialContainerExited') }],
    ['ECS refused it', { ending: ending('RollBack', 'refused', 'ClientException') }],
    ['a permission is missing', { ending: ending('RollBack', 'error', 'AwsRefused') }],
    ['it was seen healthy', { ending: ending('AwaitRollback', 'steady', 'EvidenceComplete') }],
    ['somebody else deployed', { ending: ending('AwaitRollback', 'foreign', 'ForeignDeployment') }],
  ])('is not tried again where %s', (_why, how, mine) => {
    expect(ended(how, mine, { unsettled: LEFT }).unsettled).toBeUndefined();
  });

  it('is tried again whoever had chosen the image, since it runs still', () => {
    const unsettled = ended({ cause: UNSEEN }, { ...WENT, request: { digest: digest('b') } }).unsettled;
    expect(unsettled).toEqual(LEFT);
  });

  it.each([
    [2, 15],
    [3, 45],
    [4, 60],
    [27, 60],
  ])('is tried a %ith time later, of which only the history tells', (failures, minutes) => {
    const before = { unsettled: { ...LEFT, failures: failures - 1 } };
    const { unsettled, outbox } = ended({}, { ...WENT, purpose: 'recover' }, before);
    expect(unsettled).toMatchObject({ failures, dueAt: NOW + minutes * MINUTE });
    expect(outbox[0]).toMatchObject({ triedAgainAt: NOW + minutes * MINUTE });
  });

  it.each([5, 9, 25])('is announced anew when it is tried a %ith time later', (failures) => {
    const before = { unsettled: { ...LEFT, failures: failures - 1 } };
    const { unsettled, outbox } = ended({}, { ...WENT, purpose: 'recover' }, before);
    expect(unsettled).toMatchObject({ failures });
    expect(outbox[0]).toMatchObject({ outcome: 'FAILED_ROLLBACK', triedAgainAt: undefined });
  });

  it('is given up after a day, which is announced', () => {
    const before = { unsettled: { ...LEFT, failures: 27 } };
    const { unsettled, outbox } = ended({}, { ...WENT, purpose: 'recover' }, before);
    expect(unsettled).toBeUndefined();
    expect(outbox[0]).toMatchObject({ outcome: 'FAILED_ROLLBACK', triedAgainAt: undefined });
    expect(outbox[0]!.message).not.toContain('tried again');
  });

  it('is still to be tried after a rollout that never came to change the service', () => {
    const rejected = { ending: ending('Preflight', 'reject', 'WrongPlatform'), cause: null };
    const { unsettled, outbox } = ended(rejected, {}, { unsettled: LEFT });
    expect(unsettled).toEqual(LEFT);
    expect(outbox[0]).toMatchObject({ outcome: 'REJECTED', triedAgainAt: undefined });
    const refused = { ending: ending('RollService', 'refused', 'ClientException'), cause: null };
    expect(ended(refused, WENT, { unsettled: LEFT }).unsettled).toEqual(LEFT);
  });
});

describe('the tick', () => {
  const known = ledger({ seen: image('b'), verified: [proven('a', 1)], unsettled: LEFT });
  const running = { ...facts().running!, deploymentId: deployment(2), taskDefinition: revision(2), proven: undefined };
  const DUE = NOW + 5 * MINUTE;
  const accept = (changes: Partial<AcceptFacts> = {}, now = DUE, state = known) =>
    acceptIntent(state, facts({ intent: { kind: 'tick' }, running, ...changes }), config(), now);

  it('starts the flow when that is due, and not before or beside a rollout', () => {
    const tick = (state: LedgerState, now: number, isRunning?: boolean) =>
      decideTick(state, image('b'), isRunning, config(), now);
    expect(tick(known, DUE)).toEqual({ word: 'start', reason: 'RollbackDue' });
    expect(tick(known, DUE - 1).word).toBe('idle');
    expect(tick({ ...known, owner: owner() }, DUE, true).word).toBe('idle');
  });

  it('puts back what was proven before it rolls anything new, which stays news', () => {
    const { decision: decided, state } = accept({ selected: image('c', NOW + 1) });
    expect(decided).toMatchObject({ word: 'recover', reason: 'RollbackFailed', rollbackTarget: target('a', 1) });
    expect(decided.message).toBe('Rollout r1 could not be taken back; its rollback target is put back.');
    expect(state).toMatchObject({ seen: image('b'), unsettled: LEFT });
    expect(state?.owner).toMatchObject({ purpose: 'recover', image: image('b'), targets: [revision(2)] });
  });

  it('takes a launch back to nothing likewise', () => {
    const launch = { ...known, verified: [], unsettled: { ...LEFT, rollbackTarget: emptyService(1) } };
    expect(accept({}, DUE, launch).decision).toMatchObject({ word: 'recover', rollbackTarget: emptyService(1) });
  });

  it('waits until it is due', () => {
    expect(accept({}, DUE - 1)).toMatchObject({ decision: { word: 'nothing' } });
    expect(accept({}, DUE - 1).state).toBeUndefined();
  });

  it('forgets it where somebody else has deployed since', () => {
    const theirs = { ...running, deploymentId: deployment(9), taskDefinition: revision(9) };
    const { decision: decided, state } = accept({ running: theirs });
    expect(decided).toMatchObject({ word: 'nothing', isRepair: true });
    expect(state).toEqual({ ...known, unsettled: undefined });
  });

  it('leaves it to a push to roll what is new over it', () => {
    const push = { intent: facts().intent, selected: image('c', NOW + 1) } as const;
    expect(accept(push).decision.word).toBe('roll');
  });
});

describe('the image of a rollout that could not be taken back', () => {
  const recovered = (cause: Ending | null, before: Partial<LedgerState> = {}): LedgerState => {
    const { unsettled } = ended({ cause });
    return ended(
      {
        ending: ending('AwaitRollback', 'steady', 'EvidenceComplete'),
        cause: ending('AcceptIntent', 'recover', 'RollbackFailed'),
      },
      { ...WENT, purpose: 'recover' },
      { unsettled, ...before },
    );
  };

  it('is tried again once the service is settled where nothing was seen of it but trouble', () => {
    const { retry, unsettled, outbox } = recovered(UNSEEN);
    expect(retry).toMatchObject({ image: image('b'), failures: 1 });
    expect(unsettled).toBeUndefined();
    // That the service is settled is told all the same: somebody was told that it was not.
    expect(outbox[0]).toMatchObject({ outcome: 'ROLLED_BACK', triedAgainAt: undefined });
  });

  it('is not tried again where it failed, or was seen to fail', () => {
    expect(recovered(CRASHED).retry).toBeUndefined();
    expect(recovered(UNSEEN, { quarantine: [quarantined('b')] }).retry).toBeUndefined();
  });

  it("is still nobody's fault after another vain try", () => {
    const { unsettled } = ended({ cause: UNSEEN });
    const again = ended(
      { cause: ending('AcceptIntent', 'recover', 'RollbackFailed') },
      { ...WENT, purpose: 'recover' },
      { unsettled },
    );
    expect(again.unsettled).toMatchObject({ failures: 2, isTriedAgain: true });
  });

  const left = (reason: string, before: Unsettled | undefined): Unsettled | undefined => {
    const end = { cause: ending('AcceptIntent', 'recover', reason) };
    return ended(end, { ...WENT, purpose: 'recover' }, { unsettled: before }).unsettled;
  };

  it('is tried again after a rollout that died by itself, and not after one that somebody stopped', () => {
    expect(left('RolloutDied', undefined)).toMatchObject({ failures: 1, isTriedAgain: true });
    expect(left('RolloutStopped', undefined)).toMatchObject({ failures: 1, isTriedAgain: false });
    // What was seen to fail is not forgiven because its recovery died.
    expect(left('RolloutDied', LEFT)).toMatchObject({ failures: 2, isTriedAgain: false });
    expect(left('RolloutStopped', { ...LEFT, isTriedAgain: true })).toMatchObject({ isTriedAgain: false });
  });

  it('inherits nothing from another image', () => {
    const another = { ...LEFT, image: image('d'), failures: 3, isTriedAgain: true };
    expect(left('RollbackFailed', another)).toMatchObject({ failures: 1, isTriedAgain: false });
  });
});

describe('what a failed rollback left, and ECS calls COMPLETED since', () => {
  const state = ledger({ seen: image('b'), verified: [proven('a', 1)], unsettled: LEFT });
  const running = {
    ...{ ...facts().running!, deploymentId: deployment(2), taskDefinition: revision(2), createdAt: NOW - 1 },
    proven: proven('b', 2),
  };
  const accept = (intent: AcceptFacts['intent'], selected: SelectedImage, runs = running) =>
    acceptIntent(state, facts({ intent, selected, named: selected, running: runs }), config(), NOW + MINUTE);
  const push = (selected: SelectedImage) => ({
    ...({ kind: 'push', digest: selected.digest, tag: selected.tag!, at: NOW + 1 } as const),
  });

  it('counts as unjudged: whoever asks for its image has it rolled, and is not told that it runs', () => {
    const again = image('b', NOW + 1);
    expect(accept(push(again), again).decision).toMatchObject({ word: 'roll' });
    expect(accept({ kind: 'person', digest: again.digest }, again).decision).toMatchObject({ word: 'roll' });
  });

  it('is nothing that a newer rollout goes back to', () => {
    const newer = image('c', NOW + 1);
    expect(accept(push(newer), newer).decision).toMatchObject({ word: 'roll', rollbackTarget: target('a', 1) });
  });

  it("is somebody's own where they deployed it once more since, which the tick leaves alone", () => {
    const theirs = { ...running, deploymentId: deployment(8), createdAt: NOW + 1 };
    const again = image('b', NOW + 1);
    expect(accept(push(again), again, theirs).decision).toMatchObject({ word: 'nothing', reason: 'AlreadyRunning' });
    const newer = image('c', NOW + 1);
    const { rollbackTarget } = accept(push(newer), newer, theirs).decision;
    expect(rollbackTarget).toMatchObject({ taskDefinition: revision(2) });
    const due = NOW + 5 * MINUTE;
    const tick = (createdAt: number) =>
      acceptIntent(state, facts({ intent: { kind: 'tick' }, running: { ...theirs, createdAt } }), config(), due);
    expect(tick(NOW + 1).state).toMatchObject({ unsettled: undefined });
    expect(tick(NOW + 1).decision.word).toBe('nothing');
    expect(tick(NOW).decision.word).toBe('recover');
  });
});
