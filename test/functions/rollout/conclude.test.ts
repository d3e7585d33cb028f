import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../functions/rollout/accept.ts';
import { commit, type Conclusion } from '../../../functions/rollout/conclude.ts';
import { judgeSteadiness } from '../../../functions/rollout/judge-steadiness.ts';
import type { LedgerState, Owner } from '../../../functions/rollout/ledger.ts';
import { outcomeOf, type Ending } from '../../../functions/rollout/outcome-of.ts';
import type { Step } from '../../../functions/rollout/outcomes.ts';
import { OUTCOMES, type Outcome } from '../../../functions/rollout/outcomes.ts';
import {
  AROUND,
  choice,
  decision,
  deployment,
  digest,
  emptyService,
  execution,
  owner,
  image,
  ledger,
  MINUTE,
  NOW,
  proven,
  quarantined,
  revision,
  service,
  target,
  waiting,
  watch,
} from './given.ts';

const ending = (step: Step, word: string, changes: Partial<Ending> = {}): Ending => ({
  step,
  word,
  reason: 'Because',
  message: 'So it went.',
  ...changes,
});
const FAILED = ending('AwaitSteadyState', 'failed', { reason: 'EssentialContainerExited', message: 'It crashed.' });
const BACK = ending('AwaitRollback', 'steady', { reason: 'EvidenceComplete', message: 'It is back.' });

const conclusion = (changes: Partial<Conclusion> = {}): Conclusion => ({
  rolloutId: 'r1',
  executionArn: execution('r1'),
  service: 'default/web',
  startedAt: NOW - 5 * MINUTE,
  ending: ending('Bake', 'steady', { reason: 'EvidenceComplete', message: 'All healthy.' }),
  cause: null,
  decision: decision(),
  rolled: { taskDefinition: revision(2), deploymentId: deployment(2) },
  ...changes,
});
const PIN = { since: 1, rolloutId: 'r0', digest: digest('c') };
const SEEN_SOUND = waiting({ imageDigests: [digest('b'), digest('c')] });
const OWNED = ledger({ owner: owner({ phase: SEEN_SOUND, targets: [revision(2)] }) });
const decided = (word: Decision['word'], changes: Partial<Decision> = {}): Partial<Conclusion> => ({
  decision: decision({ word, reason: 'Because', ...changes }),
  ending: ending('AcceptIntent', word),
});

