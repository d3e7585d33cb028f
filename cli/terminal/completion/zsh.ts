import type { CompletedFlag, CompletedVerb } from './completed-verb.ts';

/** The completion for zsh: https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
export function zshCompletion(verbs: readonly CompletedVerb[]): string[] {
  return [
    '#compdef rollouts',
    '# zsh completion of rollouts; in ~/.zshrc, behind compinit: source <(rollouts completion zsh)',
    '_rollouts() {',
    '  local -a verbs',
    '  verbs=(',
    ...verbs.map(({ name, summary }) => `    '${name}:${quoted(summary)}'`),
    '  )',
    '  if (( CURRENT == 2 )); then',
    "    _describe -t commands 'command' verbs",
    '    return',
    '  fi',
    '  local verb="$words[2]"',
    '  shift words',
    '  (( CURRENT-- ))',
    '  case "$verb" in',
    ...verbs.flatMap(({ name, words, flags }) => [
      `    ${name})`,
      `      _arguments ${[...flags.map(flagSpec), ...wordSpec(words)].join(' \\\n        ')}`,
      '      ;;',
    ]),
    '  esac',
    '}',
    '# Called by compinit where it was found in fpath, and told to it where it was sourced.',
    'if [ "$funcstack[1]" = _rollouts ]; then _rollouts "$@"; else compdef _rollouts rollouts; fi',
  ];
}

function flagSpec({ name, summary, value, placeholder, multiple }: CompletedFlag): string {
  const repeated = multiple ? '*' : '';
  if (value === 'none') return `'${repeated}--${name}[${quoted(summary)}]'`;
  return `'${repeated}--${name}=[${quoted(summary)}]:${placeholder}:${value === 'path' ? '_files' : ''}'`;
}

function wordSpec(words: readonly string[]): string[] {
  return words.length === 0 ? [] : [`'1:word:(${words.join(' ')})'`];
}

/** Between single quotes, where `_arguments` and `_describe` take brackets and colons for their own. */
function quoted(text: string): string {
  return text.replace(/[\\[\]:]/g, '\\$&').replaceAll("'", "'\\''");
}
