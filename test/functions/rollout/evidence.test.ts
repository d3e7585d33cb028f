import { describe, expect, it } from 'vitest';
import {
  endedContainer,
  evidenceOf,
  unhealthyContainer,
  type TaskEvidence,
} from '../../../functions/rollout/evidence.ts';
import type { ContainerFacts } from '../../../functions/rollout/service-facts.ts';
import { digest, task } from './given.ts';

const container = (name: string, changes: Partial<ContainerFacts> = {}): ContainerFacts => ({
  name,
  lastStatus: 'RUNNING',
  healthStatus: 'UNKNOWN',
  imageDigest: digest('b'),
  ...changes,
});
const ended = (name: string, exitCode: number): ContainerFacts => container(name, { lastStatus: 'STOPPED', exitCode });
const YARDSTICK = { containers: ['app', 'worker'], imageDigests: [digest('b'), digest('c')], mayEnd: undefined };
const SIDECAR = container('proxy', { imageDigest: digest('9') });

describe('a container with a health check', () => {
  it.each([
    ['none yet', 'UNKNOWN', 'unproven'],
    ['one that passes', 'HEALTHY', 'sound'],
    ['nothing that ECS says', undefined, 'unproven'],
  ])('has passed %s', (_case, healthStatus, evidence) => {
    const containers = [container('app', { healthStatus }), container('worker')];
    expect(evidenceOf(task('one', { containers }), { ...YARDSTICK, checked: ['app'] })).toBe(evidence);
    expect(evidenceOf(task('one', { containers }), YARDSTICK)).toBe('sound');
  });
});

describe('a task with two configured containers', () => {
  it.each<[string, TaskEvidence, ContainerFacts, ContainerFacts]>([
    ['both run', 'sound', container('app'), container('worker', { imageDigest: digest('c') })],
    ['one has ended with 0', 'sound', container('app'), ended('worker', 0)],
    ['both have ended with 0', 'ended', ended('app', 0), ended('worker', 0)],
    ['one has ended with an error', 'failed', container('app'), ended('worker', 3)],
    ['one is unhealthy', 'unproven', container('app'), container('worker', { healthStatus: 'UNHEALTHY' })],
    ['one waits', 'unproven', container('app'), container('worker', { lastStatus: 'PENDING' })],
    ['one has a status of the future', 'unproven', container('app'), container('worker', { lastStatus: 'PAUSED' })],
    ['one stopped without a code', 'unproven', container('app'), container('worker', { lastStatus: 'STOPPED' })],
    [
      'one is started again after it ended with 0',
      'unproven',
      container('app'),
      { ...ended('worker', 0), lastStatus: 'PENDING' },
    ],
    ['one shows no digest', 'unproven', container('app'), container('worker', { imageDigest: undefined })],
    [
      'one that ended shows another digest',
      'wrong-digest',
      container('app'),
      { ...ended('worker', 0), imageDigest: digest('a') },
    ],
    ['one is missing', 'unproven', container('app'), container('other')],
  ])('of which %s is %s', (_case, evidence, app, worker) => {
    expect(evidenceOf(task('one', { containers: [app, worker, SIDECAR] }), YARDSTICK)).toBe(evidence);
  });
});

describe('a task whose only configured container is not essential', () => {
  const only = { ...YARDSTICK, containers: ['app'] };

  it.each<[string, TaskEvidence, ContainerFacts]>([
    ['runs', 'sound', container('app')],
    ['exited with 3', 'failed', ended('app', 3)],
    ['ended with 0', 'ended', ended('app', 0)],
    ['fails its health check, unlike the task', 'unproven', container('app', { healthStatus: 'UNHEALTHY' })],
  ])('that %s is %s', (_case, evidence, app) => {
    expect(evidenceOf(task('one', { containers: [app, SIDECAR] }), only)).toBe(evidence);
  });

  it('is sound where the container may end', () => {
    const done = task('one', { containers: [ended('app', 0), SIDECAR] });
    expect(evidenceOf(done, { ...only, mayEnd: true })).toBe('sound');
    const failed = task('one', { containers: [ended('app', 1), SIDECAR] });
    expect(evidenceOf(failed, { ...only, mayEnd: true })).toBe('failed');
  });
});

it('proves nothing of no container', () => {
  expect(evidenceOf(task('one', { containers: [SIDECAR] }), { ...YARDSTICK, containers: [] })).toBe('unproven');
});

it('tells of the configured container that ended, of one with an error first', () => {
  const name = (...containers: ContainerFacts[]): string | undefined =>
    endedContainer(task('one', { containers }), YARDSTICK)?.name;
  expect(name(ended('proxy', 1), ended('app', 0), ended('worker', 3))).toBe('worker');
  expect(name(ended('proxy', 1), container('app'), ended('worker', 0))).toBe('worker');
  expect(name(ended('proxy', 1), container('app'))).toBeUndefined();
});

it('tells of the configured container that fails its check, whatever a sidecar does', () => {
  const sick = (name: string): ContainerFacts => container(name, { healthStatus: 'UNHEALTHY' });
  const found = (...containers: ContainerFacts[]): string | undefined =>
    unhealthyContainer(task('one', { containers }), YARDSTICK)?.name;
  expect(found(sick('proxy'), container('app'), sick('worker'))).toBe('worker');
  expect(found(sick('proxy'), container('app'))).toBeUndefined();
});