describe('the outcome', () => {
  it.each<[Step, string, Outcome]>([
    ['AcceptIntent', 'nothing', 'NO_CHANGE'],
    ['AcceptIntent', 'stale', 'SUPERSEDED'],
    ['AcceptIntent', 'held', 'HELD'],
    ['AcceptIntent', 'rejected', 'REJECTED'],
    ['AcceptIntent', 'let-finish', 'REJECTED'],
    ['AwaitTurn', 'superseded', 'SUPERSEDED'],
    ['Preflight', 'reject', 'REJECTED'],
    ['Preflight', 'error', 'REJECTED'],
    ['RegisterRevision', 'error', 'REJECTED'],
    ['RollService', 'refused', 'REJECTED'],
    ['RollService', 'foreign', 'ABORTED_EXTERNAL'],
    ['RollService', 'lost', 'ABORTED'],
    ['RollService', 'error', 'FAILED_NO_ROLLBACK_TARGET'],
    ['AwaitSteadyState', 'steady', 'SUCCEEDED'],
    ['AwaitSteadyState', 'staged', 'STAGED'],
    ['AwaitSteadyState', 'foreign', 'ABORTED_EXTERNAL'],
    ['AwaitSteadyState', 'lost', 'ABORTED'],
    ['AwaitSteadyState', 'failed', 'FAILED_NO_ROLLBACK_TARGET'],
    ['AwaitSteadyState', 'rolled-back-by-ecs', 'FAILED_NO_ROLLBACK_TARGET'],
    ['AwaitSteadyState', 'error', 'FAILED_NO_ROLLBACK_TARGET'],
    ['Bake', 'steady', 'SUCCEEDED'],
    ['Bake', 'staged', 'STAGED'],
    ['Bake', 'foreign', 'ABORTED_EXTERNAL'],
    ['Bake', 'lost', 'ABORTED'],
    ['Bake', 'failed', 'FAILED_NO_ROLLBACK_TARGET'],
    ['Bake', 'rolled-back-by-ecs', 'FAILED_NO_ROLLBACK_TARGET'],
    ['Bake', 'error', 'FAILED_NO_ROLLBACK_TARGET'],
    ['RollBack', 'refused', 'FAILED_ROLLBACK'],
    ['RollBack', 'foreign', 'ABORTED_EXTERNAL'],
    ['RollBack', 'lost', 'ABORTED'],
    ['RollBack', 'error', 'FAILED_ROLLBACK'],
    ['AwaitRollback', 'failed', 'FAILED_ROLLBACK'],
    ['AwaitRollback', 'foreign', 'ABORTED_EXTERNAL'],
    ['AwaitRollback', 'lost', 'ABORTED'],
    ['AwaitRollback', 'error', 'FAILED_ROLLBACK'],
    ['AwaitRollback', 'rolled-back-by-ecs', 'FAILED_ROLLBACK'],
  ])('of %s saying %s is %s', (step, word, outcome) => {
    expect(outcomeOf(ending(step, word), null)).toBe(outcome);
  });

  it.each<[string, Ending, Outcome]>([
    ['a failure', FAILED, 'ROLLED_BACK'],
    ['an error', ending('RollService', 'error'), 'ROLLED_BACK'],
    ['a dead rollout', ending('AcceptIntent', 'recover'), 'ROLLED_BACK'],
    ["ECS's own rollback", ending('AwaitSteadyState', 'rolled-back-by-ecs'), 'ROLLED_BACK_BY_ECS'],
  ])('of a rollback that was seen healthy after %s is told apart', (_case, cause, outcome) => {
    expect(outcomeOf(BACK, cause)).toBe(outcome);
  });

  it('is never a success for a word that nobody knows', () => {
    const steps: Step[] = ['AcceptIntent', 'AwaitTurn', 'Preflight', 'RegisterRevision', 'RollService'];
    const watched: Step[] = ['AwaitSteadyState', 'Bake', 'RollBack', 'AwaitRollback'];
    const known = ['nothing', 'stale', 'held', 'superseded', 'steady', 'staged'];
    const word = fc.oneof(fc.string(), fc.constantFrom('toString', 'constructor', '__proto__', 'wait', 'roll', 'go'));
    fc.assert(
      fc.property(fc.constantFrom(...steps, ...watched), word, (step, said) => {
        const outcome = outcomeOf(ending(step, said), null);
        expect(Object.keys(OUTCOMES)).toContain(outcome);
        expect(OUTCOMES[outcome].endsWell && !known.includes(said)).toBe(false);
      }),
    );
  });
});

