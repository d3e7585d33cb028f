import { describe, expect, it } from 'vitest';
import type { Intent } from '../../../functions/rollout/intent.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import { weighIntent, type Choices } from '../../../functions/rollout/weigh-intent.ts';
import { config, digest, EXACT, image, ledger, NOW, proven, quarantined, SEMVER } from './given.ts';

const push = (digit: string, at = NOW, tag = `build-${digit}`): Intent => ({
  kind: 'push',
  tag,
  digest: digest(digit),
  at,
});
const TICK: Intent = { kind: 'tick' };
const EMPTY_RUN: Intent = { kind: 'person' };
const PIN = { since: NOW - 1, rolloutId: 'persons', digest: digest('c') };

const SEEN_A = ledger({ seen: image('a', NOW - 1000) });
const SEEN_B = ledger({ seen: image('b') });
const LOOKED = ledger({ firstLook: { at: NOW - 5000 } });
const LOOKED_AT_B = ledger({ seen: image('b'), firstLook: { at: NOW - 5000, digest: digest('b') } });
const RUNS_A: Choices = { selected: image('b'), running: proven('a', 1) };

describe('a push or a tick', () => {
  it.each<[string, LedgerState, Intent, Choices, object]>([
    ['rolls what is selected and news', SEEN_A, push('b'), RUNS_A, { word: 'roll', reason: 'Selected' }],
    ['rolls the very first push', ledger(), push('b'), RUNS_A, { word: 'roll', reason: 'Selected' }],
    ['rolls what the tick finds', SEEN_A, TICK, RUNS_A, { word: 'roll', reason: 'Selected' }],
    [
      'rolls the newer selection for an event of the older one',
      SEEN_A,
      push('c', NOW - 500),
      RUNS_A,
      { word: 'roll', reason: 'Selected', image: image('b') },
    ],
    [
      'takes what a first tick finds as given, whatever runs',
      ledger(),
      TICK,
      RUNS_A,
      { word: 'nothing', reason: 'FirstLook', image: image('b') },
    ],
    [
      'rolls a push that a look saw before its event came',
      LOOKED_AT_B,
      push('b'),
      { ...RUNS_A, runningSince: NOW - 9000 },
      { word: 'roll', reason: 'Selected' },
    ],
    [
      'rolls it also when the look came after the push, if what runs began before',
      ledger({ seen: image('b'), firstLook: { at: NOW + 5000, digest: digest('b') } }),
      push('b'),
      { ...RUNS_A, runningSince: NOW - 9000 },
      { word: 'roll', reason: 'Selected' },
    ],
    [
      'leaves alone what was pushed before the first look and before what runs was deployed',
      ledger({ seen: image('b'), firstLook: { at: NOW + 5000, digest: digest('b') } }),
      push('b'),
      { ...RUNS_A, runningSince: NOW + 1000 },
      { word: 'nothing', reason: 'AlreadySeen' },
    ],
    [
      'does not roll what a look saw and what runs',
      LOOKED_AT_B,
      push('b'),
      { selected: image('b'), running: proven('b', 2), runningSince: NOW - 9000 },
      { word: 'nothing', reason: 'AlreadyRunning' },
    ],
    [
      'takes an event by hand for no second wish for what a look saw',
      LOOKED_AT_B,
      { ...push('b'), isReplayed: true } as Intent,
      { ...RUNS_A, runningSince: NOW - 9000 },
      { word: 'nothing', reason: 'AlreadySeen' },
    ],
    [
      'rolls what was pushed in the very moment in which what runs was deployed',
      ledger({ seen: image('b'), firstLook: { at: NOW + 5000, digest: digest('b') } }),
      push('b'),
      { ...RUNS_A, runningSince: NOW },
      { word: 'roll', reason: 'Selected' },
    ],
    [
      'finds it dealt with once a rollout took it',
      ledger({ seen: image('b'), firstLook: { at: NOW - 5000 } }),
      push('b'),
      { ...RUNS_A, runningSince: NOW - 9000 },
      { word: 'nothing', reason: 'AlreadySeen' },
    ],
    ['rolls what the tick finds after a first look without images', LOOKED, TICK, RUNS_A, { word: 'roll' }],
    [
      'takes as given what was there at the first look and is selected only now',
      LOOKED,
      TICK,
      { ...RUNS_A, selected: image('b', NOW - 6000) },
      { word: 'nothing', reason: 'FirstLook' },
    ],
    [
      'takes as given what was pushed in the very moment of the first look',
      LOOKED,
      TICK,
      { ...RUNS_A, selected: image('b', NOW - 5000) },
      { word: 'nothing', reason: 'FirstLook' },
    ],
    [
      'leaves the next try of what came to nothing to the tick: a redelivery is none',
      { ...SEEN_B, retry: { image: image('b'), failures: 1, dueAt: NOW } },
      push('b'),
      RUNS_A,
      { word: 'nothing', reason: 'AlreadySeen' },
    ],
    [
      'tries what came to nothing again when the tick does',
      { ...SEEN_B, retry: { image: image('b'), failures: 1, dueAt: NOW } },
      TICK,
      RUNS_A,
      { word: 'roll', reason: 'Selected' },
    ],
    [
      'takes as given what a first push of something older finds selected',
      ledger(),
      push('c', NOW + 1000),
      RUNS_A,
      { word: 'nothing', reason: 'FirstLook', image: image('b') },
    ],
    [
      'ignores a tag that the policy does not select',
      SEEN_A,
      push('b', NOW, 'rollouts-keep-1'),
      RUNS_A,
      { word: 'nothing', reason: 'TagNotSelected' },
    ],
    [
      'ignores a push of something that is no image',
      SEEN_A,
      { ...push('c'), artifactMediaType: 'application/vnd.buildkit.cacheconfig.v0' } as Intent,
      RUNS_A,
      {
        word: 'nothing',
        reason: 'NotAnImage',
        message: 'build-c is no container image but application/vnd.buildkit.cacheconfig.v0.',
      },
    ],
    ['finds a redelivered push dealt with', SEEN_B, push('b'), RUNS_A, { word: 'nothing', reason: 'AlreadySeen' }],
    [
      'finds a tick dealt with, though a rollback runs',
      SEEN_B,
      TICK,
      RUNS_A,
      { word: 'nothing', reason: 'AlreadySeen' },
    ],
    [
      'calls an event stale whose image a newer one replaced that was dealt with',
      SEEN_B,
      push('a', NOW - 5000),
      RUNS_A,
      { word: 'stale', reason: 'OvertakenByNewer' },
    ],
    [
      'calls an event stale whose image a newer one replaced that runs',
      SEEN_A,
      push('c'),
      { selected: image('b'), running: proven('b', 2) },
      { word: 'stale', reason: 'OvertakenByNewer' },
    ],
    [
      'does not roll what runs',
      SEEN_A,
      push('b'),
      { selected: image('b'), running: proven('b', 2) },
      { word: 'nothing', reason: 'AlreadyRunning', image: image('b') },
    ],
    [
      'knows a running image by a child of its index',
      SEEN_A,
      push('b'),
      { selected: image('b'), running: proven('d', 2, { imageDigests: [digest('d'), digest('b')] }) },
      { word: 'nothing', reason: 'AlreadyRunning' },
    ],
    [
      'rolls over what runs but is not proven',
      SEEN_A,
      push('b'),
      { selected: image('b') },
      { word: 'roll', reason: 'Selected' },
    ],
    [
      'finds nothing where a tick looks and nothing is selected',
      ledger(),
      TICK,
      {},
      { word: 'nothing', reason: 'NothingSelected', message: 'The tag policy selects no image of the repository.' },
    ],
    ['is stale when everything was deleted', SEEN_B, push('b'), {}, { word: 'stale', reason: 'NothingSelected' }],
    [
      'never goes back to an older push',
      SEEN_B,
      push('b'),
      { selected: image('a', NOW - 1) },
      { word: 'stale', reason: 'OlderThanSeen' },
    ],
    [
      'tells of a push that ECR has as newer than what was seen under a later time, with both times',
      ledger({ seen: image('b', NOW + 9000) }),
      push('c'),
      { selected: image('c'), seenPushedAt: NOW - 9000 },
      {
        word: 'held',
        reason: 'OlderThanSeen',
        message: expect.stringMatching(/2026-01-02T03:04:05.000Z.*2026-01-02T03:04:14.000Z/) as unknown,
      },
    ],
    [
      'says nothing of it for the event of another image',
      ledger({ seen: image('b', NOW + 9000) }),
      push('d'),
      { selected: image('c'), seenPushedAt: NOW - 9000 },
      { word: 'stale', reason: 'OlderThanSeen' },
    ],
    [
      'says nothing of what ECR got in the very moment',
      ledger({ seen: image('b', NOW + 9000) }),
      push('c'),
      { selected: image('c'), seenPushedAt: NOW },
      { word: 'stale', reason: 'OlderThanSeen' },
    ],
    [
      'says nothing of an old image that is the newest left',
      ledger({ seen: image('b', NOW + 9000) }),
      push('c'),
      { selected: image('c') },
      { word: 'stale', reason: 'OlderThanSeen' },
    ],
  ])('%s', (_case, state, intent, choices, weighed) => {
    expect(weighIntent(state, intent, choices, config())).toMatchObject(weighed);
  });

  it('never goes back to a lower version', () => {
    const state = ledger({ seen: image('b', NOW, '1.3.0') });
    const choices = { selected: image('a', NOW + 1000, '1.2.0') };
    const weighed = weighIntent(state, push('a', NOW + 1000, '1.2.0'), choices, config({ tagPolicy: SEMVER }));
    expect(weighed).toMatchObject({ word: 'stale', reason: 'OlderThanSeen' });
  });

  it('says that a newer push is the lower version, where that is why it counts as older', () => {
    const state = ledger({ seen: image('b', NOW, '1.3.0') });
    const choices = { selected: image('a', NOW + 1000, '1.2.0'), seenPushedAt: NOW };
    const weighed = weighIntent(state, push('a', NOW + 1000, '1.2.0'), choices, config({ tagPolicy: SEMVER }));
    expect(weighed).toMatchObject({ word: 'held', reason: 'OlderThanSeen' });
    expect(weighed.message).toMatch(/, but 1\.3\.0 \(.*\) was seen as of .*, and is the higher version\. To roll it/);
  });

  it('follows an exact tag back when an event reports the move, and leaves it alone when the tick finds it', () => {
    const choices = { selected: image('a', NOW - 5000, 'latest') };
    const state = ledger({ seen: image('b', NOW, 'latest') });
    const exact = config({ tagPolicy: EXACT });
    expect(weighIntent(state, push('a', NOW + 1, 'latest'), choices, exact).word).toBe('roll');
    expect(weighIntent(state, TICK, choices, exact)).toMatchObject({ word: 'stale', reason: 'OlderThanSeen' });
  });

  // Else the ledger would keep what it saw later, and every tick would find this one anew.
  it('takes what a tag was moved to, as far as the tick can tell, for what was selected after what was seen', () => {
    const state = ledger({ seen: image('b', NOW, '1.0.2') });
    const moved = (at: number) => ({ selected: image('a', at, '1.0.2'), running: proven('a', 1) });
    const weighed = (intent: Intent, at: number) =>
      weighIntent(state, intent, moved(at), config({ tagPolicy: SEMVER }));
    expect(weighed(TICK, NOW - 5000)).toMatchObject({ reason: 'AlreadyRunning', image: { selectedAt: NOW } });
    expect(weighed(TICK, NOW + 5000)).toMatchObject({ reason: 'AlreadyRunning', image: { selectedAt: NOW + 5000 } });
    const event = push('a', NOW - 5000, '1.0.2');
    expect(weighed(event, NOW - 5000)).toMatchObject({ reason: 'AlreadyRunning', image: { selectedAt: NOW - 5000 } });
  });

  it('rolls an image again that is pushed again later', () => {
    const later = { selected: image('b', NOW + 1000), running: proven('a', 1) };
    expect(weighIntent(SEEN_B, push('b', NOW + 1000), later, config()).word).toBe('roll');
  });
});

