import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { changedMembers } from '../../../cli/verbs/diff/changed-members.ts';
import { exitCodeOf } from '../../../cli/terminal/exit-codes.ts';
import { labelledLines, tableLines, wrapped } from '../../../cli/terminal/layout.ts';
import { main } from '../../../cli/main.ts';
import { age, localTime, moment } from '../../../cli/terminal/moments.ts';
import { pushCommands, tagFor } from '../../../cli/verbs/push-instructions.ts';
import { releaseCode, releaseText } from '../../../cli/verbs/release.ts';
import { executionLines } from '../../../cli/verbs/watch/execution-lines.ts';
import { nextWaitMs } from '../../../cli/verbs/watch/follow-rollout.ts';
import { serviceLines } from '../../../cli/verbs/watch/service-lines.ts';
import { OUTCOMES } from '../../../functions/rollout/outcomes.ts';

describe('exit codes', () => {
  it('tell all outcomes apart but those that leave the wanted image running', () => {
    const codes = Object.values(OUTCOMES).flatMap(({ exitCode }) => (exitCode > 0 ? [exitCode] : []));
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.length).toBe(Object.keys(OUTCOMES).length - 2);
    expect(Math.min(...codes)).toBeGreaterThanOrEqual(10);
  });

  it('are below 20 exactly where the execution ends well, and 1 for what is no outcome', () => {
    for (const [outcome, { exitCode, endsWell }] of Object.entries(OUTCOMES)) {
      expect(exitCodeOf(outcome)).toBe(exitCode);
      expect(exitCode < 20).toBe(endsWell);
    }
    expect(['LedgerUnreadable', 'toString'].map(exitCodeOf)).toEqual([1, 1]);
  });
});

