import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startOf } from '../../../functions/rollout/started.ts';
import { startChangeOf, stateChangeOf } from '../../../functions/rollout/state-change.ts';
import { arnElsewhere } from '../../elsewhere.ts';
import { deployment, digest, NOW, owner, record, revision } from './given.ts';

const FAILED_TASK = {
  taskArn: arnElsewhere('ecs', 'task/default/0123'),
  taskDefinition: revision(2),
  container: 'app',
  exitCode: 1,
  stopCode: 'EssentialContainerExited',
  reason: 'Essential container in task exited',
};
const FULL = record({
  outcome: 'ROLLED_BACK',
  runs: { kind: 'revision', taskDefinition: revision(1), digest: digest('a') },
  failedTasks: [FAILED_TASK],
  triedAgainAt: NOW + 300_000,
  taskDefinition: revision(2),
  deploymentId: deployment(2),
  trigger: 'push',
});

it('tells of a rollout that ended, with times as ISO 8601', () => {
  expect(stateChangeOf(FULL)).toEqual({
    source: 'fargate-rollouts',
    detailType: 'Rollout State Change',
    time: NOW,
    resources: [FULL.executionArn, arnElsewhere('ecs', 'service/default/web')],
    detail: {
      version: 1,
      cluster: 'default',
      serviceName: 'web',
      rolloutId: 'r1',
      executionArn: FULL.executionArn,
      state: 'ENDED',
      kind: 'ended',
      outcome: 'ROLLED_BACK',
      reason: 'EvidenceComplete',
      message: 'Fine.',
      trigger: 'push',
      image: { digest: digest('b'), tag: 'build-b' },
      taskDefinition: FULL.taskDefinition,
      deploymentId: FULL.deploymentId,
      runs: { kind: 'revision', taskDefinition: revision(1), digest: digest('a') },
      startedAt: '2026-01-02T03:03:05.000Z',
      endedAt: '2026-01-02T03:04:05.000Z',
      triedAgainAt: '2026-01-02T03:09:05.000Z',
      failedTasks: [FAILED_TASK],
    },
  });
});

it.each([
  ['HELD', 'HELD', 'held'],
  ['FAILED_ROLLBACK', 'WAITING', 'waiting'],
  ['FAILED_NO_ROLLBACK_TARGET', 'WAITING', 'waiting'],
  ['SUCCEEDED', 'ENDED', 'ended'],
  ['SUPERSEDED', 'ENDED', 'ended'],
] as const)('of %s is in state %s, as the messages say', (outcome, state, kind) => {
  expect(stateChangeOf(record({ outcome })).detail).toMatchObject({ state, kind, outcome });
});

const STARTED = startOf(
  owner({ trigger: 'push', accepted: { reason: 'Selected', message: 'It is selected.' } }),
  'default/web',
  { taskDefinition: revision(2), deploymentId: deployment(2), since: NOW - 30_000 },
);

it('tells of a rollout that started, whose end nobody knows, at the time at which it was put on the service', () => {
  const { time, resources, detail } = startChangeOf(STARTED);
  expect({ time, resources }).toEqual({ time: NOW - 30_000, resources: stateChangeOf(FULL).resources });
  expect(detail).toEqual({
    version: 1,
    cluster: 'default',
    serviceName: 'web',
    rolloutId: 'r1',
    executionArn: FULL.executionArn,
    state: 'STARTED',
    kind: 'started',
    outcome: null,
    reason: 'Selected',
    message: 'It is selected.',
    trigger: 'push',
    image: { digest: digest('b'), tag: 'build-b' },
    taskDefinition: revision(2),
    deploymentId: deployment(2),
    runs: null,
    startedAt: '2026-01-02T03:03:05.000Z',
    endedAt: null,
    triedAgainAt: null,
    failedTasks: [],
  });
  expect(Object.keys(detail).sort()).toEqual(Object.keys(stateChangeOf(FULL).detail).sort());
});

it('says null for what is not known, so that every member is always there', () => {
  const { detail } = stateChangeOf(record({ outcome: 'REJECTED', image: undefined }));
  expect(detail).toMatchObject({ image: null, runs: null, triedAgainAt: null, failedTasks: [] });
  const unchanged = stateChangeOf(record({ runs: { kind: 'unchanged' } })).detail.runs;
  expect(unchanged).toEqual({ kind: 'unchanged', taskDefinition: null, digest: null });
});

it.each([
  [{ request: { tag: 'build-b' } }, 'person'],
  [{ isTick: true }, 'tick'],
  [{}, 'push'],
  [{ trigger: 'replayed' }, 'replayed'],
] as const)('of %j says who started it, though earlier releases did not', (changes, trigger) => {
  expect(stateChangeOf(record(changes)).detail.trigger).toBe(trigger);
});

it('stays below what an entry may have', () => {
  const { detail } = stateChangeOf(record({ message: 'ä'.repeat(200_000) }));
  expect(Buffer.byteLength(JSON.stringify(detail))).toBeLessThan(64 * 1024);
});

/** Names and types of all members, to any depth. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, shapeOf(of)]));
};

it('has the detail that docs/monitoring.md shows', () => {
  const [, example] = /<!-- state change: tested -->\s+```json\n([^]*?)```/.exec(
    readFileSync('docs/monitoring.md', 'utf8'),
  )!;
  const { triedAgainAt: _, ...shown } = shapeOf(JSON.parse(example!)) as Record<string, unknown>;
  const { triedAgainAt: _known, ...told } = shapeOf(stateChangeOf(FULL).detail) as Record<string, unknown>;
  expect(shown).toEqual(told);
});
