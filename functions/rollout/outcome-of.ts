import type { RollbackTarget } from './ledger.ts';
import type { Outcome } from './outcomes.ts';

/** The states from which the machine goes to Conclude. */
export type Step =
  | 'AcceptIntent'
  | 'AwaitTurn'
  | 'Preflight'
  | 'RegisterRevision'
  | 'RollService'
  | 'AwaitSteadyState'
  | 'Bake'
  | 'RollBack'
  | 'AwaitRollback';

/** How a step ended: its word, or `error` when it was caught. */
export interface Ending {
  readonly step: Step;
  readonly word: string;
  readonly reason: string;
  readonly message: string;
  /** Null in the state machine's variables where no event decided. */
  readonly detectionLagSeconds?: number | null;
}

/** Ends that any step which touches the service can have. */
const INTERRUPTED = { foreign: 'ABORTED_EXTERNAL', lost: 'ABORTED' } as const;

/** Ends of the two watches on the new revision; their failures come here only when there is nothing to go back to. */
const WATCHED = {
  ...INTERRUPTED,
  steady: 'SUCCEEDED',
  staged: 'STAGED',
  failed: 'FAILED_NO_ROLLBACK_TARGET',
  error: 'FAILED_NO_ROLLBACK_TARGET',
  'rolled-back-by-ecs': 'FAILED_NO_ROLLBACK_TARGET',
} as const;

const BY_WORD: Readonly<Record<Step, Readonly<Record<string, Outcome>>>> = {
  // Only a state machine of an earlier release ends with `let-finish`, which it does not know; the tick comes back to the image.
  AcceptIntent: {
    nothing: 'NO_CHANGE',
    stale: 'SUPERSEDED',
    held: 'HELD',
    rejected: 'REJECTED',
    'let-finish': 'REJECTED',
  },
  AwaitTurn: { superseded: 'SUPERSEDED' },
  Preflight: { reject: 'REJECTED', error: 'REJECTED' },
  RegisterRevision: { error: 'REJECTED' },
  RollService: { ...INTERRUPTED, refused: 'REJECTED', error: 'FAILED_NO_ROLLBACK_TARGET' },
  AwaitSteadyState: WATCHED,
  Bake: WATCHED,
  RollBack: { ...INTERRUPTED, refused: 'FAILED_ROLLBACK', error: 'FAILED_ROLLBACK' },
  AwaitRollback: { ...INTERRUPTED, failed: 'FAILED_ROLLBACK', error: 'FAILED_ROLLBACK' },
};

/** The outcome of a rollout that ended like this, and would go back to `target`; whatever the table does not know is never a success. */
export function outcomeOf(ending: Ending, cause: Ending | null, target?: RollbackTarget): Outcome {
  // Going back to nothing leaves an empty service: nothing proven runs.
  if (isEmptied(ending, target)) return 'FAILED_NO_ROLLBACK_TARGET';
  if (ending.step === 'AwaitRollback' && ending.word === 'steady') {
    return cause?.word === 'rolled-back-by-ecs' ? 'ROLLED_BACK_BY_ECS' : 'ROLLED_BACK';
  }
  const words = BY_WORD[ending.step];
  return Object.hasOwn(words, ending.word) ? words[ending.word]! : 'FAILED_ROLLBACK';
}

/** Whether the rollback brought back nothing: a service without tasks. */
export function isEmptied({ step, word }: Ending, target: RollbackTarget | undefined): boolean {
  return step === 'AwaitRollback' && word === 'steady' && target?.kind === 'nothing';
}
