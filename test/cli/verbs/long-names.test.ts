import { describe, expect, it } from 'vitest';
import type { DeployedCell } from '../../../cli/account/deployed-cell.ts';
import { differenceLines } from '../../../cli/verbs/diff/difference-text.ts';
import { historyLines, recordLines } from '../../../cli/verbs/history/history-text.ts';
import { hangingLines, labelledLines } from '../../../cli/terminal/layout.ts';
import { standingLines } from '../../../cli/verbs/status/standing-text.ts';
import { timelineLines } from '../../../timeline/timeline.ts';
import { paletteFor } from '../../../timeline/palette.ts';
import type { Outcome } from '../../../functions/rollout/outcomes.ts';
import type { Owner, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import { arnElsewhere, ELSEWHERE } from '../../elsewhere.ts';
import type { proven } from '../../functions/rollout/given.ts';
import {
  config,
  digest,
  owner,
  image,
  ledger,
  NOW,
  pending,
  quarantined,
  record as recordOf,
  waiting,
} from '../../functions/rollout/given.ts';

/** The name that the product's own configuration begins with, as cluster, service, family and container. */
const NAME = 'reflectance-datacube-processor';
const SERVICE = `${NAME}/${NAME}`;
const REVISION = arnElsewhere('ecs', `task-definition/${NAME}:1234`) as ReturnType<typeof proven>['taskDefinition'];
const TAG = 'release-2026-01-02-0123456789abcdef0123456789abcdef01234567';
const ROLLOUT = '6fd7ee7b-84f8-4ddf-8da8-a9e4f2a02c1a';
const CELL = {
  config: config({ service: SERVICE, serviceName: NAME, cluster: NAME }),
  account: ELSEWHERE.account,
  region: 'ap-southeast-2',
} as DeployedCell;
const PALETTE = paletteFor({}, {});

const record = (outcome: Outcome, changes: Partial<RolloutRecord> = {}): RolloutRecord =>
  recordOf({
    rolloutId: ROLLOUT,
    executionArn: arnElsewhere('states', `execution:rollouts-${NAME}:${ROLLOUT}`),
    service: SERVICE,
    outcome,
    reason: 'EssentialContainerExited',
    message: `ECS deploys ${REVISION} of ${SERVICE}: ${digest('b')} failed.`,
    image: image('b', NOW, TAG),
    taskDefinition: REVISION,
    startedAt: NOW - 100_000,
    endedAt: NOW - 59 * 60_000,
    ...changes,
  });

const running = {
  taskDefinition: REVISION,
  digest: digest('a'),
  tags: [TAG, `${TAG}-2`, `${TAG}-3`],
  desiredCount: 12,
  runningCount: 12,
  pendingCount: 3,
  since: NOW - 1000,
  rolloutState: 'IN_PROGRESS',
  isProven: false,
};

const OWNED = ledger({
  seen: image('b', NOW, TAG),
  owner: owner({ rolloutId: ROLLOUT, phase: waiting(), image: image('c', NOW, TAG) }),
  pending: pending(ROLLOUT),
  pin: { since: NOW - 5000, rolloutId: ROLLOUT, digest: undefined },
});

const HELD = { word: 'held', reason: 'Quarantined', message: `${TAG} failed in rollout ${ROLLOUT}.` } as const;

const TASK = '0123456789abcdef0123456789abcdef';
const FAILED = {
  taskArn: arnElsewhere('ecs', `task/${NAME}/${TASK}`),
  taskDefinition: REVISION,
  container: NAME,
  exitCode: 1,
  stopCode: 'EssentialContainerExited',
  reason: 'Essential container in task exited',
};
const STILL_RUNNING = { exitCode: undefined, stopCode: undefined, reason: undefined };

describe('with the longest names that are usual', () => {
  const status = standingLines(
    { ledger: OWNED, running, undecided: [], last: record('FAILED_NO_ROLLBACK_TARGET') },
    CELL,
    NOW,
  );
  const history = historyLines(
    [
      record('FAILED_NO_ROLLBACK_TARGET'),
      record('SUCCEEDED', { request: { rollback: true } }),
      record('ROLLED_BACK', { isTick: true }),
      record('HELD', { request: {} }),
    ],
    NOW,
  );
  const one = recordLines(record('ABORTED', { failedTasks: [FAILED, { ...FAILED, ...STILL_RUNNING }] }), NOW);
  const timeline = timelineLines(
    { virtualSeconds: 12_345.6, kind: 'decided', text: `RollService: rolled: ${REVISION} of ${SERVICE}` },
    { palette: PALETTE },
  );
  const differences = differenceLines(
    {
      from: REVISION,
      image: image('b', NOW, TAG),
      decision: HELD,
      push: HELD,
      start: HELD,
      containers: [{ name: NAME, before: `${SERVICE}@${digest('a')}`, after: `${SERVICE}@${digest('b')}` }],
      cautions: [`The container ${NAME} has a restartPolicy.`],
      changes: [`containerDefinitions[${NAME}].image`],
    },
    SERVICE,
  );

  it.each([
    ['status', status],
    ['history', history],
    ['history of one', one],
    ['diff', differences],
  ])('%s fits 80 columns', (_verb, lines) => {
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('names and ARNs stay whole where a line can hold them', () => {
    expect(status[0]).toBe(`Service     ${SERVICE} in`);
    for (const lines of [status, differences]) expect(lines.join('\n')).toContain(SERVICE);
    expect(one.join('\n')).toContain(ROLLOUT);
    for (const name of [SERVICE, REVISION]) expect(timeline.join('\n')).toContain(name);
    expect(labelledLines([['Revision', ['new', digest('a')]]])).toEqual(['Revision    new', `         ${digest('a')}`]);
    expect(hangingLines('Digest      ', digest('a'))).toEqual(['Digest', `         ${digest('a')}`]);
  });

  it('a rollout in full has the tasks for which it failed, whole', () => {
    const text = one.map((line) => line.trim()).join(' ');
    expect(text).toContain(
      `Failed task ${TASK} of ${NAME}:1234 container ${NAME}, exit code 1, EssentialContainerExited: `,
    );
    expect(text).toContain('EssentialContainerExited: Essential container in task exited Failed task');
    expect(text).toContain(`container ${NAME}, still running when it was judged`);
  });

  it('a rollout in full has the lines of a log, marked and never cut, and else the command that reads it', () => {
    const line = `    at ${'x'.repeat(100)} (${NAME})`;
    const [kept, unread] = [
      { ...FAILED, logLines: ['Error: no\u001b[2J database', line] },
      { ...FAILED, logNote: 'CloudWatch Logs did not answer.', logCommand: `aws logs ${'y'.repeat(100)}` },
    ];
    const lines = recordLines(record('ROLLED_BACK', { failedTasks: [kept, unread] }), NOW);
    const logged = lines.filter((each) => /^ {10}\| /.test(each)).map((each) => each.slice(12));
    expect(logged[0]).toContain('Error: no');
    expect(logged.slice(1).join('').replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
    expect(lines.filter((each) => each.length > 80)).toEqual([`            aws logs ${'y'.repeat(100)}`]);
    expect(lines).toContain('            CloudWatch Logs did not answer.');
  });

  it('keeps the indentation of what belongs to the line above', () => {
    expect(differences.find((line) => line.includes('becomes'))).toMatch(/^ {14}becomes/);
  });

  it('the history tells why each was started, and a success needs no reason', () => {
    expect(history.map((line) => line.split(/ {2,}/).slice(4, 6))).toEqual([
      ['FOR'],
      ['push'],
      ['rollback'],
      ['tick'],
      ['start'],
    ]);
    const short = historyLines([record('SUCCEEDED'), record('ROLLED_BACK')], NOW);
    expect(short[0]).toMatch(/ FOR +REASON$/);
    expect(short[1]).toMatch(/ push +-$/);
    expect(short[2]).toMatch(/ push +EssentialCont.*…$/);
  });
});

describe('the image that waits', () => {
  const waits = (changes: object) =>
    standingLines({ ledger: { ...OWNED, ...changes }, running, undecided: [] }, CELL, NOW).some((line) =>
      line.includes('held until'),
    );

  it('is the selected one, while a person pinned the service to another', () => expect(waits({})).toBe(true));

  it.each([
    ['nobody pinned the service', { pin: undefined }],
    ['it runs', { seen: image('a') }],
    ['it is quarantined, and a release would not roll it', { quarantine: [quarantined('b')] }],
  ])('is none when %s', (_case, changes) => expect(waits(changes)).toBe(false));
});

describe('the rollout that owns the service', () => {
  const shown = (changes: Partial<Owner>, ownerTag?: string) => {
    const ledgerNow = ledger({ owner: owner({ phase: waiting(), ...changes }) });
    const standing = { ledger: ledgerNow, undecided: [], ownerStatus: 'RUNNING', ...(ownerTag && { ownerTag }) };
    const lines = standingLines(standing, CELL, NOW).join('\n');
    return /^Rollout +([^]*?)\n +rollout /m.exec(lines)![1]!.replaceAll(/\s+/g, ' ');
  };
  const WAITS = 'waits for the steady state';
  const named: Partial<Owner> = { image: { digest: digest('c'), selectedAt: NOW } };

  it.each<[string, Partial<Owner>, string]>([
    ['a push', {}, 'started by a push'],
    ['the tick', { isTick: true }, 'started by the tick'],
    [
      'a rollback',
      { request: { rollback: true, reason: 'slow' } },
      'asked for by a person: back to the image before: slow',
    ],
    ['a start', { request: {} }, 'asked for by a person: what the tag selects'],
    ['a recovery, which rolls what nobody asked for', { request: {}, purpose: 'recover' }, 'started by a person'],
  ])('says who started it: %s', (_case, changes, text) => expect(shown(changes)).toContain(`: ${WAITS} ${text}`));

  it('shows a tag of an image that was named by digest, where it has one', () => {
    expect(shown(named, 'v1')).toContain(`rolling v1 (sha256:${'c'.repeat(12)}): ${WAITS}`);
    expect(shown(named)).toContain(`rolling sha256:${'c'.repeat(12)}: ${WAITS}`);
  });
});
