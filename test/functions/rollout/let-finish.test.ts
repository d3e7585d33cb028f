import { expect, it } from 'vitest';
import { isLetFinish, movedAt, underWay } from '../../../functions/rollout/let-finish.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import {
  BASELINE,
  config,
  deploymentFacts,
  image,
  ledger,
  MINUTE,
  NOW,
  proven,
  revision,
  service,
  target,
} from './given.ts';

const inProgress = deploymentFacts(1, { rolloutState: 'IN_PROGRESS' });
const failing = { ...inProgress, failedTasks: 1 };
const { rolloutState: _state, ...untold } = inProgress;

it.each([
  ['is under way while ECS replaces its tasks', 'sound', service(), inProgress],
  ['fails while the circuit breaker counts', 'failing', service({ breakerRollsBack: true }), failing],
  ['comes to no end when its tasks fail and nobody counts', undefined, service(), failing],
  ['is over when it is COMPLETED', undefined, service(), deploymentFacts(1)],
  ['is over when it is FAILED', undefined, service(), { ...inProgress, rolloutState: 'FAILED' }],
  ['is nothing to wait for on a service without tasks', undefined, service({ desiredCount: 0 }), inProgress],
  ['is not waited for when ECS does not tell', undefined, service(), untold],
  ['is not waited for when ECS does not tell the count', undefined, service({ desiredCount: Number.NaN }), inProgress],
])('a deployment %s', (_when, is, of, deployment) => {
  expect(underWay(of, deployment)).toBe(is);
});

it.each<[boolean, string, object, boolean, LedgerState['lastTargets']]>([
  [true, 'is under way', {}, false, []],
  [false, 'has completed', { rolloutState: 'COMPLETED' }, false, []],
  [false, 'fails without an end', { failedTasks: 1 }, false, []],
  [true, 'fails, and the circuit breaker counts', { failedTasks: 1 }, true, []],
  [false, 'fails so, and is ours', { failedTasks: 1 }, true, [revision(1)]],
  [false, 'is ours, and nobody has proven its image', {}, false, [revision(1)]],
  [false, 'takes longer than a rollout may', { createdAt: NOW - 31 * MINUTE }, false, []],
])('is let finish: %s where a deployment %s', (expected, _when, changes, breakerRollsBack, lastTargets) => {
  const deployed = { ...inProgress, createdAt: NOW - MINUTE, taskDefinition: revision(1), ...changes };
  const way = underWay(service({ breakerRollsBack }), deployed);
  const running = { ...deployed, ...(way && { underWay: way }) };
  expect(isLetFinish(running, ledger({ lastTargets }), config(), NOW)).toBe(expected);
});

it('is let finish where it is ours and puts back what is proven, unless that fails', () => {
  const running = { underWay: 'sound', taskDefinition: revision(1), createdAt: NOW - MINUTE } as const;
  const lastTargets = [revision(2), revision(1)];
  const verified = ledger({ lastTargets, verified: [proven('a', 1)] });
  const copied = ledger({
    lastTargets,
    unsettled: {
      ...{ rolloutId: 'r1', startedAt: NOW, image: image('b'), targets: lastTargets, baseline: BASELINE },
      ...{ rollbackTarget: target('a', 1), leftAt: NOW, failures: 1, dueAt: NOW, isTriedAgain: false },
    },
  });
  for (const known of [verified, copied]) {
    expect(isLetFinish(running, known, config(), NOW)).toBe(true);
    expect(isLetFinish({ ...running, underWay: 'failing' }, known, config(), NOW)).toBe(false);
    expect(isLetFinish({ ...running, taskDefinition: revision(2) }, known, config(), NOW)).toBe(false);
  }
});

it('is let finish while its tasks come and go, and no longer than a rollout may take', () => {
  const running = { underWay: 'sound', taskDefinition: revision(1), createdAt: NOW - 20 * MINUTE } as const;
  const limits = config({ progressSeconds: 600, deadlineSeconds: 1800 });
  const letFinish = (changes: object, now = NOW): boolean =>
    isLetFinish({ ...running, ...changes }, ledger(), limits, now);
  expect(letFinish({})).toBe(false);
  expect(letFinish({ movedAt: NOW - 9 * MINUTE })).toBe(true);
  expect(letFinish({ movedAt: NOW - 10 * MINUTE })).toBe(false);
  expect(letFinish({ movedAt: NOW + 9 * MINUTE }, NOW + 10 * MINUTE)).toBe(false);
});

it('moved when ECS last started or stopped a task for it', () => {
  const event = (at: number, message: string) => ({ at, message: `(service web) ${message}` });
  const deployment = { createdAt: NOW - MINUTE };
  const moved = (...events: ReturnType<typeof event>[]): number => movedAt({ events }, deployment) - NOW;
  expect(moved(event(NOW, 'has reached a steady state.'))).toBe(-MINUTE);
  expect(moved(event(NOW, 'was unable to place a task.'), event(NOW - 5, 'has started 1 tasks: (task a).'))).toBe(-5);
  expect(moved(event(NOW - 7, 'has stopped 2 running tasks: (task b).'))).toBe(-7);
  expect(moved(event(NOW - 2 * MINUTE, 'registered 1 targets in (target-group x)'))).toBe(-MINUTE);
});
