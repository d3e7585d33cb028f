import type { RollbackTarget } from './ledger.ts';
import { EVERY_OUTCOME, OUTCOMES, type Outcome, type OutcomeRow, type Step } from './outcomes.ts';

/** How a step ended: its word, or `error` when it was caught. */
export interface Ending {
  readonly step: Step;
  readonly word: string;
  readonly reason: string;
  readonly message: string;
  /** Null in the state machine's variables where no event decided. */
  readonly detectionLagSeconds?: number | null;
}

/** How an owner ended. */
export interface End {
  readonly ending: Ending;
  /** What made it roll back. */
  readonly cause: Ending | null;
}

/** The outcome of a rollout that ended like this, and would go back to `target`; whatever the table does not know is never a success. */
export function outcomeOf(ending: Ending, cause: Ending | null, target?: RollbackTarget): Outcome {
  // Going back to nothing leaves an empty service: nothing proven runs.
  if (isBackAtNothing(ending, target)) return 'FAILED_NO_ROLLBACK_TARGET';
  if (ending.step === 'AwaitRollback' && ending.word === 'steady') {
    return cause?.word === 'rolled-back-by-ecs' ? 'ROLLED_BACK_BY_ECS' : 'ROLLED_BACK';
  }
  return EVERY_OUTCOME.find((outcome) => isEnding(outcome, ending)) ?? 'FAILED_ROLLBACK';
}

function isEnding(outcome: Outcome, { step, word }: Ending): boolean {
  const { endings }: OutcomeRow = OUTCOMES[outcome];
  return endings[step]?.includes(word) ?? false;
}

/** Whether the rollback brought back nothing: a service without tasks. */
export function isBackAtNothing({ step, word }: Ending, target: RollbackTarget | undefined): boolean {
  return step === 'AwaitRollback' && word === 'steady' && target?.kind === 'nothing';
}

/** Whether nothing that the owner meant to put on the service came there. */
export function isUntouched({ step, word }: Ending): boolean {
  return word === 'untouched' || (step === 'RollService' && word === 'refused');
}
