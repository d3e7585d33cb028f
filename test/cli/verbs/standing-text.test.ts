import { describe, expect, it } from 'vitest';
import type { DeployedCell } from '../../../cli/account/deployed-cell.ts';
import { standingLines } from '../../../cli/verbs/status/standing-text.ts';
import type { Running, Standing } from '../../../cli/verbs/status/standing.ts';
import type { LedgerState } from '../../../functions/rollout/ledger.ts';
import { weighIntent } from '../../../functions/rollout/weigh-intent.ts';
import {
  config,
  digest,
  image,
  ledger,
  MINUTE,
  mutating,
  NOW,
  owner,
  pending,
  proven,
  quarantined,
  record,
  revision,
  waiting,
} from '../../functions/rollout/given.ts';

const CELL = { config: config(), account: '111122223333', region: 'eu-west-1' } as DeployedCell;
const short = (digit: string): string => digest(digit).slice(0, 19);

/** Image a runs. */
const RUNNING: Running = {
  taskDefinition: revision(1),
  digest: digest('a'),
  tags: [],
  desiredCount: 2,
  runningCount: 2,
  pendingCount: 0,
  since: NOW - MINUTE,
  rolloutState: 'COMPLETED',
  isProven: true,
};

/** What stands beside a label, its lines joined; undefined where there is no such label. */
function shown(label: string, state: Partial<LedgerState>, more: Partial<Standing> = {}): string | undefined {
  const lines = standingLines({ ledger: ledger(state), running: RUNNING, undecided: [], ...more }, CELL, NOW);
  const from = lines.findIndex((line) => line.startsWith(label.padEnd(12)));
  if (from < 0) return undefined;
  const rest = lines.slice(from + 1);
  const next = rest.findIndex((line) => !line.startsWith(' '));
  return [lines[from]!.slice(12), ...rest.slice(0, next < 0 ? undefined : next).map((line) => line.trim())].join(' ');
}

describe('during a rollback', () => {
  const failure = { word: 'failed', reason: 'EssentialContainerExited', message: 'It exited with code 1.' } as const;
  const BACK = waiting({ kind: 'rollback' });
  const WHY = 'because of EssentialContainerExited: It exited with code 1.';

  it.each([
    [
      'while ECS is told',
      owner({ failure, phase: mutating() }),
      `rolling back from build-b (${short('b')}): mutating ${WHY}`,
    ],
    [
      'while it is awaited',
      owner({ failure, phase: BACK }),
      `rolling back from build-b (${short('b')}): rolled back, waits for the steady state ${WHY}`,
    ],
    [
      'after a step that failed',
      owner({ phase: BACK }),
      `rolling build-b (${short('b')}): rolled back, waits for the steady state because a step failed: rollouts watch shows which`,
    ],
    [
      'after an abort',
      owner({ purpose: 'recover', accepted: { reason: 'RolloutStopped', message: 'It was stopped.' }, phase: BACK }),
      `putting back what ran before build-b (${short('b')}): rolled back, waits for the steady state because of RolloutStopped: It was stopped.`,
    ],
  ])('status says why: %s', (_case, ownerNow, text) => {
    expect(shown('Rollout', { owner: ownerNow })).toContain(`${text} started by a push`);
  });

  it('and says nothing of the kind while an image is rolled', () => {
    expect(shown('Rollout', { owner: owner({ phase: waiting() }) })).not.toContain('because');
  });
});