describe('a rollout that succeeded', () => {
  it('commits record, verified revision and phase in one state', () => {
    const known = { ...OWNED, owner: { ...OWNED.owner!, toldStart: ['event'] as const } };
    const state = commit(known, conclusion({ ending: ending('Bake', 'steady', { detectionLagSeconds: 0.4 }) }), NOW);
    expect(state?.owner?.phase).toEqual({ name: 'concluding' });
    expect(state?.verified).toEqual([
      {
        taskDefinition: revision(2),
        deploymentId: deployment(2),
        digest: digest('b'),
        imageDigests: [digest('b'), digest('c')],
        at: NOW,
        keepSlot: 1,
      },
    ]);
    expect(state?.outbox).toEqual([
      {
        schema: 1,
        rolloutId: 'r1',
        executionArn: execution('r1'),
        service: 'default/web',
        outcome: 'SUCCEEDED',
        reason: 'Because',
        message: 'So it went.',
        image: image('b'),
        isTick: false,
        taskDefinition: revision(2),
        deploymentId: deployment(2),
        startedAt: NOW - 5 * MINUTE,
        endedAt: NOW,
        detectionLagSeconds: 0.4,
        runs: { kind: 'revision', taskDefinition: revision(2), digest: digest('b') },
      },
    ]);
  });

  it('puts the newest verified revision first and keeps ten', () => {
    const verified = Array.from({ length: 10 }, (_, index) => proven('a', 100 - index));
    const state = commit({ ...OWNED, verified }, conclusion(), NOW);
    expect(state?.verified).toHaveLength(10);
    expect(state?.verified.map(({ taskDefinition }) => taskDefinition).slice(0, 2)).toEqual([
      revision(2),
      revision(100),
    ]);
  });

  it('lists a revision once', () => {
    const state = commit({ ...OWNED, verified: [proven('b', 2), proven('a', 1)] }, conclusion(), NOW);
    expect(state?.verified.map(({ taskDefinition }) => taskDefinition)).toEqual([revision(2), revision(1)]);
  });

  it("lifts its digest's quarantine and no other", () => {
    const state = commit({ ...OWNED, quarantine: [quarantined('b'), quarantined('c')] }, conclusion(), NOW);
    expect(state?.quarantine).toEqual([quarantined('c')]);
  });

  it.each<[string, Partial<Owner>, LedgerState['pin'], LedgerState['pin']]>([
    [
      "sets the pin of a person's choice",
      { choice: choice(true) },
      undefined,
      { since: NOW, rolloutId: 'r1', digest: digest('b') },
    ],
    ['ends the pin when the person chose the selection', { choice: choice(false) }, PIN, undefined],
    ['leaves a pin alone otherwise', {}, PIN, PIN],
  ])('%s', (_case, changes, before, after) => {
    const state = ledger({ owner: owner({ phase: waiting(), ...changes }), pin: before });
    expect(commit(state, conclusion(), NOW)?.pin).toEqual(after);
  });

  it.each<[string, Partial<Conclusion>]>([
    ['rolled back', { ending: BACK, cause: FAILED }],
    ['rejected', { ending: ending('Preflight', 'reject') }],
    ['aborted by another deployment', { ending: ending('Bake', 'foreign') }],
  ])('ends the pin for who asked for the selection, and for nobody else, although it was %s', (_case, changes) => {
    const asking = owner({ phase: waiting(), request: { reason: 'enough' } });
    expect(commit(ledger({ owner: asking, pin: PIN }), conclusion(changes), NOW)?.pin).toBeUndefined();
    const naming = owner({ phase: waiting(), request: { digest: digest('b') } });
    expect(commit(ledger({ owner: naming, pin: PIN }), conclusion(changes), NOW)?.pin).toEqual(PIN);
  });
});

