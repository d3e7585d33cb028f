import { describe, expect, it } from 'vitest';
import { anatomyOf, longestPart } from '../../console/page/anatomy.ts';
import { addressOf, parseAddress } from '../../console/page/address.ts';
import { executionLink, taskLink } from '../../console/page/links.ts';
import { measuresOf, trailingRate, weeksOf } from '../../console/page/measures.ts';
import { parsed } from '../../console/page/store.ts';
import { endedSentence, serviceSentence } from '../../console/page/told.ts';
import { ago, countdown, cut } from '../../console/page/words.ts';
import { at, badPush, DAY, record, service, task } from './given-rollouts.ts';

describe('sentences', () => {
  it('say of a bad push what happened, and what runs', () => {
    expect(endedSentence(badPush()).replaceAll('\u00a0', ' ')).toBe(
      '1.2.3 exited with code 1 after 5.0 s; 1.2.2 is back on 2 of 2 tasks and healthy.',
    );
  });

  it('claim no health where the record does not', () => {
    const { record: own, ...rest } = badPush();
    const document = {
      ...rest,
      record: { ...own!, message: 'Essential container in task exited; container api exited with code 1.' },
    };
    expect(endedSentence(document)).toMatch(/; 1\.2\.2 is back on 2 of 2 tasks\.$/);
  });

  it('say of a service what runs, and why the newest image does not', () => {
    expect(serviceSentence(service({ history: [badPush().record!] }), DAY + 300_000)).toBe(
      '1.2.2 runs on 2 of 2 tasks, proven. 1.2.3 was rolled back 3 min ago: api exited with code 1.',
    );
  });

  it.each([
    [30_000, '30 s ago'],
    [150_000, '3 min ago'],
    [-5000, '0 s ago'],
    [3 * 86_400_000, '3 d ago'],
  ])('tell an age of %i ms', (age, said) => {
    expect(ago(DAY, DAY + age)).toBe(said);
  });

  it('count down, and cut long names in the middle', () => {
    expect([countdown(65), countdown(3_725), countdown(-3)]).toEqual(['1:05', '1:02:05', '0:00']);
    expect([cut('short'), cut('a'.repeat(30) + 'b'.repeat(30), 20)]).toEqual([
      'short',
      `${'a'.repeat(12)}…${'b'.repeat(7)}`,
    ]);
  });
});

describe('measures', () => {
  const rollouts = [
    record({ rolloutId: 'f', outcome: 'FAILED_ROLLBACK', startedAt: at(9000), endedAt: at(9100) }),
    record({ rolloutId: 'e', outcome: 'ROLLED_BACK', startedAt: at(8000), endedAt: at(8090) }),
    ...['NO_CHANGE', 'HELD', 'SUPERSEDED', 'REJECTED', 'STAGED'].map((outcome) =>
      record({ outcome, endedAt: at(7000) }),
    ),
    record({ rolloutId: 'c', startedAt: at(1000), endedAt: at(1060) }),
    record({ rolloutId: 'b', startedAt: at(0), endedAt: at(100), intent: 'rollback' }),
    record({ rolloutId: 'a', startedAt: at(0), endedAt: at(-100 * 86_400) }),
  ];
  const now = DAY + 10_000_000;

  it('count what was proven and what failed, and nothing that was refused, held, superseded or long ago', () => {
    const measures = measuresOf(rollouts, now);
    expect(measures.counted.map(({ rolloutId }) => rolloutId)).toEqual(['b', 'c', 'e', 'f']);
    expect(measures).toMatchObject({ leadSeconds: 60, restoreSeconds: 90, isOpen: true });
    expect(trailingRate(measures, now).map(({ rate }) => rate)).toEqual([0, 0, 1 / 5, 2 / 5]);
    expect(weeksOf(measures, now).at(-1)).toEqual({ proven: 2, failed: 2 });
  });

  it('are no longer open once something was proven', () => {
    expect(measuresOf([record({ endedAt: at(9500) }), ...rollouts], now).isOpen).toBe(false);
  });
});

describe('where the time went', () => {
  it('is told of the new tasks of a rollout that succeeded, with the longest part that a setting shortens', () => {
    const { record: _, ...rest } = badPush();
    const chronicle = {
      ...rest.chronicle,
      tasks: [
        task('a', 'ecs-svc/1', -100, { stoppingAt: 60, executionStoppedAt: 95 }),
        task('b', 'ecs-svc/2', 5),
        task('c', 'ecs-svc/2', 6),
      ],
    };
    const anatomy = anatomyOf({ ...rest, record: record(), chronicle })!;
    expect(anatomy).toMatchObject({ capacity: 10, pull: 6, start: 2, health: 12, drain: 35, bake: 0 });
    expect(longestPart(anatomy)).toBe('drain');
    expect(anatomyOf(badPush())).toBeUndefined();
  });
});

describe('addresses', () => {
  it.each([
    ['#/', { query: {} }],
    ['#/?q=api&group=failed', { query: { q: 'api', group: 'failed' } }],
    ['#/prod/api', { service: 'prod/api', query: {} }],
    ['#/prod/api/r/1%2F2', { service: 'prod/api', rolloutId: '1/2', query: {} }],
    ['#/prod/%E0%A4%A', { service: 'prod/%E0%A4%A', query: {} }],
  ])('%s leads to one view', (hash, address) => {
    expect(parseAddress(hash)).toEqual(address);
    if (!hash.includes('%E0')) expect(addressOf(parseAddress(hash))).toBe(hash);
  });
});

describe('links', () => {
  const arn = (partition: string, region: string) => `arn:${partition}:ecs:${region}:123456789012:task/prod/0123`;
  it('lead to AWS consoles only, by partition', () => {
    expect(taskLink(arn('aws', 'eu-west-1'))).toBe(
      'https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/prod/tasks/0123?region=eu-west-1',
    );
    expect(taskLink(arn('aws-cn', 'cn-north-1'))).toMatch(/^https:\/\/cn-north-1\.console\.amazonaws\.cn\//);
    expect(executionLink('arn:aws:states:us-east-1:1:execution:m:1')).toMatch(
      /^https:\/\/us-east-1\.console\.aws\.amazon\.com\/states\//,
    );
  });
  it.each([arn('evil', 'us-east-1'), arn('aws', 'evil.example/'), 'javascript:alert(1)', ''])(
    'lead nowhere for %s',
    (given) => {
      expect([taskLink(given), executionLink(given)]).toEqual([undefined, undefined]);
    },
  );
});

describe('what comes from outside', () => {
  it('shows whatever would hide in it, in every string of a document', () => {
    expect(parsed('{"a":["x\\u202etag","two\\nlines\\u0007"]}')).toEqual({ a: ['x[U+202E]tag', 'two lines[U+0007]'] });
  });
});