describe('what is selected and not rolled', () => {
  const BY_ITSELF = 'It does not come again by itself: push it again, or run rollouts start.';
  const retry = (dueAt: number) => ({ image: image('b'), failures: 1, dueAt });
  const unsettled = { isTriedAgain: true, image: image('b') } as LedgerState['unsettled'];

  it.each<[string, Partial<LedgerState>, string]>([
    ['dealt with', {}, BY_ITSELF],
    ['tried again later', { retry: retry(NOW + 5 * MINUTE) }, 'It is tried again in 5 min.'],
    ['tried again soon', { retry: retry(NOW + 20_000) }, 'It is tried again in 1 min.'],
    ['overdue', { retry: retry(NOW) }, 'It is tried again with the next tick.'],
    ['tried again after a rollback', { unsettled }, 'It is tried again once what was proven is back.'],
    [
      'quarantined',
      { quarantine: [quarantined('b')], retry: retry(NOW) },
      'It is quarantined, and comes again only when it is pushed again or named: rollouts start --digest.',
    ],
    [
      'there from the beginning',
      { firstLook: { at: NOW - MINUTE, digest: digest('b') } },
      'It was there at the first look, which rolls nothing: push it again, or run rollouts start.',
    ],
  ])('is shown, with whether it comes again: %s', (_case, changes, text) => {
    const state = { seen: image('b'), ...changes };
    expect(shown('Selected', state)).toBe(`build-b (${short('b')}), which does not run ${text}`);
    // The tick says the same, as far as it decides by the ledger.
    const { word } = weighIntent(ledger(state), { kind: 'tick' }, { selected: image('b') }, config());
    expect(word === 'roll').toBe(/again (?:in|with)/.test(text));
  });

  it('names the rollout of it that ended, behind the one that put things back', () => {
    const ended = [
      record({ rolloutId: 'r2', image: image('a') }),
      record({ outcome: 'ABORTED', endedAt: NOW - MINUTE }),
    ];
    expect(shown('Selected', { seen: image('b') }, { ended })).toBe(
      `build-b (${short('b')}), which does not run: rollout r1 ended ABORTED 1 min ago ${BY_ITSELF}`,
    );
  });

  it.each<[string, Partial<LedgerState>, Partial<Standing>]>([
    ['it runs', { seen: image('a') }, {}],
    ['nothing was ever selected', {}, {}],
    ['it is rolled', { seen: image('b'), owner: owner() }, {}],
    ['it waits behind a pin', { seen: image('b'), pin: { since: NOW, rolloutId: 'r', digest: undefined } }, {}],
    ['nobody can tell what runs', { seen: image('b') }, { running: { ...RUNNING, digest: undefined } }],
    [
      'what runs was proven to be it',
      { seen: image('b'), verified: [proven('b', 1)] },
      { running: { ...RUNNING, digest: undefined } },
    ],
    ['nothing runs', { seen: image('b') }, { running: undefined }],
  ])('is nothing when %s', (_case, state, more) => expect(shown('Selected', state, more)).toBeUndefined());
});

describe('what waits', () => {
  it.each([
    ['a push', { image: image('d') }, `to roll build-d (${short('d')}), which was pushed`],
    ['a person', { request: { tag: 'v1', reason: 'hotfix' } }, 'to roll what a person asked for: v1: hotfix'],
    ['the tick', {}, 'for the tick'],
  ])('is shown with its image: %s', (_case, changes, text) => {
    expect(shown('Waits', { pending: pending('r3', changes) })).toMatch(`rollout r3 ${text} since 2026-01-0`);
  });

  it('is shown with its image while ECS finishes what somebody else deploys, and without while nobody knows it', () => {
    const letting = { rolloutId: 'r4', executionArn: 'arn', startedAt: NOW, image: image('d') };
    const state = { lettingFinish: [letting, { ...letting, rolloutId: 'over' }] };
    const text = shown('Waits', state, { undecided: ['r5', 'r4'] });
    expect(text).toMatch(
      `rollout r4 to roll build-d (${short('d')}), which was pushed, once ECS has finished what it deploys`,
    );
    expect(text).toMatch(/ rollout r5 not decided yet: rollouts watch$/);
    expect(text).not.toContain('over');
  });
});

it('a quarantined image is shown with the tags that it has now, of which one that only keeps it is none', () => {
  const text = shown(
    'Quarantine',
    { quarantine: [quarantined('b'), quarantined('c')] },
    {
      quarantineTags: { [digest('b')]: ['v2', 'latest'], [digest('c')]: [] },
    },
  );
  expect(text).toMatch(`v2, latest (${short('b')}) EssentialContainerExited 2026`);
  expect(text).toMatch(` ${short('c')} EssentialContainerExited 2026`);
});

describe('what needs someone', () => {
  const NEED = { since: NOW - MINUTE, rolloutId: 'left', outcome: 'FAILED_ROLLBACK' } as const;
  const SEE = 'see: rollouts history --rollout left';
  const WHAT = /FAILED_ROLLBACK \S+ \(1 min ago\), rollout left/;

  it('needs you, until someone says that they look at it', () => {
    const text = shown('Needs you', { needsSomeone: NEED });
    expect(text).toMatch(WHAT);
    expect(text).toContain(`${SEE} you look at it: rollouts acknowledge`);
    expect(shown('In hand', { needsSomeone: NEED })).toBeUndefined();
  });

  it('is in hand then: who, since when and why come first', () => {
    const needsSomeone = { ...NEED, acknowledged: { by: 'ann', at: NOW - 2000, reason: 'on it' } };
    const text = shown('In hand', { needsSomeone });
    expect(text).toMatch(/^ann has been on it since \S+ \(2 s ago\): on it FAILED_ROLLBACK/);
    expect(text).toMatch(WHAT);
    expect(text).toContain(SEE);
    expect(text).not.toContain('acknowledge');
    expect(shown('Needs you', { needsSomeone })).toBeUndefined();
  });
});