describe('misuse', () => {
  const run = async (...argv: string[]) => {
    let err = '';
    const out = { write: () => expect.unreachable() };
    const terminal = {
      out,
      err: { write: (text: string) => (err += text) },
      env: {},
      interrupted: () => new Promise<void>(() => {}),
    };
    return { code: await main(argv, terminal), err };
  };

  it.each([
    ['two images', ['start', '--tag', 'a', '--digest', 'b'], /start takes --tag or --digest, not both/],
    ['a tag that is none', ['start', '--tag', 'a b'], /"image.tag" is "a b"/],
    ['force without a reason', ['start', '--force'], /--force wants a --reason/],
    ['a reason of two lines', ['rollback', '--reason', 'a\nb'], /"reason" is .*one line/],
    ['an abort with a reason of two lines', ['abort', '--reason', 'a\nb'], /"reason" is .*one line/],
    ['a time that is none', ['history', '--before', 'yesterday'], /--before yesterday: give a day or a time in UTC/],
    ['a limit of nothing', ['history', '--limit', '0'], /--limit 0: give a whole number/],
    ['a tag that no image can have', ['diff', '--tag', '-'], /argument|--tag -: a tag has/],
  ])('%s is refused before AWS is asked: exit code 2', async (_, argv, message) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('a release', () => {
  const pin = { since: 1, rolloutId: 'r1', digest: undefined };

  it.each([
    ['HELD', undefined, 0, /followed again; the newest image is quarantined/],
    ['SUCCEEDED', undefined, 0, /^Pushes are followed again\.$/],
    ['NO_CHANGE', undefined, 0, /^Pushes are followed again\.$/],
    ['HELD', pin, 12, /still held/],
    ['ROLLED_BACK', pin, 21, /still held/],
  ])('that ends %s with the pin %j: exit code %i', (outcome, left, code, text) => {
    expect(releaseCode({ outcome }, left)).toBe(code);
    expect(releaseText({ outcome }, left)).toMatch(text);
  });
});

describe('times', () => {
  it.each([
    [0, 'just now'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [3_599_999, '59 min ago'],
    [7_200_000, '2 h ago'],
    [86_400_000 * 3, '3 d ago'],
  ])('%i ms later it was %s', (ms, text) => expect(age(1000, 1000 + ms)).toBe(text));

  it('are local, to the second, and mean the same instant', () => {
    const at = Date.UTC(2026, 6, 5, 9, 30, 15, 500);
    expect(localTime(at)).toMatch(/^2026-07-0\dT\d\d:\d\d:15[+-]\d\d:\d\d$/);
    expect(Date.parse(localTime(at))).toBe(at - 500);
  });

  it('have no age where they lie ahead of the clock here', () => {
    expect(moment(5000, 4000)).toBe(localTime(5000));
    expect(moment(4000, 5000)).toBe(`${localTime(4000)} (1 s ago)`);
  });
});

describe('what is printed fits 80 columns', () => {
  const long = 'a word and '.repeat(30) + 'x'.repeat(200);

  it('wrapped, labelled and in tables, and nothing but the end of a table’s row is lost', () => {
    const lines = [
      ...wrapped(long),
      ...labelledLines([['Label', [long]]]),
      ...tableLines([
        ['A', 'B'],
        ['one', long],
      ]),
    ];
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
    expect(wrapped(long).join('').replaceAll(' ', '')).toBe(long.replaceAll(' ', ''));
    expect(lines.at(-1)).toMatch(/…$/);
  });
});

describe('changed members', () => {
  const before = {
    cpu: '256',
    containerDefinitions: [{ name: 'api', image: 'a', environment: [{ name: 'KEY', value: 'secret-1' }] }],
  };

  it('are named, never shown', () => {
    const after = {
      family: 'api',
      containerDefinitions: [
        { name: 'api', image: 'b', environment: [{ name: 'KEY', value: 'secret-2' }, { name: 'NEW' }] },
      ],
    };
    const names = changedMembers(before, after);
    expect(names).toEqual([
      'cpu',
      'containerDefinitions[api].image',
      'containerDefinitions[api].environment[KEY].value',
      'containerDefinitions[api].environment[NEW]',
      'family',
    ]);
    expect(names.join()).not.toContain('secret');
  });

  it('are none between equals', () => expect(changedMembers(before, structuredClone(before))).toEqual([]));
});

describe('push instructions', () => {
  it.each([
    [{ kind: 'exact', tag: 'live' }, 'live'],
    [{ kind: 'glob', pattern: 'main-*' }, 'main-"$(git rev-parse --short HEAD)"'],
    [{ kind: 'semver', range: '^1.2.0' }, '"${VERSION:?set VERSION to the next version}"'],
  ] as const)('tag for %j', (policy, tag) => expect(tagFor(policy)).toBe(tag));

  it('keep the repository’s path and the account’s own host', () => {
    const commands = pushCommands('1.dkr.ecr.cn-north-1.amazonaws.com.cn/team/api', 'linux/arm64', 'v1', 'cn-north-1');
    expect(commands[0]).toContain(
      '--region cn-north-1 | docker login --username AWS --password-stdin 1.dkr.ecr.cn-north-1.amazonaws.com.cn',
    );
    expect(commands[1]).toBe('docker build --platform linux/arm64 -t team/api .');
    expect(commands[3]).toBe('docker push 1.dkr.ecr.cn-north-1.amazonaws.com.cn/team/api:v1');
  });
});

describe('a watch', () => {
  it('tells states, decisions and errors of an execution, and nothing of Choices, half outputs and waiting', () => {
    const at = new Date(1000);
    const entered = (type: string, name: string) => ({
      id: 1,
      timestamp: at,
      type,
      stateEnteredEventDetails: { name },
    });
    const succeeded = (output: string) => ({
      id: 1,
      timestamp: at,
      type: 'TaskSucceeded',
      taskSucceededEventDetails: { resourceType: 'lambda', resource: 'invoke', output },
    });
    const lines = executionLines([
      entered('TaskStateEntered', 'AcceptIntent'),
      succeeded('{"Payload":{"word":"roll","reason":"Selected","message":"New."}}'),
      entered('ChoiceStateEntered', 'Accepted?'),
      entered('TaskStateEntered', 'AwaitSteadyState'),
      {
        id: 1,
        timestamp: at,
        type: 'TaskFailed',
        taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'AwsUnavailable' },
      },
      succeeded('{"word":"wait"}'),
      succeeded('{"word":"ste'),
    ] as Parameters<typeof executionLines>[0]);
    expect(lines.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'state AcceptIntent',
      'decided AcceptIntent: roll (Selected): New.',
      'state AwaitSteadyState',
      'decided AwaitSteadyState: AwsUnavailable',
    ]);
  });

  it('tells the rounds of a rollout that waits once, and what comes after them', () => {
    const at = { id: 1, timestamp: new Date(0) };
    const entered = (name: string) => ({ ...at, type: 'TaskStateEntered', stateEnteredEventDetails: { name } });
    const said = (word: string) => ({
      ...at,
      type: 'TaskSucceeded',
      taskSucceededEventDetails: { output: `{"Payload":{"word":"${word}"}}` },
    });
    const round = [entered('AcceptIntent'), said('let-finish'), entered('LetFinish')];
    const events = [...round, ...round, ...round, entered('AcceptIntent'), said('roll'), entered('Preflight')];
    const texts = (count: number) => executionLines(events.slice(0, count) as HistoryEvent[]).map(({ text }) => text);
    const waits = ['AcceptIntent', 'AcceptIntent: let-finish', 'LetFinish'];
    expect(texts(events.length)).toEqual([...waits, 'AcceptIntent: roll', 'Preflight']);
    // What was told of a shorter history stays told.
    for (let count = 1; count < events.length; count++)
      expect(texts(events.length).slice(0, texts(count).length)).toEqual(texts(count));
  });

  it('tells each message of ECS once, none from before, and counts only when they changed', () => {
    const { of: tell, tasks } = serviceLines(2000);
    const deployments = [
      { id: 'old', status: 'ACTIVE', taskDefinition: 'api:1', runningCount: 2 },
      { id: 'new', status: 'PRIMARY', taskDefinition: 'api:2', runningCount: 0, pendingCount: 2 },
    ];
    const event = (id: string, at: number, message: string) => ({ id, createdAt: new Date(at), message });
    const started = event('b', 3000, '(service api) has started 2 tasks: (task 0a1b) (task 2c3d).');
    const service = { deployments, events: [started, event('a', 1000, '(service api) old news')] };
    expect(tell(service, 3500).map(({ at, text }) => [at, text])).toEqual([
      [3000, 'has started 2 tasks.'],
      [3500, 'new :2 0 running 2 pending, old :1 2 running'],
    ]);
    expect(tell(service, 4000)).toEqual([]);
    expect(tasks()).toBe('new :2 0 running 2 pending, old :1 2 running');
    expect(tell(undefined, 5000)).toEqual([]);
  });

  it.each([
    ['before the rollout began', 1999, undefined, 'old'],
    ['by the rollout', 2000, undefined, 'new'],
    ['before it went back', 2999, 3000, 'new'],
    ['to go back', 3000, 3000, 'back'],
  ])('tells what a deployment is that was made %s, whenever watching begins', (_case, createdAt, backSince, age) => {
    const deployment = { id: 'd', status: 'PRIMARY', taskDefinition: 'api:2', runningCount: 2 };
    const service = { deployments: [{ ...deployment, createdAt: new Date(createdAt) }] };
    expect(
      serviceLines(2000)
        .of(service, 4000, backSince)
        .map(({ text }) => text),
    ).toEqual([`${age} :2 2 running`]);
  });

  it('looks soon after news, and ever later without, up to ten seconds', () => {
    expect(nextWaitMs(9000, true)).toBe(2000);
    expect([2000, 9000].map((ms) => nextWaitMs(ms, false))).toEqual([3000, 10_000]);
  });
});
