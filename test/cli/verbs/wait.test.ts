import { describe, expect, it } from 'vitest';
import { wait } from '../../../cli/verbs/wait.ts';
import { decidingRecord } from '../../../cli/verbs/wait/deciding-record.ts';
import type { LedgerState, RolloutRecord } from '../../../functions/rollout/ledger.ts';
import type { Outcome } from '../../../functions/rollout/outcomes.ts';
import { digest, image, MINUTE, NOW, owner, pending } from '../../functions/rollout/given.ts';
import { cannedCell, documentOf, executionOf, ledgerThat, session, type Answers } from './canned-cell.ts';

/** The record of a rollout of image `b` that ended so, as late as `minute` says. */
function ended(outcome: Outcome, reason: string, minute = 0, changes: Partial<RolloutRecord> = {}): RolloutRecord {
  const rolloutId = `${outcome}-${minute}`;
  return {
    schema: 1,
    rolloutId,
    executionArn: executionOf(rolloutId),
    service: 'default/web',
    outcome,
    reason,
    message: `It ended ${outcome}.`,
    image: image('b'),
    request: undefined,
    isTick: false,
    taskDefinition: undefined,
    deploymentId: undefined,
    startedAt: NOW + (minute - 1) * MINUTE,
    endedAt: NOW + minute * MINUTE,
    detectionLagSeconds: undefined,
    ...changes,
  };
}

/** Waits for image `b`; the ledger is in one state after the other, and these records are in the history, the newest first. */
async function waited(
  states: readonly Partial<LedgerState>[],
  records: readonly RolloutRecord[] = [],
  answers: Answers = {},
) {
  const { cell } = cannedCell({ ...ledgerThat(states, records), ...answers });
  const heard = session();
  const answer = await wait.runIn(cell, wait.ask({ digest: digest('b'), timeout: '60' }), heard);
  const document = wait.document.schema.parse(documentOf(answer));
  const lines = 'lines' in answer && Array.isArray(answer.lines) ? (answer.lines as string[]).join(' ') : '';
  return { ...document, code: answer.exitCode, lines, kinds: heard.events.map(({ kind }) => kind) };
}

describe('the record that says what became of an image', () => {
  const SUCCEEDED = ended('SUCCEEDED', 'EvidenceComplete', 1);
  const FAILED = ended('ROLLED_BACK', 'EssentialContainerExited', 1);

  it.each<[string, RolloutRecord, RolloutRecord, 'newer' | 'older']>([
    [
      'a second event of the push, while the image was rolled',
      ended('NO_CHANGE', 'AlreadyRolling', 2),
      FAILED,
      'older',
    ],
    ['a second event of the push, after it', ended('NO_CHANGE', 'AlreadySeen', 2), FAILED, 'older'],
    ['the push of another of its tags', ended('NO_CHANGE', 'TagNotSelected', 2), FAILED, 'older'],
    ['a start that ran into the quarantine', ended('HELD', 'Quarantined', 2), FAILED, 'older'],
    ['a push that ran into somebody’s choice', ended('HELD', 'Pinned', 2), SUCCEEDED, 'newer'],
    ['a push that gave way', ended('SUPERSEDED', 'OvertakenByNewer', 2), SUCCEEDED, 'newer'],
    ['a push of what runs', ended('NO_CHANGE', 'AlreadyRunning', 2), FAILED, 'newer'],
    ['a rollout that failed', ended('ROLLED_BACK', 'TaskFailed', 2), SUCCEEDED, 'newer'],
  ])('is, after %s, the right one', (_, newer, older, which) => {
    expect(decidingRecord([newer, older])).toBe(which === 'newer' ? newer : older);
    expect(decidingRecord([newer])).toBe(newer);
  });

  it('is none where there is none', () => expect(decidingRecord([])).toBe(undefined));
});

