import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openFolder } from '../../../cli/verbs/sandbox/folder.ts';
import { showMessages } from '../../../cli/verbs/sandbox/show-timelines.ts';
import type { CellMessage } from '../../../rehearsal/cell/cell-messages.ts';

const deliveries = [{ protocol: 'email', endpoint: 'ops@example.com', body: 'Look.' }] as const;
const MESSAGE: CellMessage = { at: 0, subject: 'Look', message: 'Look.', deliveries };

/** A folder, and somebody to say something to its subscribers. */
function messagesTo() {
  const path = mkdtempSync(join(tmpdir(), 'messages-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const folder = openFolder(path);
  const lines: string[] = [];
  let hear: (message: CellMessage) => void = () => {};
  const world = { onMessage: (listener: typeof hear) => ((hear = listener), () => {}) };
  showMessages(world, folder, (text) => void lines.push(text));
  return { folder, lines, say: () => hear(MESSAGE) };
}

it('is written although somebody has removed the folder', () => {
  const { folder, lines, say } = messagesTo();
  rmSync(folder.messages, { recursive: true });
  say();
  expect(readdirSync(folder.messages)).toHaveLength(1);
  expect(lines).toHaveLength(1);
});

it('that cannot be written fails no call, and is told', () => {
  const { folder, lines, say } = messagesTo();
  rmSync(folder.messages, { recursive: true });
  writeFileSync(folder.messages, 'in the way');
  expect(say).not.toThrow();
  expect(existsSync(folder.messages)).toBe(true);
  expect(lines).toEqual(['Look (to ops@example.com)', expect.stringContaining('not written to a file: EEXIST')]);
});
