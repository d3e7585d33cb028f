import { optionsOf, type Command, type Option, type ScreenVerb } from './command.ts';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import type { CompletedVerb } from './completion/completed-verb.ts';
import { zshCompletion } from './completion/zsh.ts';

/** The script for each shell. It holds all names, so that a TAB starts no program. */
const SCRIPTS: Readonly<Record<string, (verbs: readonly CompletedVerb[]) => string[]>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** What stands for the value of a flag that is a path; the shell knows those. */
const PATHS: readonly string[] = ['FILE', 'DIR'];

/** `rollouts completion`: what a shell needs to complete these commands and their flags. */
export function completionOf(commands: () => Promise<readonly Command[]>): ScreenVerb {
  return {
    name: 'completion',
    summary: 'Prints a script with which a shell completes commands and flags: source <(rollouts completion bash)',
    argument: { name: 'shell', choices: Object.keys(SCRIPTS) },
    options: {},
    document: 'none',
    async run({ shell }, { out }) {
      const known = await commands();
      const help: CompletedVerb = {
        name: 'help',
        summary: 'Explains a command.',
        words: known.map(({ name }) => name),
        flags: [],
      };
      out.write(`${SCRIPTS[String(shell)]!([...known.map(completed), help]).join('\n')}\n`);
      return 0;
    },
  };
}

function completed(command: Command): CompletedVerb {
  const flags = Object.entries(optionsOf(command)).map(([name, option]) => ({ name, ...flagOf(option) }));
  const help = {
    name: 'help',
    summary: 'Explains this command.',
    value: 'none',
    placeholder: '',
    multiple: false,
  } as const;
  return {
    name: command.name,
    summary: command.summary,
    words: command.argument?.choices ?? [],
    flags: [...flags, help],
  };
}

function flagOf({ type, placeholder = 'VALUE', multiple = false, summary }: Option) {
  const value = type === 'boolean' ? 'none' : PATHS.includes(placeholder) ? 'path' : 'text';
  return { summary, value, placeholder, multiple } as const;
}
