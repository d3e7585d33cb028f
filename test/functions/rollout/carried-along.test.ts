import { describe, expect, it } from 'vitest';
import { acceptIntent } from '../../../functions/rollout/accept.ts';
import { commit, type Conclusion } from '../../../functions/rollout/conclude.ts';
import { closeGhost } from '../../../functions/rollout/ghosts.ts';
import {
  beginMutation,
  beginWatch,
  ownedBy,
  recordVerdict,
  release,
  withoutSpentTokens,
} from '../../../functions/rollout/lease.ts';
import { EMPTY_LEDGER, parseLedger, type LedgerState } from '../../../functions/rollout/ledger.ts';
import { withLettingFinish } from '../../../functions/rollout/let-finish.ts';
import type { Ending } from '../../../functions/rollout/outcome-of.ts';
import { queue } from '../../../functions/rollout/queue.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import {
  choice,
  config,
  CONCLUDING,
  decision,
  deployment,
  digest,
  emptyService,
  execution,
  facts,
  image,
  ledger,
  NOW,
  owner,
  pending,
  proven,
  quarantined,
  record,
  revision,
  target,
  waiting,
  watch,
} from './given.ts';

/** What a later release may have written, and this one does not know. */
const FUTURE = { fromTheFuture: { since: NOW } };
const planted = <Value extends object>(value: Value): Value => ({ ...value, ...FUTURE });

/** A ledger of a later release: unknown members everywhere; `r1` owns the service. */
const LATER = planted(
  ledger({
    seen: planted(image('a', NOW - 9000)),
    owner: planted(owner({ phase: waiting(), targets: [revision(2)], rollbackTarget: planted(target('a', 1)) })),
    pending: planted(pending('r7')),
    tokens: planted({ watch: 'token-1', turn: 'token-7' }),
    verified: [planted(proven('a', 1)), planted(proven('d', 9))],
    quarantine: [planted(quarantined('e'))],
    pin: planted({ since: 1, rolloutId: 'r0', digest: digest('c') }),
    launch: planted({ failed: 1, isTakenBack: true }),
    outbox: [planted(record({ rolloutId: 'r0' }))],
  }),
);
const FREE: LedgerState = { ...LATER, owner: undefined };
const OWNER = LATER.owner!;

const ending = (step: Ending['step'], word: string): Ending => ({ step, word, reason: 'Because', message: 'So.' });
const conclusion = (changes: Partial<Conclusion>): Conclusion => ({
  rolloutId: 'r1',
  executionArn: execution('r1'),
  service: 'default/web',
  startedAt: NOW,
  ending: ending('Bake', 'steady'),
  cause: null,
  decision: decision(),
  rolled: { taskDefinition: revision(2), deploymentId: deployment(2) },
  ...changes,
});
const failing = { cause: ending('Bake', 'failed'), ending: ending('AwaitRollback', 'steady') };
const launched = { ...LATER, owner: { ...OWNER, rollbackTarget: emptyService(1) } };
const leaving = { ...LATER, owner: { ...OWNER, choice: choice(false, digest('d')) } };
const person = { kind: 'person', digest: digest('c') } as const;
const dead = { isOwnerRunning: false, rolloutId: 'r2' };
const accept = (state: LedgerState, changes: Parameters<typeof facts>[0] = {}) =>
  acceptIntent(state, facts(changes), config(), NOW).state;
const beside = { rolloutId: 'r2', ending: ending('AcceptIntent', 'nothing') };

const waiter = { rolloutId: 'r6', executionArn: execution('r6'), startedAt: NOW };

