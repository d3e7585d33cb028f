import { FAULTS } from '../rehearsal/faults/catalogue.ts';
import { alignedColumns } from '../timeline/aligned-columns.ts';
import { DEED_KINDS } from './generate-plan.ts';

/** How a rollout can end: the words of README, which a test compares. */
export const OUTCOMES: readonly string[] = [
  'SUCCEEDED',
  'NO_CHANGE',
  'STAGED',
  'SUPERSEDED',
  'HELD',
  'REJECTED',
  'ROLLED_BACK',
  'ROLLED_BACK_BY_ECS',
  'ABORTED',
  'ABORTED_EXTERNAL',
  'FAILED_NO_ROLLBACK_TARGET',
  'FAILED_ROLLBACK',
];

/** What one world met, and what there was to be met in its state machine. */
export interface Meetings {
  /** How often: `outcome SUCCEEDED`, `state Bake`, `edge Steady? > Bake`, `fault zombies`, `race push in mid-rollout`. */
  readonly met: ReadonlyMap<string, number>;
  readonly meetable: readonly string[];
}

/** How often everything was met in a campaign; what was not, but could be, has 0. */
export type Reach = ReadonlyMap<string, number>;

/** What could be met in any world; each state machine adds its states and edges. */
export const NOTHING_MET: Reach = new Map(
  [
    ...OUTCOMES.map((outcome) => `outcome ${outcome}`),
    ...FAULTS.map(({ name }) => `fault ${name}`),
    ...DEED_KINDS.filter((kind) => kind !== 'fault').flatMap((kind) => [`deed ${kind}`, `race ${kind} in mid-rollout`]),
  ].map((thing) => [thing, 0]),
);

/** The reach after one more plan. */
export function withPlayed(reach: Reach, { met, meetable }: Meetings): Reach {
  const sum = new Map(reach);
  for (const thing of meetable) sum.set(thing, sum.get(thing) ?? 0);
  for (const [thing, times] of met) sum.set(thing, (sum.get(thing) ?? 0) + times);
  return sum;
}

/** What was never met, in the order of the table. */
export function missing(reach: Reach): string[] {
  return [...reach].filter(([, times]) => times === 0).map(([thing]) => thing);
}

const KINDS: readonly (readonly [word: string, title: string])[] = [
  ['outcome', 'Outcomes'],
  ['state', 'States'],
  ['edge', 'Edges'],
  ['fault', 'Faults'],
  ['deed', 'Deeds'],
  ['race', 'Races'],
];

/** One line for each kind of thing, then each thing and how often it was met, rarest first. */
export function reachLines(reach: Reach): string[] {
  return KINDS.flatMap(([word, title]) => {
    const things = [...reach].filter(([thing]) => thing.startsWith(`${word} `)).sort((one, other) => one[1] - other[1]);
    const count = things.filter(([, times]) => times > 0).length;
    const rows = things.map(([thing, times]) => [`  ${thing.slice(word.length + 1)}`, String(times)]);
    return ['', `${title}: ${count} of ${things.length} met`, ...alignedColumns(rows, [1])];
  });
}

interface Definition {
  readonly States: Readonly<Record<string, State>>;
}

interface State {
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Catch?: readonly { readonly Next: string }[];
}

/** Every state of a state machine, and every way from one to another. */
export function statesAndEdges(definition: string): string[] {
  const { States } = JSON.parse(definition) as Definition;
  const edges = Object.entries(States).flatMap(([from, { Next, Default, Choices = [], Catch = [] }]) =>
    [Next, Default, ...[...Choices, ...Catch].map((way) => way.Next)].flatMap((to) =>
      // One that is entered again cannot be told from one that was tried again.
      to === undefined || to === from ? [] : [`edge ${from} > ${to}`],
    ),
  );
  return [...Object.keys(States).map((state) => `state ${state}`), ...new Set(edges)];
}
