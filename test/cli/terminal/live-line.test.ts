import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Session, Verb } from '../../../cli/terminal/command.ts';
import type { Event } from '../../../cli/terminal/events.ts';
import { runCommand } from '../../../cli/terminal/run-command.ts';
import { safeTerminal } from '../../../cli/terminal/safe-terminal.ts';

const WIPED = '\r\u001b[2K';
const PARTS = ['Bake 34 of 60 s', 'new :1234 20 running, old :1233 10 running', 'deadline in 14:34'];

/** A terminal that keeps each write by itself, and is as wide as it is set to. */
class Screen {
  readonly isTTY: boolean;
  columns: number | undefined;
  readonly writes: string[] = [];
  constructor(columns: number | undefined, isTTY = true) {
    this.columns = columns;
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.writes.push(text.replaceAll(/\u001b\[\d+m/g, ''));
  }
}

async function run(screen: Screen, act: (session: Session) => void, env: Record<string, string> = {}): Promise<Screen> {
  const verb: Verb = {
    name: 'try',
    summary: 'Tries.',
    options: {},
    document: { schema: z.unknown(), describedIn: 'docs/verbs-json.md' },
    run: async (_flags, session) => {
      act(session);
      return { document: 'told-before', exitCode: 0 };
    },
  };
  const terminal = { out: screen, err: screen, env, interrupted: () => new Promise<void>(() => {}) };
  await runCommand(verb, {}, safeTerminal(terminal));
  return screen;
}

const live = (seconds: number, parts: readonly string[] = PARTS) =>
  ({ kind: 'live', live: { seconds, parts } }) as const;
const happened = (text: string) => ({ kind: 'happened', entry: { virtualSeconds: 35.2, kind: 'ecs', text } }) as const;

describe('the last line of a terminal', () => {
  it('shows how the rollout stands, and stays the last one when something happens', async () => {
    const { writes } = await run(new Screen(100), ({ emit, isLive }) => {
      expect(isLive).toBe(true);
      emit(live(34));
      emit(live(35));
      emit(happened('has begun draining.'));
      emit({ kind: 'ended', outcome: 'SUCCEEDED', message: 'It runs.' });
    });
    const line = (seconds: number): string => `     ${seconds} s  now     ${PARTS.join(', ')}`;
    expect(writes).toEqual([
      line(34),
      `${WIPED}${line(35)}`,
      `${WIPED}   35.2 s  ecs     has begun draining.\n${line(35)}`,
      `${WIPED}\nIt runs.\n`,
    ]);
  });

  it('is wiped away when the run breaks off', async () => {
    const { writes } = await run(new Screen(100), ({ emit }) => emit(live(34)));
    expect(writes.slice(1)).toEqual([WIPED]);
  });

  it('leaves out whole parts where the terminal is narrow, and goes by the width that it has now', async () => {
    const screen = new Screen(200);
    await run(screen, ({ emit }) => {
      for (let columns = 200; columns >= 40; columns--) {
        screen.columns = columns;
        emit(live(34));
      }
    });
    const lines = screen.writes.slice(0, -1).map((text) => text.replace(WIPED, ''));
    const whole = [1, 2, 3].map((count) => `     34 s  now     ${PARTS.slice(0, count).join(', ')}`);
    expect(new Set(lines)).toEqual(new Set(whole));
    lines.forEach((line, index) => expect(line.length).toBeLessThan(200 - index));
    // The longest that fits, each time.
    expect(lines[200 - whole[2]!.length - 1]).toBe(whole[2]);
    expect(lines[200 - whole[2]!.length]).toBe(whole[1]);
  });

  it('is no line where not even its first part has room', async () => {
    const { writes } = await run(new Screen(40), ({ emit }) => emit(live(34, ['AwaitTheLongestNameOfAnyState'])));
    expect(writes).toEqual([]);
  });

  it.each<[string, Screen, Record<string, string>]>([
    ['in a pipe', new Screen(undefined, false), {}],
    ['with NO_COLOR', new Screen(100), { NO_COLOR: '1' }],
    ['on a dumb terminal', new Screen(100), { TERM: 'dumb' }],
    ['in a build', new Screen(100), { CI: 'true' }],
  ])('is not there %s: only plain lines are', async (_where, screen, env) => {
    const { writes } = await run(
      screen,
      ({ emit, isLive }) => {
        expect(isLive).toBe(false);
        emit(live(34));
        emit(happened('has begun draining.'));
        emit(live(36));
      },
      env,
    );
    expect(writes).toEqual(['   35.2 s  ecs     has begun draining.\n']);
  });
});

describe('a line above it', () => {
  const TEXT = 'has started 1 tasks and then goes on and on about them until nobody reads it any further';

  it.each([
    ['as wide as the terminal', 120, true, 1],
    ['as narrow as the terminal', 60, true, 3],
    ['80 columns wide where the terminal does not say', undefined, true, 2],
    ['whole in a pipe', undefined, false, 1],
  ])('is %s', async (_what, columns, isTTY, count) => {
    const { writes } = await run(new Screen(columns, isTTY), ({ emit }) => emit(happened(TEXT)));
    const lines = writes.join('').trimEnd().split('\n');
    expect(lines).toHaveLength(count);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(isTTY ? (columns ?? 80) : Infinity);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(TEXT);
  });

  const ROLLOUT = { rolloutId: '0123abcd-0123-4567-89ab-0123456789ab', startedAt: 0, since: 0, wasRunning: true };

  it.each<Event>([
    { kind: 'started', ...ROLLOUT, service: 'production/billing' },
    { kind: 'resumes', ...ROLLOUT },
    { kind: 'following', ...ROLLOUT },
    { kind: 'stopped', ...ROLLOUT },
    { kind: 'left' },
    { kind: 'awaiting', image: '1.4.2 (sha256:0123456789ab)', service: 'production/billing' },
    { kind: 'rehearsing', config: 'rollouts.config.ts', faults: ['Every call to AWS is throttled for a while.'] },
    { kind: 'scenario', name: 'bad-push', title: 'An image is pushed whose container exits as soon as it starts.' },
    { kind: 'played', entry: { virtualSeconds: 1, kind: 'decided', text: TEXT } },
    { kind: 'ended', outcome: 'ROLLED_BACK', message: TEXT },
  ])('fits the terminal where it tells what is $kind', async (event) => {
    const { writes } = await run(new Screen(50), ({ emit }) => emit(event));
    for (const line of writes.join('').split('\n')) expect(line.length).toBeLessThanOrEqual(50);
    const whole = (await run(new Screen(undefined, false), ({ emit }) => emit(event))).writes.join('');
    const words = (text: string): string => text.replaceAll(/\s+/g, ' ');
    expect(words(writes.join(''))).toBe(words(whole));
  });

  it('keeps a name whole that is longer than the terminal is wide', async () => {
    const arn = `arn:aws:ecs:us-east-1:123456789012:task/${'cluster'.repeat(9)}/0123456789abcdef0123456789abcdef`;
    const { writes } = await run(new Screen(50), ({ emit }) => {
      emit(happened(`has stopped ${arn} at last`));
      emit({ kind: 'ended', outcome: 'ROLLED_BACK', message: `Task ${arn} exited.` });
    });
    const lines = writes.join('').split('\n');
    expect(lines.filter((line) => line.trim() === arn)).toHaveLength(2);
    for (const line of lines) if (!line.includes(arn)) expect(line.length).toBeLessThanOrEqual(50);
  });

  it('has the outcome in green where it ended well, and in red where somebody should know', async () => {
    const written: string[] = [];
    const screen = new Screen(100);
    screen.write = (text) => void written.push(text);
    const ended = (text: string) => ({ kind: 'happened', entry: { virtualSeconds: 9, kind: 'ended', text } }) as const;
    await run(screen, ({ emit }) => {
      for (const outcome of ['SUCCEEDED', 'HELD', 'ROLLED_BACK', 'States.Timeout']) emit(ended(outcome));
    });
    expect(written.map((text) => /\u001b\[(\d+)m\w+(?:\.\w+)?\u001b\[0m\n$/.exec(text)?.[1])).toEqual([
      '32',
      '1',
      '31',
      '31',
    ]);
  });
});