describe('a rollout that failed', () => {
  it.each<[string, Partial<Conclusion>, Outcome]>([
    ['and was rolled back', { ending: BACK, cause: FAILED }, 'ROLLED_BACK'],
    ['and was rolled back by ECS', { ending: BACK, cause: ending('Bake', 'rolled-back-by-ecs') }, 'ROLLED_BACK_BY_ECS'],
    ['with nothing to go back to', { ending: FAILED }, 'FAILED_NO_ROLLBACK_TARGET'],
    ['as did its rollback', { ending: ending('AwaitRollback', 'failed'), cause: FAILED }, 'FAILED_ROLLBACK'],
  ])('%s puts its digest into quarantine and verifies nothing', (_case, changes, outcome) => {
    const state = commit(OWNED, conclusion(changes), NOW);
    const [record] = state!.outbox;
    expect(record?.outcome).toBe(outcome);
    expect(state?.quarantine).toEqual([{ digest: digest('b'), since: NOW, rolloutId: 'r1', reason: record!.reason }]);
    expect(state?.verified).toEqual([]);
    expect(state?.pin).toBeUndefined();
  });

  it('tells the reason of the failure, and the message of failure and rollback', () => {
    const state = commit(OWNED, conclusion({ ending: BACK, cause: FAILED }), NOW);
    expect(state?.outbox[0]).toMatchObject({
      reason: 'EssentialContainerExited',
      message:
        'It crashed. After the rollback: It is back. web:2 stays registered: whoever runs its family without a revision may run it.',
    });
  });

  it('is quarantined once, anew, among twenty', () => {
    const others = Array.from({ length: 19 }, (_, index) => quarantined('c', index));
    const quarantine = [...others, quarantined('b', 1)];
    const again = commit({ ...OWNED, quarantine }, conclusion({ ending: FAILED }), NOW)!.quarantine;
    expect(again).toHaveLength(20);
    expect(again[0]).toMatchObject({ digest: digest('b'), since: NOW });
    const more = commit({ ...OWNED, quarantine: [...others, quarantined('d')] }, conclusion({ ending: FAILED }), NOW);
    expect(more!.quarantine).toHaveLength(20);
  });

  it('takes the sentence out of what Lambda reports of an error', () => {
    const message = '{"errorType":"AwsRefused","errorMessage":"Access denied to \\"web\\"\\nby policy","trace":["x"]}';
    const state = commit(OWNED, conclusion({ ending: ending('RollBack', 'error', { message }) }), NOW);
    expect(state?.outbox[0]?.message).toBe(
      'Access denied to "web" by policy. What keeps the proven image from running: rollouts doctor.',
    );
  });

  it.each<[string, Step, string, string, string?]>([
    ['quotes such a report', 'AwaitSteadyState', 'failed', 'exec {"errorMessage":"no such file"}: not found'],
    ['is not the JSON that it seems to be', 'RollBack', 'error', '{"errorMessage":"\\q"}'],
    ['was cut', 'RollBack', 'error', '{"errorType":"AwsRefused","errorMessage":"Access den'],
    ['quotes one', 'RollBack', 'error', '{"errorType":"X","errorMessage":"\\"errorMessage\\":1"}', '"errorMessage":1.'],
  ])('commits whatever is said: a message that %s', (_case, step, word, message, said = `${message}.`) => {
    const state = commit(OWNED, conclusion({ ending: ending(step, word, { message }) }), NOW);
    expect(state?.outbox[0]?.message.startsWith(said)).toBe(true);
  });

  it('has a reason of one short line, whoever gave it', () => {
    const reason = `\u001b[31mForged\u202e\n${'x'.repeat(500)}`;
    const told = commit(OWNED, conclusion({ ending: ending('RollBack', 'error', { reason }) }), NOW)!.outbox[0]!.reason;
    expect(told).toMatch(/^\[31mForged x+…$/);
    expect(told).toHaveLength(100);
  });
});

describe("a person's request", () => {
  const request = { rollback: true, force: true, reason: 'login is broken' } as const;

  it('is in the record, with the reason in the message too', () => {
    const owned = ledger({ owner: owner({ phase: waiting(), request }) });
    expect(commit(owned, conclusion(), NOW)?.outbox[0]).toMatchObject({
      reason: 'EvidenceComplete',
      message: 'All healthy. Forced by a person: login is broken',
      request,
    });
    const unforced = { rollback: true, reason: 'x' } as const;
    const record = commit(ledger({ owner: owner({ request: unforced }) }), conclusion(), NOW)?.outbox[0];
    expect(record?.message).toBe("All healthy. The person's reason: x");
  });

  it('is absent where the tick started it, which the record says instead', () => {
    const state = ledger({ owner: owner({ phase: waiting(), targets: [revision(2)], isTick: true }) });
    expect(commit(state, conclusion(), NOW)?.outbox[0]).toMatchObject({ isTick: true });
    expect(commit(OWNED, conclusion(), NOW)?.outbox[0]).toMatchObject({ isTick: false });
  });

  it('is in the record of a rollout that never owned the service', () => {
    const refused = commit(ledger(), conclusion(decided('rejected', { request })), NOW)?.outbox[0];
    expect(refused).toMatchObject({ outcome: 'REJECTED', request });
    expect(commit(ledger(), conclusion(decided('nothing')), NOW)?.outbox[0]?.request).toBeUndefined();
  });

  it('marks every revision of the image that a rollback left, once it succeeded, and no other', () => {
    const verified = [proven('c', 4), proven('a', 1), proven('c', 3)];
    const owned = ledger({ verified, owner: owner({ phase: waiting(), choice: choice(true, digest('c')) }) });
    const left = { rolledBackBy: 'r1' };
    expect(commit(owned, conclusion(), NOW)?.verified.slice(1)).toEqual([
      proven('c', 4, left),
      proven('a', 1),
      proven('c', 3, left),
    ]);
    expect(commit(owned, conclusion({ ending: BACK, cause: FAILED }), NOW)?.verified).toEqual(verified);
    const pushed = ledger({ verified, owner: owner({ phase: waiting() }) });
    expect(commit(pushed, conclusion(), NOW)?.verified.slice(1)).toEqual(verified);
  });
});

describe('the time of the last rollback', () => {
  it.each<[string, Partial<Conclusion>, number | undefined]>([
    ['is remembered when the proven revision is back', { ending: BACK, cause: FAILED }, NOW],
    [
      'is remembered when a deadline caused it',
      { ending: BACK, cause: { ...FAILED, reason: 'DeadlineExceeded' } },
      NOW,
    ],
    [
      'is not touched by a rollback that failed',
      { ending: ending('AwaitRollback', 'failed'), cause: FAILED },
      undefined,
    ],
    ['is not touched by a success', {}, undefined],
  ])('%s', (_case, changes, at) => {
    expect(commit(OWNED, conclusion(changes), NOW)?.rolledBackAt).toBe(at);
  });
});

describe('an image that was forced again, and failed', () => {
  const again = owner({ phase: waiting(), targets: [revision(2)], rollbackTarget: target('b', 1) });
  const state = ledger({ owner: again, verified: [proven('b', 1)] });

  it.each<[string, Ending, number]>([
    ['was put back and seen healthy', BACK, 0],
    ['failed again when it was put back', ending('AwaitRollback', 'failed', { reason: FAILED.reason }), 1],
    ['was put back, and nobody could look', ending('AwaitRollback', 'failed', { reason: 'NobodyCouldLook' }), 0],
    ['could not be put back for trouble of AWS', ending('RollBack', 'error', { reason: 'AwsUnavailable' }), 0],
    ['could not be put back, for ECS refused it', ending('RollBack', 'refused', { reason: 'ClientException' }), 0],
  ])('and %s is quarantined only where both revisions failed', (_what, how, count) => {
    expect(commit(state, conclusion({ ending: how, cause: FAILED }), NOW)?.quarantine).toHaveLength(count);
  });

  const SAME = 'is an earlier revision of the same image';
  it.each<[string, Partial<LedgerState>, Ending, string]>([
    ['alone', {}, BACK, `What was put back, web:1, ${SAME}; no other image is proven.`],
    [
      'beside another',
      { verified: [proven('b', 1), proven('a', 3)] },
      BACK,
      `${SAME}. To run another proven one: rollouts rollback.`,
    ],
    [
      'beside one that failed since',
      { verified: [proven('b', 1), proven('a', 3)], quarantine: [quarantined('a')] },
      BACK,
      `${SAME}; no other image is proven.`,
    ],
    ['and is not back', {}, ending('AwaitRollback', 'failed'), `What was to be put back, web:1, ${SAME}`],
  ])('is told to be what runs again, when it is proven %s', (_what, changes, how, says) => {
    const told = commit({ ...state, ...changes }, conclusion({ ending: how, cause: FAILED }), NOW)?.outbox[0];
    expect(told?.message).toContain(says);
  });

  it('is the same also where what ran named it by a tag, and its tasks showed it', () => {
    const { digest: _none, ...byTag } = proven('b', 1);
    const tagged = { kind: 'revision', ...byTag, digest: undefined } as const;
    const named = ledger({ owner: { ...again, rollbackTarget: tagged } });
    expect(commit(named, conclusion({ ending: BACK, cause: FAILED }), NOW)).toMatchObject({ quarantine: [] });
    expect(commit(OWNED, conclusion({ ending: BACK, cause: FAILED }), NOW)?.outbox[0]?.message).not.toContain(SAME);
  });
});

describe('an image is not blamed', () => {
  const timedOut = judgeSteadiness({ service: service({ deployments: [] }) }, watch({ deadline: NOW }), AROUND, NOW);
  const ends: readonly (readonly [string, Partial<Ending>])[] = [
    ['for a deadline that was missed', { word: timedOut.word, reason: timedOut.reason }],
    ['for a secret that could not be read', { reason: 'SecretUnavailable' }],
    ['for a role that was denied', { reason: 'RoleOrLogGroupDenied' }],
    ['for want of looks', { reason: 'NobodyCouldLook' }],
    ['for a pull that was denied', { reason: 'PullDenied' }],
    ['for a file system that could not be mounted', { reason: 'ResourceInitialization' }],
    ['for tasks that found no place', { reason: 'TasksNotPlaced' }],
    ['for a digest that ECS did not show', { reason: 'DigestUnknown' }],
    ['for trouble of a registry', { reason: 'RegistryTrouble' }],
    ['for trouble for which ECS rolled back', { word: 'rolled-back-by-ecs', reason: 'ServiceTrouble' }],
    ['for trouble that nobody knows yet', { reason: 'TaskFailedToStart' }],
    ['for a sidecar that no task can pull', { reason: 'SidecarCannotBePulled' }],
    ['for trouble of AWS', { word: 'error', reason: 'AwsUnavailable' }],
  ];

  it.each(ends)('%s, whether or not there was something to go back to', (_what, how) => {
    const end = { ...FAILED, ...how };
    for (const state of [
      commit(OWNED, conclusion({ ending: BACK, cause: end }), NOW),
      commit(OWNED, conclusion({ ending: end }), NOW),
    ]) {
      expect(OUTCOMES[state!.outbox[0]!.outcome].blamesImage).toBe(true);
      expect(state!.quarantine).toEqual([]);
    }
  });
});

describe('nothing is quarantined', () => {
  it.each<[string, LedgerState, Partial<Conclusion>]>([
    ['when somebody else changed the service', OWNED, { ending: ending('Bake', 'foreign') }],
    ['when the service runs zero tasks', OWNED, { ending: ending('AwaitSteadyState', 'staged') }],
    ['when nothing was touched', OWNED, { ending: ending('Preflight', 'reject') }],
    [
      'when a dead rollout was recovered from, which was never judged',
      ledger({ owner: owner({ purpose: 'recover' }) }),
      { ending: BACK, cause: ending('AcceptIntent', 'recover') },
    ],
  ])('%s', (_case, state, changes) => {
    expect(commit(state, conclusion(changes), NOW)).toMatchObject({ quarantine: [], verified: [] });
  });
});

describe('a rollout that never owned the service', () => {
  it.each<[string, Partial<Conclusion>]>([
    ['nothing was to be done', decided('nothing')],
    ['the service is held', decided('held')],
  ])('remembers the selection when %s', (_case, changes) => {
    const state = commit(ledger({ seen: image('a', NOW - 1) }), conclusion(changes), NOW);
    expect(state?.seen).toEqual(image('b'));
    expect(state?.outbox).toHaveLength(1);
    expect(state?.owner).toBeUndefined();
  });

  it('never remembers an older selection than the one that was seen', () => {
    const newer = image('c', NOW + 1);
    expect(commit(ledger({ seen: newer }), conclusion(decided('nothing')), NOW)?.seen).toEqual(newer);
  });

  it('remembers the selection that came in the millisecond of the one that was seen', () => {
    const state = commit(ledger({ seen: image('c', NOW) }), conclusion(decided('nothing')), NOW);
    expect(state?.seen).toEqual(image('b', NOW));
  });

  it('remembers no selection from a stale or rejected input', () => {
    expect(commit(ledger(), conclusion(decided('stale')), NOW)?.seen).toBeUndefined();
    expect(commit(ledger(), conclusion(decided('rejected')), NOW)?.seen).toBeUndefined();
  });

  it("sets or ends the pin of a person's choice that runs already", () => {
    const pinned = commit(ledger(), conclusion(decided('nothing', { choice: choice(true) })), NOW);
    expect(pinned?.pin).toEqual({ since: NOW, rolloutId: 'r1', digest: digest('b') });
    const released = commit(
      pinned!,
      conclusion({ ...decided('nothing', { choice: choice(false) }), rolloutId: 'r2' }),
      NOW,
    );
    expect(released).toMatchObject({ pin: undefined });
  });

  it('ends the pin for who asked for the selection and was superseded, but not one that was set meanwhile', () => {
    const superseded = conclusion({ ...decided('busy', { request: {} }), ending: ending('AwaitTurn', 'superseded') });
    expect(commit(ledger({ pin: PIN }), superseded, NOW)?.pin).toBeUndefined();
    for (const since of [NOW - MINUTE, NOW - 5 * MINUTE])
      expect(commit(ledger({ pin: { ...PIN, since } }), superseded, NOW)?.pin).toEqual({ ...PIN, since });
  });

  it('has looked, once, and remembers what it only looked at', () => {
    const first = commit(ledger(), conclusion(decided('nothing', { reason: 'FirstLook' })), NOW)!;
    expect(first.firstLook).toEqual({ at: NOW - 5 * MINUTE, digest: digest('b') });
    const again = conclusion({ ...decided('stale'), rolloutId: 'r2', startedAt: NOW });
    expect(commit(first, again, NOW)?.firstLook).toEqual(first.firstLook);
    expect(commit(ledger(), conclusion(decided('stale')), NOW)?.firstLook).toEqual({ at: NOW - 5 * MINUTE });
    expect(commit(ledger(), conclusion(decided('rejected')), NOW)?.firstLook).toBeUndefined();
  });

  it('tells what the push brought that came to nothing', () => {
    const pushed = image('d');
    const state = commit(ledger(), conclusion(decided('stale', { image: undefined, pushed })), NOW);
    expect(state?.outbox).toMatchObject([{ image: pushed }]);
    expect(state?.seen).toBeUndefined();
  });

  it("leaves another rollout's lease alone", () => {
    const state = commit(ledger({ owner: owner({ rolloutId: 'other' }) }), conclusion(decided('nothing')), NOW);
    expect(state?.owner).toMatchObject({ rolloutId: 'other', phase: { name: 'preparing' } });
  });
});

describe('a repeated Conclude', () => {
  it('commits nothing again, whatever it is told the second time', () => {
    const once = commit(OWNED, conclusion(), NOW)!;
    expect(commit(once, conclusion(), NOW + MINUTE)).toBeUndefined();
    expect(commit(once, conclusion({ ending: FAILED }), NOW + MINUTE)).toBeUndefined();
    expect(commit({ ...once, outbox: [] }, conclusion(), NOW + MINUTE)).toBeUndefined();
  });

  it('commits nothing again for a rollout that never owned the service', () => {
    const once = commit(ledger(), conclusion(decided('nothing')), NOW)!;
    expect(commit(once, conclusion(decided('nothing')), NOW)).toBeUndefined();
  });

  it('leaves the record to whoever took the lease over', () => {
    const other = ledger({ owner: owner({ rolloutId: 'other' }) });
    expect(commit(other, conclusion({ ending: ending('Bake', 'lost') }), NOW)).toBeUndefined();
    expect(commit(ledger(), conclusion({ ending: ending('RollService', 'lost') }), NOW)).toBeUndefined();
  });
});

describe('the tag that keeps a proven image', () => {
  const slots = (state: LedgerState | undefined): unknown[] => (state?.verified ?? []).map(({ keepSlot }) => keepSlot);

  it('takes the first slot that no verified revision uses', () => {
    const verified = [proven('c', 9, { keepSlot: 1 }), proven('d', 8, { keepSlot: 3 })];
    expect(slots(commit({ ...OWNED, verified }, conclusion(), NOW))).toEqual([2, 1, 3]);
  });

  it('stays when the image has one already', () => {
    const verified = [proven('c', 9, { keepSlot: 1 }), proven('b', 8, { keepSlot: 7 })];
    expect(slots(commit({ ...OWNED, verified }, conclusion(), NOW))).toEqual([7, 1, 7]);
  });

  it('takes over from the oldest revision when all are in use', () => {
    const verified = Array.from({ length: 10 }, (_, index) => proven('a', 100 - index, { keepSlot: 10 - index }));
    expect(slots(commit({ ...OWNED, verified }, conclusion(), NOW))).toEqual([1, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  });
});

describe('what later rollouts must know', () => {
  it('is what a rollout put on the service, however it ended', () => {
    for (const end of [conclusion(), conclusion({ cause: FAILED, ending: BACK })])
      expect(commit(OWNED, end, NOW)?.lastTargets).toEqual([revision(2)]);
    const untouched = ledger({ owner: owner({ targets: [] }), lastTargets: [revision(9)] });
    expect(commit(untouched, conclusion(), NOW)?.lastTargets).toEqual([revision(9)]);
  });

  it.each([
    ['ECS refused what it was to put there', ending('RollService', 'refused')],
    ['two looks have shown the service as it was', ending('RollBack', 'untouched')],
  ])('is what the rollout before it put there where %s', (_case, end) => {
    const state = { ...OWNED, lastTargets: [revision(9)] };
    expect(commit(state, conclusion({ ending: end }), NOW)?.lastTargets).toEqual([revision(9)]);
  });

  const empty = { rollbackTarget: emptyService(1), isTick: true };
  const launching = ledger({
    owner: owner({ phase: waiting(), targets: [revision(2)], ...empty }),
    verified: [proven('b', 1)],
    launch: { failed: 1, isTakenBack: true },
  });

  it('is that a launch was taken back', () => {
    const back = commit(launching, conclusion({ cause: FAILED, ending: BACK }), NOW);
    expect(back?.launch).toEqual({ failed: 2, isTakenBack: true });
  });

  it('is that again when a launch never came to change the service', () => {
    const refused = { ...launching, owner: owner({ targets: [], ...empty }) };
    const state = commit(refused, conclusion({ ending: ending('Preflight', 'reject') }), NOW);
    expect(state?.launch).toEqual({ failed: 2, isTakenBack: true });
  });

  it('is nothing of it once a rollout succeeded', () => {
    expect(commit(launching, conclusion(), NOW)?.launch).toEqual({ failed: 0, isTakenBack: false });
  });

  it.each([
    ['it ended at an operator’s zero', ending('AwaitSteadyState', 'staged')],
    ['somebody else deployed', ending('AwaitSteadyState', 'foreign')],
  ])('is not that the service is empty when %s', (_why, end) => {
    const state = commit(launching, conclusion({ ending: end }), NOW);
    expect(state?.launch.isTakenBack).toBe(false);
  });

  it('is not that a proven image is bad when it fails to be launched again', () => {
    const back = conclusion({ cause: FAILED, ending: BACK });
    expect(commit(launching, back, NOW)?.quarantine).toEqual([]);
    expect(commit({ ...launching, verified: [] }, back, NOW)?.quarantine).toMatchObject([{ digest: digest('b') }]);
  });
});

describe('a launch that was taken back', () => {
  it('leaves nothing proven behind, whoever rolled back first', () => {
    const launched = ledger({
      owner: owner({ phase: waiting(), targets: [revision(2)], rollbackTarget: emptyService(1) }),
    });
    for (const cause of [FAILED, ending('AwaitSteadyState', 'rolled-back-by-ecs')]) {
      const state = commit(launched, conclusion({ cause, ending: BACK }), NOW);
      expect(state?.outbox[0]).toMatchObject({ outcome: 'FAILED_NO_ROLLBACK_TARGET' });
      expect(state?.quarantine).toMatchObject([{ digest: digest('b') }]);
    }
  });
});
