import type { CompletedFlag, CompletedVerb } from './completed-verb.ts';

/** The completion for fish: https://fishshell.com/docs/current/cmds/complete.html */
export function fishCompletion(verbs: readonly CompletedVerb[]): string[] {
  const none = `-n ${quoted('__fish_use_subcommand')}`;
  return [
    '# fish completion of rollouts: rollouts completion fish > ~/.config/fish/completions/rollouts.fish',
    'complete -c rollouts -f',
    `complete -c rollouts ${none} -l version -d ${quoted('Prints the version of this command line.')}`,
    ...verbs.map(({ name, summary }) => `complete -c rollouts ${none} -a ${name} -d ${quoted(summary)}`),
    ...verbs.flatMap(({ name, words, flags }) => {
      const within = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
      return [
        ...(words.length > 0 ? [`complete -c rollouts ${within} -a ${quoted(words.join(' '))}`] : []),
        ...flags.map((flag) => `complete -c rollouts ${within} ${flagOptions(flag)}`),
      ];
    }),
  ];
}

function flagOptions({ name, summary, value }: CompletedFlag): string {
  const argument = { none: '', path: ' -r -F', text: ' -x' }[value];
  return `-l ${name}${argument} -d ${quoted(summary)}`;
}

/** Between single quotes fish takes only these two for its own. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
