import { describe, expect, it } from 'vitest';
import {
  isOldNews,
  isWorthALook,
  parseServiceEvent,
  type ServiceEvent,
} from '../../../functions/rollout/service-event.ts';
import type { Watch } from '../../../functions/rollout/watch.ts';
import { deployment, NOW, watch } from './given.ts';

const event = (type: string, detail: unknown): object => ({ 'detail-type': type, source: 'aws.ecs', detail });
const DEPLOYMENT = event('ECS Deployment State Change', {
  eventName: 'SERVICE_DEPLOYMENT_COMPLETED',
  deploymentId: 'ecs-svc/2',
  updatedAt: '2026-01-02T03:04:05Z',
  memberOfTheFuture: {},
});

describe('an ECS event', () => {
  it('of a deployment is read with its id and time', () => {
    expect(parseServiceEvent(DEPLOYMENT)).toEqual({
      kind: 'deployment',
      deploymentId: 'ecs-svc/2',
      at: NOW,
      says: 'completed',
    });
  });

  it('of a task is read with the deployment that started it, and dated by the stop', () => {
    const times = { updatedAt: '2026-01-02T03:04:09Z', stoppedAt: '2026-01-02T03:04:05Z' };
    const detail = { startedBy: 'ecs-svc/2', lastStatus: 'STOPPED', taskArn: 'arn:of:it', ...times };
    expect(parseServiceEvent(event('ECS Task State Change', detail))).toEqual({
      kind: 'task',
      deploymentId: 'ecs-svc/2',
      at: NOW,
      says: 'stopped',
      taskArn: 'arn:of:it',
    });
  });

  it.each([
    ['SERVICE_DEPLOYMENT_COMPLETED', 'ECS deployment ecs-svc/2 completed.', 'completed'],
    ['SERVICE_DEPLOYMENT_FAILED', 'ECS deployment circuit breaker: task failed to start.', 'failed'],
    ['SERVICE_DEPLOYMENT_IN_PROGRESS', 'ECS deployment ecs-svc/2 in progress.', 'began'],
    ['SERVICE_DEPLOYMENT_IN_PROGRESS', 'ECS deployment circuit breaker: rolling back to 1.', 'rolls-back'],
    ['SERVICE_DEPLOYMENT_OF_THE_FUTURE', 'Who knows.', undefined],
  ])('that is called %s ("%s") says %s', (eventName, reason, says) => {
    const detail = { eventName, reason, deploymentId: 'ecs-svc/2', updatedAt: '2026-01-02T03:04:05Z' };
    expect(parseServiceEvent(event('ECS Deployment State Change', detail))?.says).toBe(says);
  });

  it.each(['RUNNING', undefined])('of a task whose lastStatus is %s says nothing of a stop', (lastStatus) => {
    const detail = { startedBy: 'ecs-svc/2', lastStatus, updatedAt: '2026-01-02T03:04:05Z' };
    expect(parseServiceEvent(event('ECS Task State Change', detail))).toMatchObject({ kind: 'task', says: undefined });
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'ECS Task State Change'],
    [
      'another detail type',
      event('ECS Service Action', { deploymentId: 'ecs-svc/2', updatedAt: '2026-01-02T03:04:05Z' }),
    ],
    ['a task that no deployment started', event('ECS Task State Change', { updatedAt: '2026-01-02T03:04:05Z' })],
    [
      'a deployment id that is no text',
      event('ECS Deployment State Change', { deploymentId: 1, updatedAt: '2026-01-02T03:04:05Z' }),
    ],
    ['no time', event('ECS Deployment State Change', { deploymentId: 'ecs-svc/2' })],
    ['no detail', event('ECS Deployment State Change', undefined)],
    ['a detail that is null', event('ECS Deployment State Change', null)],
  ])('is nothing to us when it is %s', (_case, unread) => {
    expect(parseServiceEvent(unread)).toBeUndefined();
  });

  it('that our deployment begins is not worth a look, but that ECS rolls it back is', () => {
    const inProgress = (reason: string) =>
      parseServiceEvent(
        event('ECS Deployment State Change', {
          deploymentId: deployment(2),
          updatedAt: '2026-01-02T03:04:05Z',
          eventName: 'SERVICE_DEPLOYMENT_IN_PROGRESS',
          reason,
        }),
      )!;
    expect(isWorthALook(inProgress('ECS deployment ecs-svc/2 in progress.'), watch())).toBe(false);
    expect(isWorthALook(inProgress('ECS deployment circuit breaker: rolling back to 1.'), watch())).toBe(true);
    expect(isWorthALook(inProgress('ECS deployment in progress.'), watch({ deploymentId: deployment(7) }))).toBe(true);
  });

  it.each<[string, 'deployment' | 'task', number, boolean]>([
    ['our deployment', 'deployment', 2, true],
    ['a task of ours', 'task', 2, true],
    ['the deployment that ECS would go back to', 'deployment', 1, true],
    ['a task of the old deployment', 'task', 1, false],
    ['a deployment that nobody knows', 'deployment', 9, true],
    ['a task that nobody knows', 'task', 9, false],
  ])('of %s (%s of ecs-svc/%i) is worth a look: %s', (_case, kind, number, isWorth) => {
    expect(isWorthALook({ kind, deploymentId: deployment(number), at: NOW }, watch())).toBe(isWorth);
  });
});

