import { describe, expect, it } from 'vitest';
import { launchCountOf, owedImage } from '../../../functions/rollout/launch.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import { config, deployment, digest, ledger, MINUTE, NOW, proven, quarantined, revision } from './given.ts';

const provisioned = config({ launchCount: 3 });
const empty = {
  deploymentId: deployment(1),
  createdAt: NOW - 10 * MINUTE,
  taskDefinition: revision(1),
  desiredCount: 0,
  isAsProvisioned: true,
};
const { isAsProvisioned: _is, ...withImage } = empty;
const launched = (of: string, endedAt: number, isProven: boolean) => ({ digest: digest(of), endedAt, isProven });

describe('a launch', () => {
  const failed = ledger({ lastLaunch: launched('b', NOW - MINUTE, false) });
  const took = ledger({ lastLaunch: launched('b', NOW - MINUTE, true) });

  it.each([
    ['brings the configured count to a service without an image', ledger(), empty, provisioned, 3],
    ['does so whatever count somebody set meanwhile', ledger(), { ...empty, desiredCount: 5 }, provisioned, 3],
    ['is still due after one that failed, whatever was deployed since', failed, withImage, provisioned, 3],
    ['is not due after one that took: the zero is an operator’s', took, withImage, provisioned, undefined],
    ['is not due where tasks are wanted', failed, { ...withImage, desiredCount: 1 }, provisioned, undefined],
    ['is not due before any, with an image', ledger(), withImage, provisioned, undefined],
    ['is nothing for a service that was adopted', ledger(), empty, config(), undefined],
  ])('%s', (_what, state, running, of, count) => {
    expect(launchCountOf(state, running, of)).toBe(count);
  });
});

describe('the image that the tick owes an emptied service', () => {
  const state = ledger({ verified: [proven('a', 9)], lastLaunch: launched('a', NOW - 60 * MINUTE, true) });
  const owed = { digest: digest('a'), selectedAt: proven('a', 9).at };

  it.each<[string, Partial<LedgerState>]>([
    ['the one proven last, once the service was emptied behind its launch', {}],
    ['also after another image could not bring it back', { lastLaunch: launched('b', NOW, false) }],
    [
      'the newest that is not quarantined',
      { verified: [proven('b', 10), proven('a', 9)], quarantine: [quarantined('b')] },
    ],
  ])('is %s', (_what, changes) => {
    expect(owedImage({ ...state, ...changes }, empty, NOW)).toEqual(owed);
  });

  it.each<[string, Partial<LedgerState>, Partial<typeof empty>]>([
    ['before the first launch', { verified: [], lastLaunch: launched('b', NOW, false) }, {}],
    ['when the ledger knows of none', { lastLaunch: undefined as never }, {}],
    ['once it was tried and failed', { lastLaunch: launched('a', NOW - MINUTE, false) }, {}],
    ['while whoever emptied it may still be at work', {}, { createdAt: NOW - 59_000 }],
    ['when the service has an image', {}, { isAsProvisioned: false }],
    ['when nothing proven is trusted', { quarantine: [quarantined('a')] }, {}],
  ])('is none %s', (_when, changes, running) => {
    expect(owedImage({ ...state, ...changes }, { ...empty, ...running }, NOW)).toBeUndefined();
  });
});