describe('quarantine', () => {
  const state = ledger({ seen: image('b', NOW - 2000), quarantine: [quarantined('b', NOW)] });
  const retagged = { selected: image('b', NOW + 1), running: proven('a', 1) };

  it.each<[string, Intent]>([
    ['the tick', TICK],
    ['a redelivery of the push that failed', push('b', NOW - 2000)],
    ['a push of the very moment of the quarantine', push('b', NOW)],
    ['a late event of another image', push('c', NOW + 5000)],
    ['an empty run of a person', EMPTY_RUN],
  ])('is not lifted by %s', (_case, intent) => {
    const weighed = weighIntent(state, intent, RUNS_A, config());
    expect(weighed).toMatchObject({ word: 'held', reason: 'Quarantined', image: image('b') });
    expect(weighed.message).toMatch(/failed-before.*EssentialContainerExited/);
  });

  it('is lifted by a push of the digest after it', () => {
    expect(weighIntent(state, push('b', NOW + 1), retagged, config()).word).toBe('roll');
  });

  it.each<[string, Intent]>([
    ['by digest', { kind: 'person', digest: digest('b') }],
    ['by tag', { kind: 'person', tag: 'build-b' }],
  ])('is lifted by a person who names the image %s', (_case, intent) => {
    const weighed = weighIntent(state, intent, { ...RUNS_A, named: image('b') }, config());
    expect(weighed).toMatchObject({ word: 'roll', reason: 'PersonsChoice' });
  });

  it('concerns one digest only', () => {
    const other = ledger({ seen: image('a', NOW - 2000), quarantine: [quarantined('c')] });
    expect(weighIntent(other, push('b'), RUNS_A, config()).word).toBe('roll');
  });
});

