/** Generated parts of README.md. */
import { ERRORS } from '../functions/rollout/errors.ts';
import { OUTCOMES } from '../functions/rollout/outcomes.ts';
import { readDefinition, type State } from '../infra/definition.ts';
import { ledgerPermission } from './ledger-permission.ts';
import { table } from './markdown.ts';
import { rolePermissions } from './role-permissions.ts';
import { rehearsalSample } from './samples.ts';

const TARGET_KNOWN = 'target known';

/** The state machine's states, in the order of the file. */
function states(): [string, State][] {
  return Object.entries(readDefinition().States);
}

/** All blocks by the name in their marker. */
export async function readmeBlocks(): Promise<Record<string, string>> {
  const permissions = table(['Role', 'May', 'On'], await rolePermissions());
  return {
    machine: machine(),
    rehearsal: await rehearsalSample(),
    outcomes: outcomes(),
    states: stateTable(),
    errors: errors(),
    permissions,
    'ledger-permission': ledgerPermission(),
  };
}

function machine(): string {
  const all = new Map(states());
  const drawn = [...all].filter(([, state]) => state.Type !== 'Choice' && state.Type !== 'Pass');
  const lines = drawn.flatMap(([name, state]) => [
    `  ${id(name)}${shape(name, state)}`,
    ...edges(name, state, all),
    ...breaks(name, state, all),
  ]);
  return ['```mermaid', 'flowchart TD', '  start((push, person, tick)) --> AcceptIntent', ...lines, '```'].join('\n');
}

function shape(name: string, state: State): string {
  if (state.Type === 'Succeed' || state.Type === 'Fail') return `([${name}])`;
  return state.Resource?.endsWith('waitForTaskToken') ? `[/${name}/]` : `[${name}]`;
}

/** Edges through Choice states carry the words that lead there; the safe branch is `else`. */
function edges(name: string, state: State, all: ReadonlyMap<string, State>): string[] {
  if (!state.Next) return [];
  return follow(state.Next, '', all).map(
    ([label, to]) => `  ${id(name)} -->${label === '' ? '' : `|${label}|`} ${id(to)}`,
  );
}

/** Only the Catches that end the execution: the others lead where the words lead too. */
function breaks(name: string, state: State, all: ReadonlyMap<string, State>): string[] {
  const ends = (state.Catch ?? []).filter(({ Next }) => all.get(Next)?.Type === 'Fail');
  return ends.map(({ Next }) => `  ${id(name)} -.->|error| ${id(Next)}`);
}

function follow(next: string, label: string, all: ReadonlyMap<string, State>): [label: string, to: string][] {
  const state = all.get(next)!;
  if (state.Type !== 'Choice') return [[label, next]];
  // What the ledger has instead is gone on with as if it had been said at once, which is drawn there.
  const drawn = (state.Choices ?? []).filter(({ Condition }) => !Condition.includes('$back.verdict'));
  const branches = drawn.map((choice): [string, string] => [wordsOf(choice.Condition), choice.Next]);
  const otherwise = wordsOf(state.Choices?.[0]?.Condition ?? '') === TARGET_KNOWN ? 'no target' : 'else';
  const labelled: [string, string][] = [...branches, [otherwise, state.Default!]];
  return labelled.flatMap(([word, to]) => follow(to, [label, word].filter((part) => part !== '').join(', '), all));
}

function wordsOf(condition: string): string {
  if (condition.includes('rollbackTarget')) return TARGET_KNOWN;
  const words = [...condition.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]);
  if (condition.includes('bakeTimeSeconds > 0')) words.push('bake time set');
  if (condition.includes('$lookUntil')) words.push('in time');
  if (words.length > 0) return words.join(', ');
  const step = /'([A-Z]\w+)'/.exec(condition)?.[1];
  return step === undefined ? condition : `from ${step}`;
}

function id(name: string): string {
  return name.replace(/\W/g, '');
}

function outcomes(): string {
  const rows = Object.entries(OUTCOMES).map(([outcome, { endsWell, isAnnounced, exitCode, meaning }]) => [
    `\`${outcome}\``,
    endsWell ? 'succeeded' : 'failed',
    isAnnounced ? 'yes' : 'no',
    String(exitCode),
    meaning,
  ]);
  return table(['Outcome', 'Execution', 'Notified', 'Exit code', 'Meaning'], rows);
}

function stateTable(): string {
  const rows = states().map(([name, state]) => [`\`${name}\``, kind(state), state.Comment, caught(state)]);
  return table(['State', 'Kind', 'What it is for', 'When it fails'], rows);
}

function kind(state: State): string {
  return state.Resource?.endsWith('waitForTaskToken') ? 'Task, waits for a token' : state.Type;
}

function caught(state: State): string {
  return (state.Catch ?? []).map(({ ErrorEquals, Next }) => `${ErrorEquals.join(', ')} → ${Next}`).join('; ');
}

function errors(): string {
  return table(
    ['Error', 'What it leaves behind'],
    Object.entries(ERRORS).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}
