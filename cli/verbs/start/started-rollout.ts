import { parseIntent, type PersonsRequest } from '../../../functions/rollout/intent.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { rolloutIdOf, startExecution } from '../../account/executions.ts';
import { UsageError, type Answer, type Flags, type Option, type Session } from '../../terminal/command.ts';
import { reportRollout, rolloutJson, type RolloutDocument } from '../watch/rollout-report.ts';
import type { NamedImage } from './named-image.ts';

/** The flag of every verb that starts a rollout. */
export const NO_WAIT = {
  'no-wait': { type: 'boolean', summary: 'Ends once the rollout has started.' },
} as const satisfies Record<string, Option>;

/** The flags of every verb with which a person says why. */
export const REASON = {
  reason: { type: 'string', placeholder: 'TEXT', summary: 'Why; it is recorded and announced.' },
} as const satisfies Record<string, Option>;

/** The flags of every verb that may roll in spite of what is known. */
export const FORCE = {
  force: { type: 'boolean', summary: 'Even what runs already; wants a --reason.' },
  ...REASON,
} as const satisfies Record<string, Option>;

/** An execution's input, as the flow reads it. */
interface StartInput extends Pick<PersonsRequest, 'rollback' | 'force' | 'reason'> {
  readonly image?: NamedImage;
}

/** The input that says what was asked for; throws what the flow itself would refuse, before anything is started. */
export function inputOf(what: StartInput, { force, reason }: Flags): StartInput {
  if (force && reason === undefined) throw new UsageError('--force wants a --reason "…"; it is recorded and announced');
  const input = { ...what, ...(force === true && { force }), ...(typeof reason === 'string' && { reason }) };
  const intent = parseIntent(input, { repository: '' });
  if (intent.kind === 'malformed') throw new UsageError(intent.message);
  return input;
}

/** What a verb that starts a rollout was asked for. */
export interface StartAsked {
  /** The execution's input, as far as the flags alone tell it. */
  readonly input: StartInput;
  /** The first digits, or all, of the digest that is named. */
  readonly digest: string | undefined;
  readonly isAwaited: boolean;
}

/** Reads the flags that such verbs share; throws what the flow itself would refuse. */
export function askStart(what: StartInput, flags: Flags, digest?: Flags[string]): StartAsked {
  const named = typeof digest === 'string' ? digest : undefined;
  return { input: inputOf(what, flags), digest: named, isAwaited: flags['no-wait'] !== true };
}

/** Starts a rollout with this input and, if it is awaited, follows it to its end. */
export async function startRollout(
  cell: DeployedCell,
  input: object,
  isAwaited: boolean,
  session: Session<RolloutDocument>,
): Promise<Answer<RolloutDocument>> {
  const executionArn = await beginRollout(cell, input, session);
  return isAwaited ? await reportRollout(cell, executionArn, session) : leftRunning(cell, executionArn);
}

/** Starts a rollout and says which one it is; answers the execution's ARN. */
export async function beginRollout(
  cell: DeployedCell,
  input: object,
  { emit }: Pick<Session, 'emit'>,
): Promise<string> {
  const executionArn = await startExecution(cell, input);
  emit({ kind: 'started', rolloutId: rolloutIdOf(executionArn), service: cell.config.service });
  return executionArn;
}

/** The answer of whoever does not wait for the end. */
export function leftRunning(cell: DeployedCell, executionArn: string): Answer<RolloutDocument> {
  return { document: rolloutJson(cell, executionArn, { ended: undefined, timeline: [] }), lines: [], exitCode: 0 };
}