describe('a task that stopped before it ran', () => {
  const stopOf = (stoppedReason: string, change: object = {}): unknown =>
    event('ECS Task State Change', {
      startedBy: deployment(2),
      lastStatus: 'STOPPED',
      stopCode: 'TaskFailedToStart',
      stoppedAt: '2026-01-02T03:04:05Z',
      stoppedReason,
      containers: [{ name: 'app', lastStatus: 'STOPPED' }],
      ...change,
    });
  const TIMEOUT = 'CannotPullContainerError: ref pull has been retried 1 time(s): dial tcp: i/o timeout';
  const GONE = 'CannotPullContainerError: web:1 not found';

  it.each([
    ['the network', stopOf(TIMEOUT)],
    ['the network, as its container says', stopOf('Task failed to start', { containers: [{ reason: TIMEOUT }] })],
    ['words of the future', stopOf('Something of the future')],
  ])('is no news when the trouble is that of %s', (_case, unread) => {
    expect(parseServiceEvent(unread)).toBeUndefined();
  });

  it.each([
    ['its image is not there', stopOf(GONE)],
    [
      'its container says that its image is not there',
      stopOf('Task failed to start', { containers: [{ reason: GONE }] }),
    ],
    ['it did run, whatever it says', stopOf(TIMEOUT, { stopCode: 'EssentialContainerExited' })],
    ['the platform under it was taken away', stopOf(TIMEOUT, { stopCode: 'SpotInterruption' })],
    ['someone stopped it', stopOf(TIMEOUT, { stopCode: 'UserInitiated' })],
    ['nobody says why', stopOf(TIMEOUT, { stopCode: undefined })],
    ['its stop code is no text', stopOf(TIMEOUT, { stopCode: 1 })],
    ['nobody says what became of its containers', stopOf(TIMEOUT, { containers: undefined })],
    ['it has not stopped yet', stopOf(TIMEOUT, { lastStatus: 'DEPROVISIONING' })],
  ])('is news when %s', (_case, read) => {
    expect(parseServiceEvent(read)).toMatchObject({ kind: 'task', deploymentId: deployment(2), at: NOW });
  });
});

it.each<[string, boolean, Partial<ServiceEvent>, number, Watch | undefined]>([
  ['a task that stopped before, where nobody waits', true, {}, NOW + 1, undefined],
  ['a task that stopped in that millisecond', false, {}, NOW, undefined],
  ['a task that stopped since', false, {}, NOW - 1, undefined],
  ['a task that stopped before, of what is watched', false, {}, NOW + 1, watch()],
  ['a task that stopped before, of what is not', true, { deploymentId: deployment(1) }, NOW + 1, watch()],
  ['a deployment, whenever', false, { kind: 'deployment' }, NOW + 1, undefined],
])('a reading answers %s: %s', (_case, isAnswered, change, at, watched) => {
  const stopped: ServiceEvent = { kind: 'task', deploymentId: deployment(2), at: NOW, says: 'stopped', ...change };
  expect(isOldNews(stopped, { at, watch: watched })).toBe(isAnswered);
});
