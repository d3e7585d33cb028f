import { optionsOf, type Command, type Option } from './command.ts';
import { hangingLines, wrapped } from './layout.ts';

/** The help text of all commands. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return text([
    'Usage: rollouts COMMAND [FLAGS]',
    '',
    ...commands.flatMap(({ name, summary }) => hangingLines(`  ${name.padEnd(width)}  `, summary)),
    ...hangingLines(`  ${'help'.padEnd(width)}  `, 'Explains a command: rollouts help COMMAND'),
    ...hangingLines(`  ${'--version'.padEnd(width)}  `, 'Prints the version of this command line.'),
    '',
    ...wrapped(
      'Exit codes: 0 as asked, 1 failed, 2 misused, 124 timed out, 130 interrupted; of an awaited rollout its outcome, from 10 on ' +
        '(README, "Outcomes"). ROLLOUTS_DEBUG=1 shows the stack of an error.',
    ),
  ]);
}

/** The help text of one command. */
export function helpOf(command: Command): string {
  const flags = Object.entries(optionsOf(command)).map(
    ([name, option]) => [spelled(name, option), option.summary] as const,
  );
  const width = Math.max(0, ...flags.map(([flag]) => flag.length));
  return text([
    `Usage: rollouts ${command.name}${command.argument ? ` ${command.argument.choices.join('|')}` : ''} [FLAGS]`,
    '',
    ...wrapped(command.summary),
    ...(flags.length > 0 ? [''] : []),
    ...flags.flatMap(([flag, summary]) => hangingLines(`  ${flag.padEnd(width)}  `, summary)),
  ]);
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function spelled(name: string, option: Option): string {
  return option.type === 'boolean' ? `--${name}` : `--${name} ${option.placeholder ?? 'VALUE'}`;
}