describe('a wait ends with the outcome of the image', () => {
  it.each([
    ['SUCCEEDED', 'EvidenceComplete', 0],
    ['HELD', 'Pinned', 12],
    ['ROLLED_BACK', 'EssentialContainerExited', 21],
  ] as const)('that a past rollout had: %s (%s)', async (outcome, reason, code) => {
    const record = ended(outcome, reason);
    const told = await waited([{}], [record]);
    expect(told).toMatchObject({ outcome, code, record: { rolloutId: record.rolloutId } });
    expect(told.kinds).toEqual(['awaiting', 'ended']);
  });

  it('and not with that of a rollout of another image', async () => {
    const other = ended('SUCCEEDED', 'EvidenceComplete', 0, { image: image('c') });
    expect(await waited([{}], [other])).toMatchObject({ outcome: null, code: 124 });
  });

  it('once its rollout has ended, whatever an earlier one came to', async () => {
    const records = [ended('SUCCEEDED', 'EvidenceComplete', 1), ended('ROLLED_BACK', 'TaskFailed', -9)];
    const { outcome, code, kinds } = await waited([{ owner: owner() }, { owner: owner() }, {}], records);
    expect([outcome, code]).toEqual(['SUCCEEDED', 0]);
    expect(kinds).toEqual(['awaiting', 'following', 'ended']);
  });

  it.each<[string, Partial<LedgerState>]>([
    ['rolls it', { owner: owner() }],
    ['puts back what it left', { owner: owner({ purpose: 'recover' }) }],
    ['waits for its turn with its push', { pending: pending('next', { image: image('b') }) }],
    [
      'waits for its turn because somebody named it',
      { pending: pending('next', { request: { digest: digest('b') } }) },
    ],
  ])('and not before, while a rollout %s', async (_, state) => {
    const before = [ended('SUCCEEDED', 'EvidenceComplete')];
    const { outcome, rolloutId, code, lines } = await waited([state], before);
    expect([outcome, code]).toEqual([null, 124]);
    expect(rolloutId).toBe(state.owner?.rolloutId ?? state.pending?.rolloutId);
    expect(lines).toContain(`Rollout ${rolloutId} goes on`);
  });

  const RUNNING = (name: string) => ({
    'states:ListExecutions': () => ({
      executions: [{ executionArn: executionOf(name), status: 'RUNNING', startDate: new Date(NOW) }],
    }),
  });
  const BEFORE = [ended('ROLLED_BACK', 'TaskFailed')];

  it('and not before, while a rollout has not decided which image it is about', async () => {
    expect(await waited([{}], BEFORE, RUNNING('undecided'))).toMatchObject({ outcome: null, code: 124 });
  });

  it('though the rollout of another image waits for its turn', async () => {
    const other = pending('other', { executionArn: executionOf('other'), image: image('c') });
    expect(await waited([{ pending: other }], BEFORE, RUNNING('other'))).toMatchObject({ code: 21 });
  });

  it('and not while the tick is to try it again', async () => {
    const retry = { image: image('b'), failures: 1, dueAt: NOW + 5 * MINUTE };
    const { outcome, code, lines } = await waited([{ retry }], BEFORE);
    expect([outcome, code]).toEqual([null, 124]);
    expect(lines).toContain('it is tried again');
  });

  it('and not where only a tag was heard of that is not followed, while it has one that is', async () => {
    const others = [ended('NO_CHANGE', 'TagNotSelected')];
    const tagged = (...imageTags: string[]) => ({
      'ecr:DescribeImages': () => ({
        imageDetails: [{ imageDigest: digest('b'), imageTags, imagePushedAt: new Date(NOW) }],
      }),
    });
    expect(await waited([{}], others, tagged('live'))).toMatchObject({ outcome: null, code: 124 });
    expect(await waited([{}], others, tagged())).toMatchObject({ outcome: 'NO_CHANGE', code: 0 });
  });
});

describe('a push that gave way', () => {
  const push = {
    source: 'aws.ecr',
    'detail-type': 'ECR Image Action',
    time: '2026-01-02T03:04:05Z',
    detail: {
      'action-type': 'PUSH',
      result: 'SUCCESS',
      'repository-name': 'team/web',
      'image-digest': digest('b'),
      'image-tag': 'build-b',
    },
  };
  const newer = ended('ROLLED_BACK', 'TaskFailed', 1, { image: image('c') });
  const answers = (input: object) => ({
    'states:ListExecutions': () => ({
      executions: [{ executionArn: newer.executionArn, status: 'FAILED', startDate: new Date(newer.startedAt) }],
    }),
    'states:DescribeExecution': () => ({
      status: 'FAILED',
      startDate: new Date(newer.startedAt),
      input: JSON.stringify(input),
    }),
  });

  it('to a newer image is superseded, however that one ended, and whatever its own came to before', async () => {
    const told = await waited([{}], [newer, ended('SUCCEEDED', 'EvidenceComplete', -9)], answers(push));
    expect(told).toMatchObject({ outcome: 'SUPERSEDED', code: 11, record: { rolloutId: newer.rolloutId } });
  });

  it('is another one’s where the execution was for another push', async () => {
    const other = { ...push, detail: { ...push.detail, 'image-digest': digest('c') } };
    expect(await waited([{}], [newer], answers(other))).toMatchObject({ outcome: null, code: 124 });
  });
});

describe('what is waited for', () => {
  it.each([
    ['nothing', {}],
    ['two images', { tag: 'a', digest: digest('b') }],
    ['a tag that is none', { tag: '-' }],
    ['no time at all', { tag: 'a', timeout: '0' }],
  ])('is not %s', (_, flags) => {
    expect(() => wait.ask(flags)).toThrow(/--tag|--timeout/);
  });

  it.each([
    [{ tag: 'nope' }, /^ECR has no image tagged nope in team\/web: push it first$/],
    [{ digest: digest('e') }, /^neither ECR nor a past rollout knows sha256:e+ in team\/web: push it first$/],
  ])('is not what nobody knows: %j', async (flags, message) => {
    const { cell } = cannedCell({ 'ecr:DescribeImages': () => ({ imageDetails: [] }) });
    await expect(wait.runIn(cell, wait.ask(flags), session())).rejects.toThrow(message);
  });

  it('may be interrupted: exit code 130', async () => {
    const { cell } = cannedCell();
    const interrupted = { ...session(), interrupted: () => Promise.resolve() };
    expect((await wait.runIn(cell, wait.ask({ tag: 'build-b' }), interrupted)).exitCode).toBe(130);
  });
});
