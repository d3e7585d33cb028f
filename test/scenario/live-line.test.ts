import { expect, it } from 'vitest';
import { openSandbox } from './verbs-setting.ts';

const TERMINAL = { isTTY: true, columns: 100 };
const WIPED = '\r\u001b[2K';

/** Without colours. */
const plain = (out: string): string => out.replaceAll(/\u001b\[\d+m/g, '');

/** What a terminal shows in the end: what was wiped away is gone. */
const screenOf = (out: string): string =>
  plain(out)
    .split('\n')
    .map((line) => line.split(WIPED).at(-1)!)
    .join('\n');

/** What stood in the last line, one after the other. */
const livesIn = (out: string): string[] =>
  plain(out)
    .split(/[\r\n]/)
    .flatMap((line) => / s {2}now {5}(.*)$/.exec(line)?.[1] ?? []);

it('a terminal shows how a rollout stands in its last line, and in the end what a pipe shows', async () => {
  const sandbox = await openSandbox({}, {}, 1);
  await sandbox.world.push();
  await sandbox.pass(3);
  const { code, out } = await sandbox.rollouts(['watch'], {}, undefined, TERMINAL);
  expect(code).toBe(0);

  const lives = livesIn(out);
  expect(lives).toContainEqual(
    expect.stringMatching(
      /^AwaitSteadyState, new :4 \d running(?: \d pending)?, old :3 2 running, deadline in \d+:\d\d$/,
    ),
  );
  const baked = lives.flatMap((text) => /^Bake (\d+) of 60 s, new :4 2 running/.exec(text)?.[1] ?? []).map(Number);
  expect(baked.length).toBeGreaterThan(20);
  expect(baked).toEqual([...baked].sort((one, other) => one - other));
  expect(Math.max(...baked)).toBeLessThanOrEqual(60);
  for (const text of lives) expect(text.length + 19).toBeLessThan(100);

  const shown = screenOf(out);
  expect(shown).not.toMatch(/\bnow {5}|\u001b/);
  expect(shown).toMatch(
    / s {2}ended {3}SUCCEEDED\n\n2 of 2 tasks run exactly the expected digest and are healthy\.\n$/,
  );
});
