import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBorneOut, isContradicted, LOOKS_PER_EVENT, recordDoubt } from '../../../functions/rollout/contradiction.ts';
import { judgeSteadiness } from '../../../functions/rollout/judge-steadiness.ts';
import { waitingOf } from '../../../functions/rollout/lease.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import type { Happening, ServiceEvent } from '../../../functions/rollout/service-event.ts';
import type { Observation, ServiceFacts, TaskFacts } from '../../../functions/rollout/service-facts.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import type { Watch } from '../../../functions/rollout/watch.ts';
import {
  AROUND,
  BASELINE,
  crashed,
  deployment,
  deploymentFacts,
  ledger,
  MINUTE,
  NOW,
  owner,
  service,
  task,
  waiting,
  watch,
} from './given.ts';

const of = (number: number, says: Happening | undefined, at = NOW): ServiceEvent => ({
  kind: 'deployment',
  deploymentId: deployment(number),
  at,
  says,
});
const stop = (name: string, changes: Partial<ServiceEvent> = {}): ServiceEvent => ({
  kind: 'task',
  deploymentId: deployment(2),
  at: NOW,
  says: 'stopped',
  taskArn: task(name).taskArn,
  ...changes,
});

const look = (
  changes: Partial<ServiceFacts> = {},
  running: readonly TaskFacts[] = [],
  stopped: readonly TaskFacts[] = [],
): Observation => ({ service: service(changes), tasks: { running, stopped } });
const OLD = deploymentFacts(1, { status: 'ACTIVE' });
const BEGUN = deploymentFacts(2, { rolloutState: 'IN_PROGRESS' });
const ROLLING = look({ deployments: [BEGUN, OLD] });
/** What a read shows that is older than our update. */
const BEFORE_US = look({ deployments: [deploymentFacts(1, { createdAt: BASELINE.createdAt })] });
const DRAINING = look({ deployments: [deploymentFacts(2), OLD] }, [task('one'), task('two')]);
const SHORT = look({}, [task('one')]);
const WHOLE = look({}, [task('one'), task('two')]);
const STARTING = look({}, [task('one'), task('two', { lastStatus: 'PENDING' })]);
const HINDERED = look(
  { deployments: [BEGUN, OLD] },
  [],
  [
    crashed('none', {
      stopCode: 'TaskFailedToStart',
      stoppedReason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone',
    }),
  ],
);
const UNPLACED = look({
  deployments: [{ ...BEGUN, runningCount: 0 }, OLD],
  events: [{ at: NOW, message: '(service web) was unable to place a task.' }],
});

/** Whether the event contradicts what the core itself makes of the look. */
function contradicted(event: ServiceEvent, seen: Observation, changes: Partial<Watch> = {}, now = NOW + 500): boolean {
  const watched = watch(changes);
  return isContradicted(event, seen, judgeSteadiness(seen, watched, AROUND, now), watched, now);
}

const BAKE = { kind: 'bake', until: NOW + MINUTE, since: NOW - 1 } as const;
const BACK = { kind: 'rollback', since: NOW - 1 } as const;

describe('an event of ECS', () => {
  it.each<[string, ServiceEvent, Observation, Partial<Watch>]>([
    ['that ours is COMPLETED, which it does not show', of(2, 'completed'), ROLLING, {}],
    ['that ours is COMPLETED, before which it was read', of(2, 'completed'), BEFORE_US, {}],
    ['that ours is COMPLETED while it shows old tasks', of(2, 'completed'), DRAINING, {}],
    ['that ours is COMPLETED while it misses a task', of(2, 'completed'), SHORT, {}],
    ['that ours is COMPLETED while it shows a task that starts', of(2, 'completed'), STARTING, {}],
    [
      'that ours is COMPLETED, of which it knows nothing by the deadline',
      of(2, 'completed'),
      ROLLING,
      { deadline: NOW },
    ],
    ['that ours is COMPLETED, whose tasks it shows without capacity', of(2, 'completed'), HINDERED, {}],
    ['that ours is COMPLETED, none of whose tasks it shows placed', of(2, 'completed'), UNPLACED, BACK],
    ['that ours is COMPLETED, on the way back', of(2, 'completed'), ROLLING, BACK],
    ['that ours has FAILED', of(2, 'failed'), ROLLING, {}],
    ['that ours has FAILED, though it looks steady', of(2, 'failed'), WHOLE, {}],
    ['that ECS rolls back', of(1, 'rolls-back'), ROLLING, {}],
    ['that ECS has rolled back', of(1, 'completed'), ROLLING, {}],
    ["that somebody else's began, though ours looks steady", of(9, 'began'), WHOLE, {}],
    ["that somebody else's is COMPLETED", of(9, 'completed'), WHOLE, BAKE],
    ['that a task stopped, which it shows running', stop('two'), WHOLE, {}],
    ['that a task stopped, which it shows running while it bakes', stop('two'), WHOLE, BAKE],
    ['that a task stopped, which it shows nowhere though it looked', stop('gone'), ROLLING, {}],
    ['that a task stopped, of whose deployment it shows nothing yet', stop('gone'), BEFORE_US, {}],
    [
      'that a task stopped, which it misses among those that it looked for because too few run',
      stop('gone'),
      look({}, [task('one')], [crashed('another')]),
      {},
    ],
    [
      'that a task stopped, which it shows stopping',
      stop('two'),
      look({ deployments: [BEGUN] }, [], [task('two', { desiredStatus: 'STOPPED', lastStatus: 'STOPPING' })]),
      {},
    ],
  ])('contradicts a look: %s', (_case, event, seen, changes) => {
    expect(contradicted(event, seen, changes)).toBe(true);
  });

  it.each<[string, ServiceEvent, Observation, Partial<Watch>]>([
    ['that ours is COMPLETED, as it shows', of(2, 'completed'), WHOLE, {}],
    ['that ours was COMPLETED, while it bakes', of(2, 'completed'), WHOLE, BAKE],
    ['that ours was COMPLETED, of which a task is replaced while it bakes', of(2, 'completed'), SHORT, BAKE],
    ['that a task stopped, as it shows', stop('two'), look({ deployments: [BEGUN] }, [], [crashed('two')]), {}],
    ['that a task stopped, which is gone from all that run', stop('gone'), WHOLE, {}],
    ["that a task of somebody else's stopped", stop('two', { deploymentId: deployment(9) }), WHOLE, {}],
    ['of which nobody knows what it says', of(2, undefined), ROLLING, {}],
    ['that is older than the watch', of(2, 'completed', NOW - 2), ROLLING, { since: NOW - 1 }],
    ['that is older than any read', of(2, 'completed', NOW + 499 - MINUTE), ROLLING, { since: NOW - 9 * MINUTE }],
  ])('does not contradict a look: %s', (_case, event, seen, changes) => {
    expect(contradicted(event, seen, changes)).toBe(false);
  });

  it.each([
    verdict('failed', 'EssentialContainerExited', 'It crashed.'),
    verdict('foreign', 'ForeignDeployment', 'It is theirs.'),
    verdict('rolled-back-by-ecs', 'CircuitBreaker', 'It is back.'),
    verdict('staged', 'DesiredCountZero', 'It is empty.'),
    verdict('wait', 'ContainerEnded', 'It has ended.'),
  ])('does not contradict what was seen: $word, $reason', (judged) => {
    expect(isContradicted(of(2, 'completed'), WHOLE, judged, watch(), NOW)).toBe(false);
  });
});

