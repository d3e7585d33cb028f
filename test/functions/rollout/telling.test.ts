import { describe, expect, it } from 'vitest';
import { acceptIntent } from '../../../functions/rollout/accept.ts';
import type { RolloutRecord } from '../../../functions/rollout/ledger.ts';
import { messageFor } from '../../../functions/rollout/message.ts';
import { EVERY_OUTCOME, OUTCOMES } from '../../../functions/rollout/outcomes.ts';
import { tellerOf, tellingOf } from '../../../functions/rollout/telling.ts';
import { config, digest, facts, ledger, NOW, owner, record, revision, waiting } from './given.ts';

const RUNS = { kind: 'revision', taskDefinition: revision(1), digest: digest('a') } as const;
const STOPPED = record({
  outcome: 'ABORTED',
  reason: 'StoppedByPerson',
  message: 'A person stopped it (wrong one).',
  settledBy: 'r2',
});
const recovery = (changes: Partial<RolloutRecord> = {}): RolloutRecord =>
  record({
    rolloutId: 'r2',
    outcome: 'ROLLED_BACK',
    reason: 'RolloutStopped',
    message: 'It is back.',
    runs: RUNS,
    ...changes,
  });

/** What is told of each record of an outbox, by its id. */
const told = (outbox: readonly RolloutRecord[], owning?: string) => {
  const untold = ledger({ outbox, owner: owning === undefined ? undefined : owner({ rolloutId: owning }) });
  return Object.fromEntries(outbox.map((each) => [each.rolloutId, tellingOf(untold, each)?.record.rolloutId]));
};

describe('people are told', () => {
  it.each(EVERY_OUTCOME)('of %s by itself where its outcome is announced', (outcome) => {
    expect(told([record({ outcome })])).toEqual({ r1: OUTCOMES[outcome].isAnnounced ? 'r1' : undefined });
  });

  it('of nothing that is tried again by itself', () => {
    expect(told([record({ outcome: 'ROLLED_BACK', triedAgainAt: NOW })])).toEqual({ r1: undefined });
  });

  it('once of a rollout that was stopped, with what runs since its recovery', () => {
    const outbox = [STOPPED, recovery()];
    expect(told(outbox)).toEqual({ r1: undefined, r2: 'r1' });
    const telling = tellingOf(ledger({ outbox }), outbox[1]!)!;
    expect(telling).toEqual({ record: { ...STOPPED, runs: RUNS }, aftermath: recovery() });
    const lines = messageFor(telling).bodies.email.split('\n');
    expect(lines[0]).toBe(
      'The rollout of build-b (sha256:bbbbbbbbbbbb) to default/web was stopped on purpose; web:1 (sha256:aaaaaaaaaaaa) runs again.',
    );
    expect(lines[2]).toBe('Why: A person stopped it (wrong one). It is back. (StoppedByPerson)');
  });

  it.each([
    [
      'the launch is taken back to nothing',
      recovery({ outcome: 'FAILED_NO_ROLLBACK_TARGET', runs: { kind: 'nothing' } }),
    ],
    ['the image is tried again', recovery({ outcome: 'FAILED_ROLLBACK', triedAgainAt: NOW })],
  ])('of the stopped one when %s', (_, last) => {
    expect(told([STOPPED, last])).toEqual({ r1: undefined, r2: 'r1' });
  });

  it.each(['FAILED_ROLLBACK', 'ABORTED_EXTERNAL'] as const)('of the recovery instead when that ends %s', (outcome) => {
    expect(told([STOPPED, recovery({ outcome, runs: undefined })])).toEqual({ r1: undefined, r2: 'r2' });
  });

  it('once when recoveries die, too', () => {
    const died = record({ rolloutId: 'r2', outcome: 'ABORTED', settledBy: 'r3' });
    const outbox = [STOPPED, died, recovery({ rolloutId: 'r3' })];
    expect(told(outbox)).toEqual({ r1: undefined, r2: undefined, r3: 'r1' });
  });

  it('not before the recovery has ended, and then of others all the same', () => {
    const outbox = [STOPPED, record({ rolloutId: 'r9', outcome: 'HELD' })];
    expect(told(outbox, 'r2')).toEqual({ r1: undefined, r9: 'r9' });
    expect(tellerOf(ledger({ outbox, owner: owner({ rolloutId: 'r2' }) }), STOPPED)).toBeUndefined();
  });

  it('by itself of one whose recovery is gone without a record', () => {
    expect(told([STOPPED])).toEqual({ r1: 'r1' });
    expect(told([STOPPED], 'r7')).toEqual({ r1: 'r1' });
  });
});

describe('whoever takes over from a dead rollout', () => {
  const dead = ledger({ owner: owner({ rolloutId: 'dead', phase: waiting(), targets: [revision(2)] }) });
  const over = { isOwnerRunning: false, ownerStop: {} } as const;
  const running = { ...facts().running!, taskDefinition: revision(2) };

  it('is noted in its record when it puts things right', () => {
    const { decision, state } = acceptIntent(dead, facts({ ...over, running }), config(), NOW);
    expect(decision.word).toBe('recover');
    expect(state?.outbox).toMatchObject([{ rolloutId: 'dead', outcome: 'ABORTED', settledBy: 'r2' }]);
  });

  it('is not when nothing was left half way', () => {
    const early = ledger({ owner: owner({ rolloutId: 'dead' }) });
    const { decision, state } = acceptIntent(early, facts(over), config(), NOW);
    expect(decision.word).not.toBe('recover');
    expect(state?.outbox.map(({ settledBy }) => settledBy)).toEqual([undefined]);
  });
});

it.each([
  ['HELD', 'held'],
  ['FAILED_ROLLBACK', 'waiting'],
  ['FAILED_NO_ROLLBACK_TARGET', 'waiting'],
  ['ROLLED_BACK', 'ended'],
  ['ABORTED', 'ended'],
] as const)('a message of %s is of the kind %s', (outcome, kind) => {
  expect(messageFor({ record: record({ outcome }) }).kind).toBe(kind);
});