const CHANGES: readonly (readonly [string, LedgerState | undefined])[] = [
  ['a lease that is taken', accept(FREE, { intent: person, named: image('c') })],
  ['a dead rollout that is closed and recovered from', accept(LATER, dead)],
  ['a dead rollout that had concluded', accept({ ...LATER, owner: { ...OWNER, phase: CONCLUDING } }, dead)],
  ['a change of the service that begins', beginMutation(LATER, OWNER, revision(1), NOW, NOW)],
  ['a watch that begins', beginWatch(LATER, OWNER, watch({ kind: 'bake' }), 'token-2', NOW, 60)],
  ['a verdict', recordVerdict(LATER, 'token-1', verdict('failed', 'Crashed', 'It crashed.'), NOW)],
  ['a push that lets a deployment finish', withLettingFinish(LATER, waiter)],
  ['a ghost that is told of', closeGhost(LATER, { rolloutId: 'r7', isRunning: false }, 'default/web', NOW)],
  ['a place in the queue', queue(LATER, pending('r8', { startedAt: NOW + 1 }), 'token-8').state],
  ['a success', commit(LATER, conclusion({}), NOW)],
  ["a success of a person's rollback", commit(leaving, conclusion({}), NOW)],
  ['a failure', commit(LATER, conclusion(failing), NOW)],
  ['a launch that was taken back', commit(launched, conclusion(failing), NOW)],
  [
    'a rollout that rolled nothing',
    commit(LATER, conclusion({ ...beside, decision: decision({ word: 'nothing' }) }), NOW),
  ],
  ['a release of the lease', release(LATER, 'r1', ['r9'])],
  ['tokens that are spent', withoutSpentTokens({ ...LATER, owner: undefined })],
];

describe('what a later release wrote is carried along by', () => {
  it.each(CHANGES)('%s', (_what, state) => {
    expect(state).not.toBe(LATER);
    expect(state).toMatchObject(FUTURE);
    expect(state!.launch).toMatchObject(FUTURE);
    expect(state!.tokens).toMatchObject(FUTURE);
    expect(state!.verified.filter(isEarlier)).toEqual(expectedRevisions(state!));
    expect(state!.quarantine.at(-1)).toMatchObject(FUTURE);
    expect(state!.outbox[0]).toMatchObject({ rolloutId: 'r0', ...FUTURE });
    if (state!.pending?.rolloutId === 'r7') expect(state!.pending).toMatchObject(FUTURE);
    const mine = ownedBy(state!, 'r1');
    if (mine) expect(mine).toMatchObject({ ...FUTURE, image: OWNER.image });
  });

  it('every change that the owner of a service makes', () => {
    const kept = CHANGES.filter(([, state]) => ownedBy(state!, 'r1'));
    expect(kept.map(([what]) => what)).toHaveLength(11);
  });

  it('reading, which fills in what was never written', () => {
    const { launch: _launch, ...earlier } = LATER;
    expect(parseLedger({ ...earlier, service: 'default/web' })).toEqual({
      ...LATER,
      service: 'default/web',
      launch: EMPTY_LEDGER.launch,
    });
  });

  it('reading, which puts the tokens together that an earlier release left with whoever waits', () => {
    const { owner: mine, pending: next, tokens, ...rest } = LATER;
    const watching = { ...mine, phase: { ...mine!.phase, watch: { ...watch(), token: 'token-1' } } };
    const waiting = { ...next, token: 'token-7' };
    // What the earlier release carried along is older than what it wrote.
    const carried = { ...tokens, watch: 'token-0', turn: 'token-0' };
    expect(parseLedger({ ...rest, owner: watching, pending: waiting, tokens: carried })).toEqual(LATER);
    expect(parseLedger({ ...rest, owner: watching, pending: next, tokens: { ...FUTURE, turn: 'token-7' } })).toEqual(
      LATER,
    );
    expect(parseLedger({ ...rest, pending: waiting })).toEqual({ ...FREE, tokens: { turn: 'token-7' } });
  });
});

/** True for what was verified before; a success puts its own in front. */
function isEarlier({ taskDefinition }: { readonly taskDefinition: string }): boolean {
  return taskDefinition !== revision(2);
}

/** Both earlier revisions, one of them marked where a person's rollback left it. */
function expectedRevisions({ verified }: LedgerState): unknown[] {
  const isMarked = verified.some(({ rolledBackBy }) => rolledBackBy === 'r1');
  return [planted(proven('a', 1)), planted(proven('d', 9, { rolledBackBy: isMarked ? 'r1' : undefined }))];
}