describe('what an event said', () => {
  const steady = verdict('steady', 'EvidenceComplete', 'fine');
  const failed = verdict('failed', 'EssentialContainerExited', 'It crashed.');

  it.each([
    ['that ours is COMPLETED, by a steady service', of(2, 'completed'), steady, true],
    ["that somebody else's is COMPLETED, by none", of(9, 'completed'), steady, false],
    ['that ours is COMPLETED, by no failure', of(2, 'completed'), failed, false],
    ['that a task stopped, by a failure', stop('one'), failed, true],
    ['that a task stopped, by no steady service', stop('one'), steady, false],
  ])('is borne out: %s', (_case, event, judged, isSo) => {
    expect(isBorneOut(event, judged, watch())).toBe(isSo);
  });
});

describe('a doubt', () => {
  const WAITING = ledger({ owner: owner({ phase: waiting() }) });
  /** The step waits again, with another token than the one that was told. */
  const anew = (state: LedgerState): LedgerState => {
    const { watch: before, doubt } = waitingOf(state.owner)!;
    const tokens = { ...state.tokens, doubted: 'token-0' };
    return { ...state, tokens, owner: owner({ phase: { name: 'waiting', watch: before, doubt } }) };
  };
  const looksOf = (state: LedgerState | undefined): number | undefined => waitingOf(state?.owner)?.doubt?.looks;

  it('is counted for each look that the event has repeated, and ends then', () => {
    let state = WAITING;
    for (let look = 1; look <= LOOKS_PER_EVENT; look++) {
      state = recordDoubt(state, 'token-1', of(2, 'completed'), NOW)!;
      expect(looksOf(state)).toBe(look);
      // A copy of the event meets the watch that was told already, and one that is doubted already says nothing new.
      expect(recordDoubt(state, 'token-1', of(2, 'completed'), NOW)).toBe(state);
      state = anew(state);
    }
    expect(recordDoubt(state, 'token-1', of(2, 'completed'), NOW)).toBeUndefined();
  });

  it('begins anew for a later event also before the step that was told waits again', () => {
    const told = recordDoubt(WAITING, 'token-1', stop('one'), NOW)!;
    const next = recordDoubt(told, 'token-1', stop('two', { at: NOW + 1 }), NOW)!;
    expect(waitingOf(next.owner)?.doubt).toEqual({ event: stop('two', { at: NOW + 1 }), looks: 1 });
  });

  it('begins anew for a later event, and never for an earlier one', () => {
    const doubt = { event: stop('one'), looks: LOOKS_PER_EVENT };
    const state = ledger({ owner: owner({ phase: { name: 'waiting', watch: watch(), doubt } }) });
    expect(looksOf(recordDoubt(state, 'token-1', of(2, 'completed', NOW + 1), NOW))).toBe(1);
    expect(recordDoubt(state, 'token-1', of(2, 'completed', NOW), NOW)).toBeUndefined();
    expect(recordDoubt(state, 'token-1', of(2, 'completed', NOW - 1), NOW)).toBeUndefined();
  });

  it.each<[string, LedgerState]>([
    ['is over', ledger({ owner: owner({ phase: waiting() }), tokens: { watch: 'token-2' } })],
    ['is judged', ledger({ owner: owner({ phase: waiting({}, verdict('steady', 'x', 'x')) }) })],
    ['never was', ledger()],
  ])('is not written down where the watch %s', (_case, state) => {
    expect(recordDoubt(state, 'token-1', of(2, 'completed'), NOW)).toBeUndefined();
  });

  it('is bounded however often and in whatever order events come', () => {
    const times = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 60 });
    fc.assert(
      fc.property(times, (ats) => {
        let [state, looks] = [WAITING, 0];
        for (const at of ats) {
          const doubted = recordDoubt(state, 'token-1', of(2, 'completed', NOW + at), NOW);
          looks += doubted ? 1 : 0;
          state = anew(doubted ?? state);
        }
        expect(looks).toBeLessThanOrEqual(LOOKS_PER_EVENT * new Set(ats).size);
      }),
    );
  });
});
