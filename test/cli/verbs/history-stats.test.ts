import { describe, expect, it } from 'vitest';
import { imageCreatedAt } from '../../../cli/account/image-created.ts';
import { history } from '../../../cli/verbs/history.ts';
import { deploymentsIn, statsOf } from '../../../cli/verbs/history/stats.ts';
import { durationText } from '../../../cli/verbs/history/stats-told.ts';
import type { RolloutRecord } from '../../../functions/rollout/ledger.ts';
import { digest, image, MINUTE, NOW } from '../../functions/rollout/given.ts';
import { cannedCell, documentOf, executionOf, ledgerThat, session, type Answers } from './canned-cell.ts';

/** A rollout of the image with that digit that began a minute before `minute` and ended then. */
function ended(minute: number, outcome: RolloutRecord['outcome'], digit = 'b', changes: Partial<RolloutRecord> = {}) {
  const rolloutId = `r${minute}`;
  return {
    schema: 1,
    rolloutId,
    executionArn: executionOf(rolloutId),
    service: 'default/web',
    outcome,
    reason: 'Because',
    message: 'So.',
    image: image(digit, NOW + (minute - 2) * MINUTE),
    request: undefined,
    isTick: false,
    taskDefinition: undefined,
    deploymentId: undefined,
    startedAt: NOW + (minute - 1) * MINUTE,
    endedAt: NOW + minute * MINUTE,
    detectionLagSeconds: undefined,
    ...changes,
  } satisfies RolloutRecord;
}

const NOBODY_SAYS = new Map<never, undefined>();
const newestFirst = (...records: readonly RolloutRecord[]) => [...records].sort((a, b) => b.endedAt - a.endedAt);

describe('the numbers of a period', () => {
  it('are none where nothing was rolled', () => {
    const none = { seconds: undefined, of: 0 };
    expect(statsOf([ended(1, 'NO_CHANGE'), ended(2, 'HELD'), ended(3, 'REJECTED')], NOBODY_SAYS)).toEqual({
      deployments: 0,
      takenBack: { byRollouts: 0, byPeople: 0 },
      failureRate: undefined,
      timeToRestore: { ...none, open: 0 },
      leadTime: { fromCreated: none, fromPush: none },
    });
  });

  it('count each image that was proven once, at its first proof, and no rollback', () => {
    const first = ended(1, 'SUCCEEDED', 'b');
    const other = ended(2, 'SUCCEEDED', 'c');
    const back = ended(3, 'SUCCEEDED', 'b', { request: { rollback: true } });
    const again = ended(4, 'SUCCEEDED', 'b', { request: { force: true, reason: 'a new secret' } });
    const records = newestFirst(first, other, back, again);
    expect(deploymentsIn(records)).toEqual([other, first]);
    expect(statsOf(records, NOBODY_SAYS)).toMatchObject({
      deployments: 2,
      takenBack: { byRollouts: 0, byPeople: 1 },
      failureRate: 0.5,
      timeToRestore: { seconds: 60, of: 1, open: 0 },
    });
  });

  it('count what failed once, not each time that it is tried again', () => {
    const tried = ended(1, 'ROLLED_BACK', 'b', { triedAgainAt: NOW + 9 * MINUTE });
    const records = newestFirst(tried, ended(2, 'ROLLED_BACK'), ended(3, 'SUCCEEDED', 'c'), ended(4, 'SUCCEEDED', 'd'));
    expect(statsOf(records, NOBODY_SAYS)).toMatchObject({ takenBack: { byRollouts: 1 }, failureRate: 1 / 3 });
  });

  it('measure from the start of what failed until a proven image ran, and tell what has not ended', () => {
    const records = newestFirst(
      ended(1, 'ROLLED_BACK'),
      ended(2, 'FAILED_ROLLBACK'),
      ended(3, 'NO_CHANGE'),
      ended(12, 'SUCCEEDED', 'c'),
      ended(13, 'FAILED_NO_ROLLBACK_TARGET', 'd'),
    );
    // One minute for the first; eleven until the image that was proven next; nothing has followed the last.
    expect(statsOf(records, NOBODY_SAYS).timeToRestore).toEqual({ seconds: 6 * 60, of: 2, open: 1 });
  });

  it('measure from creation where an image says so credibly, else from its push', () => {
    const created = new Map([
      [digest('b'), NOW - 9 * MINUTE],
      // As reproducible builds have it; and a clock that is ahead.
      [digest('c'), 0],
      [digest('d'), NOW + 99 * MINUTE],
    ]);
    const records = newestFirst(ended(1, 'SUCCEEDED', 'b'), ended(2, 'SUCCEEDED', 'c'), ended(3, 'SUCCEEDED', 'd'));
    expect(statsOf(records, created).leadTime).toEqual({
      fromCreated: { seconds: 600, of: 1 },
      fromPush: { seconds: 120, of: 2 },
    });
  });
});

