import { describe, expect, it } from 'vitest';
import { mayHaveWritten, withLogLines, withLogs, type FailedTask } from '../../../functions/rollout/failed-task.ts';
import { withoutOldLines } from '../../../functions/rollout/outbox.ts';
import { lastLines, logCommand, logPlaceOf } from '../../../functions/rollout/task-log.ts';
import { arnElsewhere, ELSEWHERE } from '../../elsewhere.ts';
import { record, revision } from './given.ts';

const ESC = '\u001b';
const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

describe('the last lines of a log', () => {
  it('are twenty, oldest first, each line of an event for itself, and blank ones left out', () => {
    expect(lastLines(numbered(30))).toEqual(numbered(30).slice(10));
    expect(lastLines(['Error: no\r\n    at main\n\n', ' ', '10 %\r20 %'])).toEqual([
      'Error: no',
      '    at main',
      '10 %',
      '20 %',
    ]);
    expect(lastLines([])).toEqual([]);
  });

  it.each([
    ['colours', `${ESC}[1;31mred${ESC}[0m text`, 'red text'],
    ['what clears the screen and moves the cursor', `${ESC}[2J${ESC}[10;20Hsecret${ESC}c`, 'secret'],
    ['a title and a link', `${ESC}]0;title\u0007a ${ESC}]8;;https://x${ESC}\\link${ESC}]8;;${ESC}\\`, 'a link'],
    ['sequences of one character', '\u009b31mred\u009dtitle\u009c!', 'red!'],
    ['an unfinished sequence, without the text behind it', `a${ESC}`, 'a'],
    ['what never ends, but for its beginning', `a${ESC}]0;title`, 'a0;title'],
    ['bells, nulls and backspaces', 'a\u0007\u0000\u0008b\u007fc', 'a b c'],
    ['tabs', '\tat\tmain', ' at main'],
    ['what turns the direction', 'user\u202egpj.exe\u2066x\u2069\u200f', 'user gpj.exe x'],
    ['half a character', 'a\ud83d b', 'a\ufffd b'],
    ['nothing of other scripts and signs', 'été 日本 👩‍🚀 שלום', 'été 日本 👩‍🚀 שלום'],
  ])('lose %s', (_, message, line) => {
    expect(lastLines([message])).toEqual([line]);
  });

  it('take 4 KB at most, in UTF-8 and whole lines: the older ones give way', () => {
    const line = 'é'.repeat(250);
    const kept = lastLines([...numbered(5), ...Array.from({ length: 10 }, () => line)]);
    expect(kept).toEqual(Array.from({ length: 8 }, () => line));
    expect(Buffer.byteLength(kept.join('\n'))).toBeLessThanOrEqual(4096);
  });

  it('are the beginning of the last one where that alone is longer, cut between characters', () => {
    const [only, ...others] = lastLines(['before', '👍'.repeat(5000)]);
    expect(others).toEqual([]);
    expect(only).toBe(`${'👍'.repeat(1023)}…`);
    expect(Buffer.byteLength(only!)).toBeLessThanOrEqual(4095);
  });

  it('take no longer to read for what a container means to be read slowly', () => {
    const nasty = [
      `${ESC}]`.repeat(200_000),
      `${ESC}[`.repeat(200_000),
      '\u009d'.repeat(200_000),
      '\u202e '.repeat(200_000),
      ' '.repeat(400_000),
    ];
    const begun = performance.now();
    lastLines(nasty);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('where a container logs', () => {
  const taskArn = arnElsewhere('ecs', 'task/default/0123abcd');
  const awslogs = { 'awslogs-group': '/ecs/web', 'awslogs-stream-prefix': 'ecs' };
  const placeOf = (logConfiguration: unknown) =>
    logPlaceOf({ containerDefinitions: [{ name: 'proxy' }, { name: 'app', logConfiguration }] }, 'app', taskArn);

  it('is said by its task definition and the id of its task', () => {
    const place = { group: '/ecs/web', stream: 'ecs/app/0123abcd', region: ELSEWHERE.region };
    expect(placeOf({ logDriver: 'awslogs', options: awslogs })).toEqual(place);
    const options = { ...awslogs, 'awslogs-region': 'eu-west-9' };
    expect(placeOf({ logDriver: 'awslogs', options })).toEqual({ ...place, region: 'eu-west-9' });
  });

  it.each([
    [undefined, 'Container app has no log configuration.'],
    [null, 'Container app has no log configuration.'],
    [{ logDriver: 'splunk' }, 'Container app logs through splunk, not to CloudWatch Logs.'],
    [{ logDriver: 'awsfirelens', options: awslogs }, 'Container app logs through awsfirelens, not to CloudWatch Logs.'],
    [{ logDriver: 'awslogs', options: null }, 'Container app names no log group and stream prefix'],
    [
      { logDriver: 'awslogs', secretOptions: [{ name: 'awslogs-group', valueFrom: 'x' }] },
      'Container app names no log group and stream prefix',
    ],
  ])('is unknown with %j', (logConfiguration, sentence) => {
    expect(placeOf(logConfiguration)).toContain(sentence);
  });

  it('is unknown of a container that the task definition does not have', () => {
    expect(logPlaceOf({}, 'app', taskArn)).toBe('Container app has no log configuration.');
  });

  it('can be read with one command, whatever its names are', () => {
    expect(logCommand({ group: '/ecs/web', stream: 'ecs/app/0123', region: 'eu-west-9' })).toBe(
      "aws logs get-log-events --region eu-west-9 --log-group-name /ecs/web --log-stream-name ecs/app/0123 --limit 20 --query 'events[].message' --output text",
    );
    expect(logCommand({ group: '/ecs/web', stream: "it's $(rm)\n/app/1", region: 'r' })).toContain(
      `--log-stream-name 'it'\\''s $(rm) /app/1' --limit`,
    );
  });
});

describe('a failed task', () => {
  const TASK: FailedTask = { taskArn: 'arn:1', taskDefinition: revision(2), container: 'app' };

  it.each<[string, Partial<FailedTask>, boolean]>([
    ['exited', { stopCode: 'EssentialContainerExited', exitCode: 1 }, true],
    ['crashed before it was up', { stopCode: 'TaskFailedToStart', exitCode: 1 }, true],
    ['still ran', {}, true],
    ['never started', { stopCode: 'TaskFailedToStart' }, false],
    ['has no container that decided', { container: undefined, exitCode: 1 }, false],
  ])('that %s may have written: %j', (_, changes, mayHave) => {
    expect(mayHaveWritten({ ...TASK, ...changes })).toBe(mayHave);
  });

  it('keeps what was read of its own log, and no other', () => {
    const other = { ...TASK, taskArn: 'arn:2' };
    const logs = new Map([['arn:1', { logLines: ['a'] }]]);
    expect(withLogs([TASK, other], logs)).toEqual([{ ...TASK, logLines: ['a'] }, other]);
    expect(withLogs([TASK], undefined)).toEqual([TASK]);
    expect(withLogs(undefined, logs)).toBe(undefined);
  });

  it('is told of with as many lines as are wanted, the last ones, and with none by default', () => {
    const failed = record({
      failedTasks: [
        { ...TASK, logLines: ['a', 'b', 'c'] },
        { ...TASK, logNote: 'None.' },
      ],
    });
    const linesOf = (count: number) => withLogLines(failed, count).failedTasks!.map(({ logLines }) => logLines);
    expect(linesOf(2)).toEqual([['b', 'c'], undefined]);
    expect(linesOf(20)).toEqual([['a', 'b', 'c'], undefined]);
    expect(withLogLines(failed, 0).failedTasks).toEqual([TASK, { ...TASK, logNote: 'None.' }]);
    expect(withLogLines(record(), 0)).toEqual(record());
  });

  it('loses its lines in the outbox where more than ten records wait behind it', () => {
    const waiting = Array.from({ length: 12 }, (_, index) =>
      record({ rolloutId: `r${index}`, failedTasks: [{ ...TASK, logLines: ['x'.repeat(4000)] }] }),
    );
    const kept = withoutOldLines(waiting).map(({ failedTasks }) => failedTasks![0]!.logLines !== undefined);
    expect(kept).toEqual([false, false, ...Array.from({ length: 10 }, () => true)]);
  });
});
