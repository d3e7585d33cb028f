import type { HistoryEventType } from '@aws-sdk/client-sfn';
import type { ActKind, TimerId } from '../kernel/kernel.ts';
import type { Json, Leaving, Template } from './definition.ts';
import type { Scope } from './evaluate.ts';
import type { Execution, ExecutionStatus, Visit } from './execution.ts';
import { queryEvaluationError, StateFailure } from './failure.ts';
import type { HistoryDetails } from './history.ts';
import { MAX_SECONDS } from './quotas.ts';

/** How an execution ended. */
export interface Ending {
  readonly output?: string;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

/** What an interpreter offers to the tasks that it runs. */
export interface Steps {
  record(execution: Execution, type: HistoryEventType, details?: HistoryDetails, isFirst?: boolean): number;
  /** Schedules a step of `visit`; dropped when the execution has gone on or ended. A failure in it fails the state. */
  act(visit: Visit, delayMs: number, kind: ActKind, what: string, step: () => void | Promise<void>): TimerId;
  evaluate(template: Template, visit: Visit, more?: Partial<Scope['states']>, token?: string): Promise<Json>;
  /** Evaluates Output and Assign, records the exit, and goes to `next` or ends the execution. */
  leave(
    visit: Visit,
    next: string | undefined,
    way: Leaving,
    fallback: Json,
    more?: Partial<Scope['states']>,
  ): Promise<void>;
  end(execution: Execution, status: ExecutionStatus, ending: Ending): void;
}

/** A whole number of seconds, at least `min`, from a literal or an expression. */
export async function evaluateSeconds(steps: Steps, visit: Visit, template: Template, min: number): Promise<number> {
  const value = await steps.evaluate(template, visit);
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= MAX_SECONDS) return value;
  throw wrongType(template, 'number of whole seconds', value);
}

/** The failure of a field whose expression yielded something else than the field takes. */
export function wrongType(template: Template, expected: string, value: Json): StateFailure {
  if (template.kind !== 'expression') return new StateFailure('States.Runtime', `Expected '${expected}'`);
  const was = `Expected '${expected}', but was '${typeof value}' for value: ${JSON.stringify(value)}`;
  return queryEvaluationError(template.expression.source, template.field, `returned an unexpected result type. ${was}`);
}
