import type { Expression } from './expressions.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };

/** A JSON value of a definition in which some strings are JSONata expressions; `field` is how AWS names the place. */
export type Template =
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly field: string }
  | { readonly kind: 'array'; readonly items: readonly Template[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Template])[] };

/** What a state, a Choice rule or a catcher says of the data that leaves it. */
export interface Leaving {
  readonly output?: Template;
  readonly assign?: Template;
}

export interface Retrier {
  readonly errorEquals: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds?: number;
  readonly jitterStrategy: 'FULL' | 'NONE';
}

export interface Catcher extends Leaving {
  readonly errorEquals: readonly string[];
  readonly next: string;
}

export interface ChoiceRule extends Leaving {
  readonly condition: Template;
  readonly next: string;
}

interface Named {
  readonly name: string;
  readonly comment?: string;
}

/** `next` is absent where the state has `End: true`. */
interface Onward extends Named, Leaving {
  readonly next?: string;
}

interface PassState extends Onward {
  readonly type: 'Pass';
}

export interface TaskState extends Onward {
  readonly type: 'Task';
  /** Of the integration's ARN: `aws`. */
  readonly partition: string;
  /** `invoke` or `invoke.waitForTaskToken`, as the history names it. */
  readonly resource: 'invoke' | 'invoke.waitForTaskToken';
  readonly arguments: Template;
  readonly timeoutSeconds?: Template;
  readonly heartbeatSeconds?: Template;
  readonly retry: readonly Retrier[];
  readonly catch: readonly Catcher[];
}

export interface ChoiceState extends Named, Leaving {
  readonly type: 'Choice';
  readonly choices: readonly ChoiceRule[];
  readonly default?: string;
}

export interface WaitState extends Onward {
  readonly type: 'Wait';
  readonly seconds?: Template;
  readonly timestamp?: Template;
}

interface SucceedState extends Named {
  readonly type: 'Succeed';
  readonly output?: Template;
}

export interface FailState extends Named {
  readonly type: 'Fail';
  readonly error?: Template;
  readonly cause?: Template;
}

export type State = PassState | TaskState | ChoiceState | WaitState | SucceedState | FailState;

/** A state machine as it runs: parsed, checked, every expression compiled. */
export interface Definition {
  readonly comment?: string;
  readonly startAt: string;
  readonly timeoutSeconds?: number;
  readonly states: ReadonlyMap<string, State>;
}

/** The states that may follow `state`, in the order of the definition. */
export function successors(state: State): string[] {
  switch (state.type) {
    case 'Choice':
      return [...state.choices.map((rule) => rule.next), ...(state.default === undefined ? [] : [state.default])];
    case 'Task':
      return [...onward(state.next), ...state.catch.map((catcher) => catcher.next)];
    case 'Pass':
    case 'Wait':
      return onward(state.next);
    case 'Succeed':
    case 'Fail':
      return [];
  }
}

function onward(next: string | undefined): string[] {
  return next === undefined ? [] : [next];
}

/** Every expression below `template`, with the field it stands in. */
export function expressionsOf(
  template: Template | undefined,
): { readonly expression: Expression; readonly field: string }[] {
  if (template === undefined || template.kind === 'literal') return [];
  if (template.kind === 'expression') return [template];
  if (template.kind === 'array') return template.items.flatMap(expressionsOf);
  return template.members.flatMap(([, member]) => expressionsOf(member));
}