describe('when an image was created', () => {
  const CREATED = '2026-01-01T00:00:00Z';
  const labels = { 'org.opencontainers.image.created': CREATED };
  const [index, amd, config] = [digest('a'), digest('b'), digest('c')];
  const manifests = (texts: Readonly<Record<string, object>>): Answers => ({
    'ecr:BatchGetImage': ({ imageIds }: { readonly imageIds: readonly { readonly imageDigest: string }[] }) => ({
      images: imageIds.map(({ imageDigest }) => ({ imageManifest: JSON.stringify(texts[imageDigest] ?? {}) })),
    }),
  });
  const configuration = (text: string): Answers => ({
    'ecr:GetDownloadUrlForLayer': ({ layerDigest }: { readonly layerDigest: string }) => ({
      downloadUrl: layerDigest === config ? `data:application/json,${encodeURIComponent(text)}` : 'http://127.0.0.1:1/',
    }),
  });
  const LABELS = configuration(JSON.stringify({ config: { Labels: labels } }));
  const LISTED = {
    manifests: [
      { digest: digest('f'), platform: { os: 'unknown' } },
      { digest: amd, platform: { os: 'linux' } },
    ],
  };
  const image = { config: { digest: config } };

  it.each<[string, Answers, string | undefined]>([
    ['an annotation of the image', manifests({ [index]: { annotations: labels } }), CREATED],
    ['an annotation of an image of the index', manifests({ [index]: LISTED, [amd]: { annotations: labels } }), CREATED],
    ['a label', { ...manifests({ [index]: image }), ...LABELS }, CREATED],
    ['a label of an image of the index', { ...manifests({ [index]: LISTED, [amd]: image }), ...LABELS }, CREATED],
    [
      'nothing, where it has no label',
      { ...manifests({ [index]: image }), ...configuration('{"config":{}}') },
      undefined,
    ],
    [
      'nothing, where its configuration is none',
      { ...manifests({ [index]: image }), ...configuration('<html>') },
      undefined,
    ],
    [
      'nothing, where nobody has its configuration',
      { ...manifests({ [index]: { config: { digest: index } } }), ...LABELS },
      undefined,
    ],
    [
      'nothing, where its label is no time',
      manifests({ [index]: { annotations: { ...labels, 'org.opencontainers.image.created': 'today' } } }),
      undefined,
    ],
  ])('is said by %s', async (_, answers, said) => {
    const at = await imageCreatedAt(cannedCell(answers).cell, index);
    expect(at).toBe(said === undefined ? undefined : Date.parse(said));
  });

  it('is not guessed where the caller may not ask', async () => {
    await expect(imageCreatedAt(cannedCell(manifests({ [index]: image })).cell, index)).rejects.toThrow(
      /GetDownloadUrlForLayer/,
    );
  });
});

describe('rollouts history --stats', () => {
  it('counts only the days that it was asked for, and says from when lead times are', async () => {
    const records = newestFirst(ended(-1, 'SUCCEEDED', 'b'), ended(-2000, 'SUCCEEDED', 'c'));
    const { cell } = cannedCell(ledgerThat([{}], records));
    const answer = await history.runIn(cell, history.ask({ stats: true, days: '1' }), session());
    expect(documentOf(answer)).toMatchObject({ rollouts: [], next: null, stats: { deployments: 1 } });
    const lines = 'lines' in answer ? (answer.lines as readonly string[]) : [];
    expect(lines).toContain('Deployed     1 image');
    expect(lines).toContain('Lead time    none measured, from org.opencontainers.image.created');
    expect(lines.join(' ')).toContain('2 min, the median of 1, from the push of images that do not say so');
  });

  it.each([
    [{ days: '3' }, '--days goes with --stats only'],
    [{ stats: true, limit: '3' }, 'leave --limit out'],
    [{ stats: true, days: '0' }, '--days 0: give a whole number'],
  ])('refuses %j', (flags, message) => {
    expect(() => history.ask(flags)).toThrow(message);
  });

  it.each([
    [92.4, '92 s'],
    [150, '2.5 min'],
    [5400, '90 min'],
    [9000, '2.5 h'],
    [259_200, '3 d'],
  ])('calls %d seconds %s', (seconds, text) => expect(durationText(seconds)).toBe(text));
});
