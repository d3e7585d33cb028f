import { describe, expect, it } from 'vitest';
import { failedLaunches, launchCountOf, owedImage } from '../../../functions/rollout/launch.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import {
  config,
  deployment,
  digest,
  owner,
  image,
  ledger,
  MINUTE,
  NOW,
  proven,
  quarantined,
  revision,
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
  const failed = ledger({ isLaunchTakenBack: true });
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
    expect(launchCountOf(state, running, of)).toBe(count);
  });
});

describe('the image that the tick owes an emptied service', () => {
  const state = ledger({ verified: [proven('a', 9), proven('c', 8)] });

  it.each<[string, Partial<LedgerState>]>([
    ['the one proven last', {}],
    ['that, too, after two tries', { failedLaunches: 2 }],
    ['that, too, when a person holds the service on it', { pin: { since: NOW, rolloutId: 'r0', digest: digest('a') } }],
    ['that, too, under a pin of an earlier release', { pin: { since: NOW, rolloutId: 'r0' } }],
  ])('is %s', (_what, changes) => {
    const owed = { digest: digest('a'), selectedAt: proven('a', 9).at };
    expect(owedImage({ ...state, ...changes }, empty, NOW)).toEqual(owed);
  });

  it.each<[string, Partial<LedgerState>, Partial<typeof empty>]>([
    ['before the first launch', { verified: [] }, {}],
    ['after three tries', { failedLaunches: 3 }, {}],
    ['when the one proven last is quarantined: nothing further back is tried', { quarantine: [quarantined('a')] }, {}],
    ['when a person holds the service on another', { pin: { since: NOW, rolloutId: 'r0', digest: digest('c') } }, {}],
    ['while whoever emptied it may still be at work', {}, { createdAt: NOW - 119_000 }],
    ['when the service has an image', {}, { isAsProvisioned: false }],
  ])('is none %s', (_when, changes, running) => {
    expect(owedImage({ ...state, ...changes }, { ...empty, ...running }, NOW)).toBeUndefined();
  });
});

describe('the failed launches of what was proven last', () => {
  const known = (failed?: number) =>
    ledger({ verified: [proven('b', 9)], ...(failed !== undefined && { failedLaunches: failed }) });
  const launching = owner({ isTick: true, launchCount: 3 });
  const chosen = owner({ launchCount: 3, pins: true });

  it.each([
    ['begin with one', known(), launching, false, { failedLaunches: 1 }],
    ['go on', known(1), launching, false, { failedLaunches: 2 }],
    ['are all of them when a person stopped one', known(), launching, true, { failedLaunches: 3 }],
    ['are all of them when a person chose another image', known(), chosen, false, { failedLaunches: 3 }],
    ['are none when the tick launched another image', known(), { ...launching, image: image('c') }, true, {}],
    ['are none when it launched nothing', known(), owner({ isTick: true }), false, {}],
    ['are none when it put back what a dead one left', known(), { ...launching, purpose: 'recover' }, false, {}],
    ['stay when a push launches', known(2), owner({ launchCount: 3 }), true, { failedLaunches: 2 }],
  ] as const)('%s', (_what, state, of, isStopped, noted) => {
    expect(failedLaunches(state, of, isStopped)).toEqual(noted);
  });
});
