import { join, relative } from 'node:path';
import { CORPUS, fileOf, remember, ruleOf } from './corpus.ts';
import type { Plan } from './plan.ts';
import type { Played } from './play-plan.ts';

/** Makes a plan as short as it can be and still break that rule. */
export type Shorten = (plan: Plan, rule: string) => Promise<Plan>;

export interface TellerOptions {
  /** @default nothing is shortened */
  readonly shorten?: Shorten | undefined;
  /** Where plans are remembered. @default the corpus */
  readonly directory?: string;
}

/** A world that broke a rule, in words. */
export interface Told {
  /** Which world, and what it broke. */
  readonly what: readonly string[];
  /** Remembers its plan; answers where it is, and how it is played again. Takes long where it is shortened. */
  readonly remembered: () => Promise<string>;
}

const ROOT = join(import.meta.dirname, '..');
/** More worlds that break the same rule would hardly tell more, and every run plays what is remembered. */
const REMEMBERED_MOST = 3;

/**
 * Tells of the worlds of one run that broke a rule, and remembers the first of each rule. Only the very first is shortened: that
 * takes as long as dozens of worlds, and one fault breaks the same rule in many.
 */
export function createTeller({ shorten, directory = CORPUS }: TellerOptions): (played: Played) => Told {
  const times = new Map<string, number>();
  const shown = new Set<string>();
  /** A stack that was shown already is left out. */
  const unseen = (violation: string): string => {
    const text = shown.has(violation) ? violation.split('\n', 1)[0]! : violation;
    shown.add(violation);
    return text;
  };
  return ({ plan, violations }) => {
    const [why = ''] = violations;
    const rule = ruleOf(why);
    const before = times.get(rule) ?? 0;
    times.set(rule, before + 1);
    const known = fileOf(plan, directory);
    const name = known === undefined ? `seed ${plan.seed}` : relative(ROOT, known);
    // Its plan is in the corpus, and shorter it would come to even less.
    if (rule === 'reach')
      return { what: [`${name} went astray: ${why}`], remembered: () => Promise.resolve(replayed(name)) };
    const what = [
      `${name} broke ${countOf(violations)}:`,
      ...[...new Set(violations)].map((each) => `  ${unseen(each)}`),
    ];
    const whole = withoutAims(plan, rule);
    const remembered = async (): Promise<string> => {
      if (shorten && before === 0) {
        const short = await shorten(whole, rule);
        const file = relative(ROOT, remember({ why, plan: short }, directory));
        return `${short.steps.length} of ${plan.steps.length} steps still break it, in ${file}; ${replayed(file)}`;
      }
      const isKept = known === undefined && before < REMEMBERED_MOST;
      const file = isKept ? remember({ why, plan: whole }, directory) : known;
      return `${replayed(file === undefined ? String(plan.seed) : relative(ROOT, file))}; add --shrink to shorten it`;
    };
    return { what, remembered };
  };
}

function countOf({ length }: readonly string[]): string {
  return length === 1 ? 'a rule' : `rules ${length} times`;
}

function replayed(what: string): string {
  return `play it again: npm run campaign -- --replay ${what}`;
}

/** What breaks a rule past HTTP need not be played over the wire each time, nor meet what it was there for. */
function withoutAims({ doors, reaches: _met, ...plan }: Plan, rule: string): Plan {
  return rule === 'door' && doors !== undefined ? { ...plan, doors } : plan;
}
