import { isOlder } from './ecs-comeback.ts';
import type { TaskDefinitionArn } from './identifiers.ts';
import { failedTasksOf } from './judged.ts';
import { launchAfter } from './launch.ts';
import { pinAfter } from './pin.ts';
import { LEDGER_SCHEMA, type LedgerState, type Owner, type RolloutRecord, type SelectedImage } from './ledger.ts';
import type { RunningRevision } from './running-revision.ts';
import type { Weighed } from './weigh-intent.ts';

/** That a person stopped an execution, and the cause that they gave: one line. */
export interface PersonsStop {
  readonly cause?: string | undefined;
}

/** Whoever finds the dead rollout. */
interface Successor {
  readonly rolloutId: string;
  readonly service: string;
  readonly ownerStop?: PersonsStop | undefined;
  /** Whether the dead one's execution still runs, and only does nothing any more; unknown counts as running. */
  readonly isOwnerRunning?: boolean | undefined;
}

/** What a dead rollout left half way is put right before anything new is rolled. */
export interface Recovery {
  readonly word: 'recover';
  readonly reason: string;
  readonly message: string;
  readonly image: SelectedImage;
  readonly choice?: undefined;
}

/** Closes a rollout whose execution is over: one that had committed needs no record, any other is ABORTED. */
export function closeDead(state: LedgerState, owner: Owner, by: Successor, now: number): LedgerState {
  const free = { ...state, owner: undefined };
  if (owner.phase.name === 'concluding') return free;
  const { rolloutId, executionArn, image, request, isTick, trigger, startedAt } = owner;
  const record: RolloutRecord = {
    schema: LEDGER_SCHEMA,
    rolloutId,
    executionArn,
    service: by.service,
    outcome: 'ABORTED',
    ...deathOf(by),
    image,
    request,
    isTick,
    trigger,
    taskDefinition: lastRolled(owner),
    deploymentId: undefined,
    startedAt,
    endedAt: now,
    detectionLagSeconds: undefined,
    failedTasks: failedTasksOf(owner),
    runs: owner.targets.length === 0 ? { kind: 'unchanged' } : undefined,
  };
  return {
    ...free,
    pin: pinAfter(state, owner),
    launch: launchAfter(state, owner, by.ownerStop ? 'stopped' : 'died'),
    outbox: [...state.outbox, record],
  };
}

/** Notes in the record of a dead rollout who puts right what it left. */
export function settledBy(state: LedgerState, { rolloutId }: Owner, recoveryId: string): LedgerState {
  const outbox = state.outbox.map((record) =>
    record.rolloutId === rolloutId ? { ...record, settledBy: recoveryId } : record,
  );
  return { ...state, outbox };
}

function deathOf({
  rolloutId,
  ownerStop,
  isOwnerRunning = true,
}: Successor): Pick<RolloutRecord, 'reason' | 'message'> {
  const successor = `rollout ${rolloutId} took over.`;
  if (!ownerStop && isOwnerRunning)
    return { reason: 'LeaseRanOut', message: `Its execution runs, but has not renewed its lease; ${successor}` };
  if (!ownerStop)
    return { reason: 'ExecutionEnded', message: `Its execution ended without a conclusion; ${successor}` };
  const words = ownerStop.cause === undefined ? '' : ` (${ownerStop.cause})`;
  return { reason: 'StoppedByPerson', message: `A person stopped it${words}; ${successor}` };
}

/** The revision that a rollout put on the service itself: not one of whom it took over from, nor what it goes back to. */
function lastRolled({ phase, purpose, targets, rollbackTarget }: Owner): TaskDefinitionArn | undefined {
  if (phase.name === 'preparing' || purpose === 'recover') return undefined;
  return targets.findLast((target) => target !== rollbackTarget?.taskDefinition) ?? targets.at(-1);
}

/** What a rollout is known to have left: one that died, or one whose rollback failed. */
export type Abandoned = Pick<
  Owner,
  'rolloutId' | 'image' | 'startedAt' | 'rollbackTarget' | 'targets' | 'baseline' | 'seenBefore'
>;

/**
 * Whether a dead rollout left the service half way: it, or one that it took over from, changed the service, and nobody else
 * has deployed since. What a person deployed after the death is theirs, not to be undone.
 */
export function leftHalfWay(
  dead: Pick<Abandoned, 'targets' | 'baseline'>,
  running: RunningRevision | undefined,
): boolean {
  if (dead.targets.length === 0) return false;
  const { baseline } = dead;
  // Where ECS itself went back, ours was there, and has failed.
  if (!running || running.deploymentId === baseline?.deploymentId || isOlder(running.deploymentId, baseline))
    return true;
  return dead.targets.includes(running.taskDefinition);
}

/** Why the service was left half way. */
export type Left = 'stopped' | 'died' | 'not-taken-back';

/** How a recovery that was accepted for it says so. */
export const LEFT: Readonly<Record<Left, { readonly reason: string; readonly says: string }>> = {
  stopped: { reason: 'RolloutStopped', says: 'was stopped while it changed the service' },
  died: { reason: 'RolloutDied', says: 'died while it changed the service' },
  'not-taken-back': { reason: 'RollbackFailed', says: 'could not be taken back' },
};

/** After a rollout died half way the service must not stay there: what was proven comes back before anything new is rolled. */
export function settleAbandoned(
  weighed: Weighed,
  { rolloutId, image, rollbackTarget }: Abandoned,
  left: Left,
): Recovery | Extract<Weighed, { word: 'roll' }> {
  const { reason, says } = LEFT[left];
  const message = `Rollout ${rolloutId} ${says}`;
  if (rollbackTarget)
    return { word: 'recover', reason, message: `${message}; its rollback target is put back.`, image };
  if (weighed.word === 'roll') return weighed;
  return { word: 'roll', reason: 'NothingToGoBackTo', message: `${message}; its image is tried again.`, image };
}
