import type { CompletedVerb } from './completed-verb.ts';

/** The completion for bash, from 3.2 on, which macOS has: https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
export function bashCompletion(verbs: readonly CompletedVerb[]): string[] {
  return [
    '# bash completion of rollouts; in ~/.bashrc: source <(rollouts completion bash)',
    '_rollouts() {',
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" verb="${COMP_WORDS[1]}"',
    '  # bash takes --flag=value for three words.',
    '  if [ "$word" = = ]; then word=',
    '  elif [ "$before" = = ]; then before="${COMP_WORDS[COMP_CWORD-2]}"; fi',
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${[...verbs.map(({ name }) => name), '--version'].join(' ')}" -- "$word"))`,
    '    return',
    '  fi',
    '  case "$verb $before" in',
    ...branch(valued(verbs, 'path'), [
      "local IFS=$'\\n'",
      'compopt -o filenames 2>/dev/null',
      'COMPREPLY=($(compgen -f -- "$word"))',
      'return',
    ]),
    ...branch(valued(verbs, 'text'), ['return']),
    '  esac',
    '  case "$verb" in',
    ...verbs.flatMap(({ name, words, flags }) =>
      branch([name], [`COMPREPLY=($(compgen -W "${[...words, ...flags.map(spelled)].join(' ')}" -- "$word"))`]),
    ),
    '  esac',
    '}',
    'complete -F _rollouts rollouts',
  ];
}

/** `"verb --flag"` for each flag with such a value. */
function valued(verbs: readonly CompletedVerb[], kind: 'path' | 'text'): string[] {
  return verbs.flatMap(({ name, flags }) =>
    flags.filter(({ value }) => value === kind).map((flag) => `"${name} ${spelled(flag)}"`),
  );
}

function spelled({ name }: { readonly name: string }): string {
  return `--${name}`;
}

function branch(patterns: readonly string[], lines: readonly string[]): string[] {
  if (patterns.length === 0) return [];
  return [`    ${patterns.join(' | ')})`, ...lines.map((line) => `      ${line}`), '      ;;'];
}
