import type { TaskDefinitionArn } from './identifiers.ts';
import { waitingOf } from './lease.ts';
import type { Owner, RunsNow } from './ledger.ts';
import { isBackAtNothing, isUntouched, type Ending } from './outcome-of.ts';
import { OUTCOMES, type Outcome } from './outcomes.ts';

/**
 * What the service runs after a rollout that ended like this and had put `rolled` there; undefined where only a look would tell: after
 * a rollback that failed, and where somebody else deployed.
 */
export function runsAfter(
  owner: Owner | undefined,
  ending: Ending,
  outcome: Outcome,
  rolled: TaskDefinitionArn | undefined,
): RunsNow | undefined {
  if (outcome === 'ABORTED_EXTERNAL') return undefined;
  if (!owner || owner.targets.length === 0) return { kind: 'unchanged' };
  const { image, purpose, rollbackTarget } = owner;
  if (isUntouched(ending)) return purpose === 'roll' ? { kind: 'unchanged' } : undefined;
  if (outcome === 'STAGED' || isBackAtNothing(ending, rollbackTarget)) return { kind: 'nothing' };
  const watched = waitingOf(owner)?.watch.taskDefinition;
  if (outcome === 'SUCCEEDED') return revision(watched ?? rolled, image.digest);
  if (OUTCOMES[outcome].isBack && rollbackTarget?.kind === 'revision')
    return revision(watched ?? rollbackTarget.taskDefinition, rollbackTarget.digest);
  return outcome === 'FAILED_NO_ROLLBACK_TARGET' ? revision(rolled, image.digest) : undefined;
}

type Revision = Extract<RunsNow, { kind: 'revision' }>;

function revision(taskDefinition: TaskDefinitionArn | undefined, digest: Revision['digest']): Revision | undefined {
  return taskDefinition && { kind: 'revision', taskDefinition, digest };
}
