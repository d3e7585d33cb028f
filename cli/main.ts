import { Interrupted, UsageError, type Command, type Terminal } from './terminal/command.ts';
import { INTERRUPTED } from './terminal/exit-codes.ts';
import { helpOf, overview } from './terminal/help.ts';
import { nearest } from './terminal/nearest.ts';
import { parseFlags } from './terminal/parse-flags.ts';
import { runCommand } from './terminal/run-command.ts';
import { versionLine } from './terminal/version.ts';
import { messageLines, safeTerminal } from './terminal/safe-terminal.ts';

/** In the order of their use. Each is loaded when it is asked for: a verb for the account needs no simulated region, and a rehearsal no account. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  status: async () => (await import('./verbs/status.ts')).status,
  watch: async () => (await import('./verbs/watch.ts')).watch,
  wait: async () => (await import('./verbs/wait.ts')).wait,
  console: async () => (await import('./verbs/console.ts')).consoleVerb,
  history: async () => (await import('./verbs/history.ts')).history,
  logs: async () => (await import('./verbs/logs.ts')).logs,
  open: async () => (await import('./verbs/open.ts')).open,
  start: async () => (await import('./verbs/start.ts')).start,
  rollback: async () => (await import('./verbs/rollback.ts')).rollback,
  release: async () => (await import('./verbs/release.ts')).release,
  acknowledge: async () => (await import('./verbs/acknowledge.ts')).acknowledge,
  abort: async () => (await import('./verbs/abort.ts')).abort,
  diff: async () => (await import('./verbs/diff.ts')).diff,
  doctor: async () => (await import('./verbs/doctor.ts')).doctor,
  size: async () => (await import('./verbs/size.ts')).size,
  init: async () => (await import('./verbs/init.ts')).init,
  'push-instructions': async () => (await import('./verbs/push-instructions.ts')).pushInstructions,
  rehearse: async () => (await import('./verbs/rehearse.ts')).rehearse,
  sandbox: async () => (await import('./verbs/sandbox.ts')).sandbox,
  completion: async () => (await import('./terminal/completion.ts')).completionOf(allCommands),
};

/** Runs one command line (without `node` and the file) and answers its exit code: 0 as asked, 1 failed, 2 misused. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const screen = safeTerminal(terminal);
  try {
    return await dispatch(argv, screen);
  } catch (error) {
    screen.err.write(`${messageLines(`rollouts: ${explain(error, terminal.env)}`, terminal).join('\n')}\n`);
    if (error instanceof Interrupted) return INTERRUPTED;
    return error instanceof UsageError ? 2 : 1;
  }
}

async function dispatch([verb = 'help', ...rest]: readonly string[], terminal: Terminal): Promise<number> {
  if (['help', '--help', '-h'].includes(verb)) {
    const topic = rest[0] === undefined ? undefined : await commandOf(rest[0]);
    terminal.out.write(topic ? helpOf(topic) : overview(await allCommands()));
    return 0;
  }
  if (verb === '--version') {
    terminal.out.write(`${versionLine()}\n`);
    return 0;
  }
  const command = await commandOf(verb);
  if (rest.includes('--help') || rest.includes('-h')) {
    terminal.out.write(helpOf(command));
    return 0;
  }
  return await runCommand(command, parseFlags(command, rest), terminal);
}

/** The command of that name; throws a {@link UsageError} where there is none. */
export async function commandOf(verb: string): Promise<Command> {
  if (Object.hasOwn(COMMANDS, verb)) return await COMMANDS[verb]!();
  const close = nearest(verb, [...Object.keys(COMMANDS), 'help']);
  throw new UsageError(`there is no command "${verb}"${close ? `; did you mean "${close}"?` : '; see: rollouts help'}`);
}

/** All commands, in the order of their use. */
export function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

function explain(error: unknown, env: Terminal['env']): string {
  if (!(error instanceof Error)) return String(error);
  return env['ROLLOUTS_DEBUG'] === '1' ? (error.stack ?? error.message) : error.message;
}
