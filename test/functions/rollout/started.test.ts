import { expect, it } from 'vitest';
import type { Owner } from '../../../functions/rollout/ledger.ts';
import { owedOfStart, startLeftUntold, startOf, withStartTold } from '../../../functions/rollout/started.ts';
import { verdict } from '../../../functions/rollout/verdict.ts';
import { deployment, digest, emptyService, execution, image, NOW, owner, revision, waiting } from './given.ts';

const ROLLED = { taskDefinition: revision(2), deploymentId: deployment(2), since: NOW };
const rolling = (changes: Partial<Owner> = {}): Owner =>
  owner({ phase: { name: 'mutating', since: NOW }, targets: [revision(2)], ...changes });

it('tells what is rolled, why, and what comes back if it fails', () => {
  const accepted = { reason: 'Selected', message: 'It is selected.' };
  expect(startOf(rolling({ accepted, trigger: 'push' }), 'default/web', ROLLED)).toEqual({
    schema: 1,
    state: 'STARTED',
    rolloutId: 'r1',
    executionArn: execution('r1'),
    service: 'default/web',
    ...accepted,
    image: image('b'),
    request: undefined,
    isTick: false,
    trigger: 'push',
    taskDefinition: revision(2),
    deploymentId: deployment(2),
    startedAt: NOW - 60_000,
    rolledAt: NOW,
    backTo: { taskDefinition: revision(1), digest: digest('a') },
  });
});

it.each([
  ['a launch', emptyService(1)],
  ['nothing proven', undefined],
])('of %s tells that no revision comes back', (_what, rollbackTarget) => {
  expect(startOf(rolling({ rollbackTarget }), 'default/web', ROLLED).backTo).toBeUndefined();
});

it.each<[string, Partial<Owner>]>([
  ['was judged to have failed', { phase: waiting({}, verdict('failed', 'Exited', 'It exited.')) }],
  ['goes back', { phase: waiting({ kind: 'rollback' }) }],
  ['puts right what another one left', { purpose: 'recover' }],
  ['has ended', { phase: { name: 'concluding' } }],
])('is owed nobody of a rollout that %s', (_what, changes) => {
  expect(owedOfStart(rolling(changes), true)).toEqual([]);
});

it('is owed each reader once', () => {
  const told = withStartTold(rolling(), ['message']);
  expect(owedOfStart(rolling(), true)).toEqual(['event', 'message']);
  expect(owedOfStart(rolling(), false)).toEqual(['event']);
  expect(owedOfStart(told, true)).toEqual(['event']);
  expect(owedOfStart(withStartTold(told, ['event']), true)).toEqual([]);
});

it('goes with the end where no event of it was taken, and only where ECS took the revision', () => {
  expect(startLeftUntold(rolling(), 'default/web', ROLLED)).toMatchObject({ rolloutId: 'r1', rolledAt: NOW });
  expect(startLeftUntold(rolling({ toldStart: ['message'] }), 'default/web', ROLLED)).toMatchObject({
    rolloutId: 'r1',
  });
  expect(startLeftUntold(rolling({ toldStart: ['event'] }), 'default/web', ROLLED)).toBeUndefined();
  expect(startLeftUntold(rolling({ purpose: 'recover' }), 'default/web', ROLLED)).toBeUndefined();
  expect(startLeftUntold(rolling(), 'default/web', { taskDefinition: revision(2) })).toBeUndefined();
  expect(startLeftUntold(rolling(), 'default/web', null)).toBeUndefined();
  expect(startLeftUntold(undefined, 'default/web', ROLLED)).toBeUndefined();
});
