import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** This checkout's flow. */
export const DEFINITION_FILE = join(import.meta.dirname, '..', 'state-machine', 'rollout.asl.yaml');

/** The flow in the Amazon States Language. */
export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** A state, as far as this project's flow uses the language. */
export interface State {
  readonly Type: 'Pass' | 'Task' | 'Choice' | 'Wait' | 'Succeed' | 'Fail';
  readonly Comment: string;
  readonly Resource?: string;
  readonly Arguments?: { readonly FunctionName: string; readonly Payload: Readonly<Record<string, unknown>> };
  readonly TimeoutSeconds?: number | string;
  readonly Seconds?: number | string;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Choices?: readonly Branch[];
  readonly Default?: string;
  readonly Next?: string;
}

/** An entry of Retry; times are seconds. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

/** An entry of Choices. */
export interface Branch {
  readonly Condition: string;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Output?: unknown;
  readonly Next: string;
}

/** An entry of Catch. */
export interface Catcher extends Omit<Branch, 'Condition'> {
  readonly ErrorEquals: readonly string[];
  readonly Comment?: string;
}

/**
 * The flow as Step Functions takes it: anchors and merge keys are the file's, and are resolved here. JSON is YAML too.
 * Throws a `YAMLParseError` with line and column.
 */
export function readDefinition(file: string = DEFINITION_FILE): Definition {
  return file === DEFINITION_FILE ? structuredClone((own ??= parsed(file))) : parsed(file);
}

/**
 * Nobody edits this checkout while a process synthesizes from it; parsing costs as much as a tenth of a stack's synthesis. Whoever
 * asks gets a copy, and may change it.
 */
let own: Definition | undefined;

function parsed(file: string): Definition {
  return parse(readFileSync(file, 'utf8'), { merge: true }) as Definition;
}