describe("a person's choice", () => {
  it('rolls what they name, older or not, and pins the service when it is not the selection', () => {
    const choices = { selected: image('b'), named: image('c', NOW - 9000), running: proven('a', 1) };
    const weighed = weighIntent(SEEN_B, { kind: 'person', digest: digest('c') }, choices, config());
    expect(weighed).toMatchObject({
      word: 'roll',
      reason: 'PersonsChoice',
      image: { digest: digest('c') },
      choice: { pins: true },
    });
  });

  it('does not pin when it is the selection', () => {
    const named = weighIntent(SEEN_A, { kind: 'person', tag: 'build-b' }, { ...RUNS_A, named: image('b') }, config());
    expect(named).toMatchObject({ word: 'roll', choice: { pins: false } });
    expect(weighIntent(SEEN_A, EMPTY_RUN, RUNS_A, config())).toMatchObject({ word: 'roll', choice: { pins: false } });
  });

  it('is nothing when it runs already, yet still says whether the service is to be pinned', () => {
    const running = { selected: image('b'), running: proven('a', 1) };
    const named = { kind: 'person', digest: digest('a') } as const;
    const weighed = weighIntent(SEEN_B, named, { ...running, named: image('a') }, config());
    expect(weighed).toMatchObject({ word: 'nothing', reason: 'AlreadyRunning', choice: { pins: true } });
  });

  it.each<[string, Intent, RegExp]>([
    ['a tag', { kind: 'person', tag: 'nope' }, /nope/],
    ['a digest', { kind: 'person', digest: digest('f') }, /sha256:ffff/],
    ['the selection', EMPTY_RUN, /tag policy selects/],
  ])('is rejected when ECR has no image of %s', (_case, intent, message) => {
    const weighed = weighIntent(SEEN_A, intent, {}, config());
    expect(weighed).toMatchObject({ word: 'rejected', reason: 'ImageNotFound' });
    expect(weighed.message).toMatch(message);
  });

  it.each<[string, Intent]>([
    ['a push', push('b')],
    ['the tick', TICK],
  ])('pins the service against %s until it is released', (_case, intent) => {
    const pinned = { ...SEEN_A, pin: PIN };
    const weighed = weighIntent(pinned, intent, RUNS_A, config());
    expect(weighed).toMatchObject({ word: 'held', reason: 'Pinned', image: image('b') });
    expect(weighIntent(SEEN_A, intent, RUNS_A, config()).word).toBe('roll');
  });

  it.each<[string, Extract<Intent, { kind: 'person' }>, LedgerState, Choices]>([
    ['an image that runs', { kind: 'person', tag: 'build-b' }, SEEN_B, { named: image('b') }],
    ['the selection that runs', EMPTY_RUN, { ...SEEN_B, pin: PIN }, {}],
    ['a quarantined selection', EMPTY_RUN, { ...SEEN_B, quarantine: [quarantined('b')] }, { running: proven('a', 1) }],
    [
      'the image that a rollback names and that runs',
      { kind: 'person', rollback: { to: digest('b') } },
      { ...SEEN_B, verified: [proven('b', 2)] },
      {},
    ],
  ])('rolls %s only when it is forced', (_case, intent, state, changes) => {
    const choices = { selected: image('b'), running: proven('b', 2), ...changes };
    expect(['nothing', 'held']).toContain(weighIntent(state, intent, choices, config()).word);
    const forced = { ...intent, force: true, reason: 'new certificate' } as const;
    const weighed = weighIntent(state, forced, choices, config());
    expect(weighed).toMatchObject({
      word: 'roll',
      reason: 'Forced',
      image: { digest: digest('b') },
      choice: { pins: false },
    });
  });

  it('is rejected without an image, forced or not', () => {
    const forced = { kind: 'person', tag: 'nope', force: true, reason: 'x' } as const;
    expect(weighIntent(SEEN_A, forced, RUNS_A, config()).word).toBe('rejected');
  });

  it('is released by an empty run, which rolls the selection', () => {
    expect(weighIntent({ ...SEEN_A, pin: PIN }, EMPTY_RUN, RUNS_A, config())).toMatchObject({
      word: 'roll',
      choice: { pins: false },
      image: image('b'),
    });
  });
});
