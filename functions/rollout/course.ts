import { plainText } from './identifiers.ts';
import type { WatchKind } from './watch.ts';

/** A stay in one state of the state machine; milliseconds since the epoch, as Step Functions has them. A Choice takes no time and is none. */
export interface Stay {
  readonly name: string;
  readonly enteredAt: number;
  readonly leftAt: number;
}

/** What a step decided. */
export interface StepDecision {
  /** Milliseconds since the epoch: of a watch when it was judged, of any other step when the machine left it. */
  readonly at: number;
  /** Name of the state. */
  readonly state: string;
  /** `error` where the step failed; its reason is then the error's name. */
  readonly word: string;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** The way of a rollout through the state machine, in the order of time. It stands in the history entry alone: nobody is sent it, and the outbox does not hold it. */
export interface Course {
  readonly states: readonly Stay[];
  readonly decisions: readonly StepDecision[];
}

/** What the state machine says of a state that it left; the words of a step that waits for a token are not among it. */
export interface TrailEntry {
  readonly state: string;
  /** ISO 8601. */
  readonly enteredAt: string;
  readonly word?: string | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

/** What Conclude is told of the way to it; definitions of older releases do not say. */
export interface Trail {
  readonly trail?: readonly TrailEntry[] | undefined;
  /** When Conclude itself was entered, ISO 8601. */
  readonly enteredAt?: string | undefined;
}

/** What is kept of decisions: an entry of the history stays far below 100 KB, its tasks included. */
const DECISIONS_KEPT = 30;
const MESSAGE_MAX = 500;

/** Verdicts that an owner remembers: a rollout has three watches, and few are judged more than once. */
const VERDICTS_KEPT = 10;

/** The steps that wait for a verdict. */
const STEP_OF: Readonly<Record<WatchKind, string>> = {
  steady: 'AwaitSteadyState',
  bake: 'Bake',
  rollback: 'AwaitRollback',
};

/** What an owner remembers of its watches, oldest first. */
interface Judged {
  readonly judged?: readonly StepDecision[] | undefined;
}

/** A copy of the owner that remembers what was judged of its watch, when its phase has forgotten it, too. */
export function withJudged<Owner extends Judged>(
  owner: Owner,
  kind: WatchKind,
  { word, reason, message }: Omit<StepDecision, 'at' | 'state'>,
  at: number,
): Owner {
  const decision = { at, state: STEP_OF[kind], word, reason, message };
  return { ...owner, judged: [...(owner.judged ?? []), decision].slice(-VERDICTS_KEPT) };
}

/** How a rollout went that ended at `endedAt`; undefined where the definition of an older release does not say. */
export function courseOf(owner: Judged | undefined, { trail, enteredAt }: Trail, endedAt: number): Course | undefined {
  if (!trail || enteredAt === undefined) return undefined;
  const left = [...trail.slice(1).map((next) => next.enteredAt), enteredAt].map((time) => Date.parse(time));
  const stays = trail.map((entry, index) => ({ ...entry, at: Date.parse(entry.enteredAt), leftAt: left[index]! }));
  const conclude = { name: 'Conclude', enteredAt: Date.parse(enteredAt), leftAt: endedAt };
  const states = [...stays.map(({ state, at, leftAt }) => ({ name: state, enteredAt: at, leftAt })), conclude];
  const decided = stays.flatMap(({ state, leftAt, word, reason, message }) =>
    word === undefined ? [] : [{ at: leftAt, state, word, reason, message }],
  );
  const decisions = [...withoutRepeated(decided), ...(owner?.judged ?? [])].toSorted((one, other) => one.at - other.at);
  return { states: joined(states), decisions: decisions.slice(-DECISIONS_KEPT).map(inPlainText) };
}

/** A state that is entered again and again while it waits is one stay. */
function joined(states: readonly Stay[]): readonly Stay[] {
  return states.reduce<readonly Stay[]>((before, stay) => {
    const last = before.at(-1);
    return last?.name === stay.name ? [...before.slice(0, -1), { ...last, leftAt: stay.leftAt }] : [...before, stay];
  }, []);
}

/** Whoever waits for its turn decides the same again and again: the first time says it. */
function withoutRepeated(decisions: readonly StepDecision[]): readonly StepDecision[] {
  return decisions.filter(({ state, word, reason }, index) => {
    const before = decisions.slice(0, index).findLast((one) => one.state === state);
    return before?.word !== word || before.reason !== reason;
  });
}

function inPlainText({ at, state, word, reason, message }: StepDecision): StepDecision {
  return {
    at,
    state,
    word,
    reason: reason === undefined ? undefined : plainText(reason, 100),
    message: message === undefined ? undefined : plainText(message, MESSAGE_MAX),
  };
}
