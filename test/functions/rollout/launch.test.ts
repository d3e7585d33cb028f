import { describe, expect, it } from 'vitest';
import {
  desiredCountOf,
  emptyServiceOf,
  launchAfter,
  launchBeside,
  owedImage,
  type LaunchEnd,
} from '../../../functions/rollout/launch.ts';
import type { LedgerState, Owner } from '../../../functions/rollout/ledger.ts';
import {
  choice,
  config,
  deployment,
  digest,
  emptyService,
  owner,
  image,
  ledger,
  MINUTE,
  NOW,
  proven,
  quarantined,
  revision,
  target,
} from './given.ts';

const provisioned = config({ launchCount: 3 });
const empty = {
  deploymentId: deployment(1),
  createdAt: NOW - 10 * MINUTE,
  taskDefinition: revision(1),
  desiredCount: 0,
  isAsProvisioned: true,
};
const { isAsProvisioned: _is, ...withImage } = empty;

describe('a launch', () => {
  const failed = ledger({ launch: { failed: 0, isTakenBack: true } });
  const took = ledger({ verified: [proven('a', 9)] });

  it.each([
    ['brings the configured count to a service without an image', ledger(), empty, provisioned, 3],
    ['does so whatever count somebody set meanwhile', ledger(), { ...empty, desiredCount: 5 }, provisioned, 3],
    ['is still due after one that was taken back, whatever was deployed since', failed, withImage, provisioned, 3],
    ['is not due after one that took: the zero is an operator’s', took, withImage, provisioned, undefined],
    ['is not due where tasks are wanted', failed, { ...withImage, desiredCount: 1 }, provisioned, undefined],
    ['is not due before any, with an image', ledger(), withImage, provisioned, undefined],
    ['is nothing for a service that was adopted', ledger(), empty, config(), undefined],
  ])('%s', (_what, state, running, of, count) => {
    const target = count === undefined ? undefined : emptyService(1);
    expect(emptyServiceOf(state, running, of)).toEqual(target);
  });
});

describe('the image that the tick owes an emptied service', () => {
  const state = ledger({ verified: [proven('a', 9), proven('c', 8)] });

  it.each<[string, Partial<LedgerState>]>([
    ['the one proven last', {}],
    ['that, too, after two tries', { launch: { failed: 2, isTakenBack: false } }],
    [
      'that, too, when a person pinned the service to it',
      { pin: { since: NOW, rolloutId: 'r0', digest: digest('a') } },
    ],
    ['that, too, under a pin that names no image', { pin: { since: NOW, rolloutId: 'r0', digest: undefined } }],
  ])('is %s', (_what, changes) => {
    const owed = { digest: digest('a'), selectedAt: proven('a', 9).at };
    expect(owedImage({ ...state, ...changes }, empty, NOW)).toEqual(owed);
  });

  it.each<[string, Partial<LedgerState>, Partial<typeof empty>]>([
    ['before the first launch', { verified: [] }, {}],
    ['after three tries', { launch: { failed: 3, isTakenBack: false } }, {}],
    ['when the one proven last is quarantined: nothing further back is tried', { quarantine: [quarantined('a')] }, {}],
    ['when a person pinned the service to another', { pin: { since: NOW, rolloutId: 'r0', digest: digest('c') } }, {}],
    ['while whoever emptied it may still be at work', {}, { createdAt: NOW - 119_000 }],
    ['when the service has an image', {}, { isAsProvisioned: false }],
  ])('is none %s', (_when, changes, running) => {
    expect(owedImage({ ...state, ...changes }, { ...empty, ...running }, NOW)).toBeUndefined();
  });
});

describe('the failed launches of what was proven last', () => {
  const known = (failed = 0) => ledger({ verified: [proven('b', 9)], launch: { failed, isTakenBack: false } });
  const rollbackTarget = emptyService(1);
  const launching = owner({ isTick: true, rollbackTarget });
  const chosen = owner({ rollbackTarget, choice: choice(true) });

  it.each<[string, LedgerState, Owner, LaunchEnd, number]>([
    ['begin with one', known(), launching, 'failed', 1],
    ['go on', known(1), launching, 'emptied', 2],
    ['go on when one died', known(1), launching, 'died', 2],
    ['are all of them when a person stopped one', known(), launching, 'stopped', 3],
    ['are all of them when a person chose another image', known(), chosen, 'failed', 3],
    ['are none when the tick launched another image', known(), { ...launching, image: image('c') }, 'stopped', 0],
    ['are none when it launched nothing', known(), owner({ isTick: true }), 'failed', 0],
    ['are none when it put back what a dead one left', known(), { ...launching, purpose: 'recover' }, 'failed', 0],
    ['stay when a push launches', known(2), owner({ rollbackTarget }), 'stopped', 2],
    ['are forgotten after a success', known(2), launching, 'succeeded', 0],
  ])('%s', (_what, state, of, end, failed) => {
    expect(launchAfter(state, of, end).failed).toBe(failed);
  });
});

describe('that a launch was taken back', () => {
  const taken = ledger({ launch: { failed: 0, isTakenBack: true } });
  const untouched = owner({ rollbackTarget: emptyService(1), targets: [] });
  const touched = owner({ rollbackTarget: emptyService(1), targets: [revision(2)] });

  it.each<[string, boolean, LedgerState, Owner, LaunchEnd]>([
    ['is remembered from its end', true, ledger(), touched, 'emptied'],
    ['is remembered after one that never changed the service', true, taken, untouched, 'failed'],
    ['is remembered while whoever died may not have changed it', true, taken, touched, 'died'],
    ['is over once another changed the service', false, taken, touched, 'failed'],
    ['is over after a success', false, taken, touched, 'succeeded'],
  ])('%s', (_what, is, state, of, end) => {
    expect(launchAfter(state, of, end).isTakenBack).toBe(is);
  });

  it('is over once a rollout begins that goes back to something', () => {
    expect(launchBeside(taken, emptyService(1)).isTakenBack).toBe(true);
    expect(launchBeside(taken, target('a', 1)).isTakenBack).toBe(false);
  });
});

it('sends a count forward and back with a launch, and with no other roll', () => {
  const ways = ['forward', 'back'] as const;
  expect(ways.map((way) => desiredCountOf(emptyService(1), way))).toEqual([3, 0]);
  expect(ways.map((way) => desiredCountOf(target('a', 1), way))).toEqual([undefined, undefined]);
  expect(ways.map((way) => desiredCountOf(undefined, way))).toEqual([undefined, undefined]);
});
