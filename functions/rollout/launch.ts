import { PLACEHOLDER_IMAGE, type RolloutConfig } from './config.ts';
import {
  EMPTY_LEDGER,
  type EmptyService,
  type LaunchMemory,
  type LedgerState,
  type Owner,
  type RollbackTarget,
  type SelectedImage,
} from './ledger.ts';
import type { RunningRevision } from './running-revision.ts';

/** How long the service must have been empty before a launch is owed: whoever emptied it may still be looking at it. */
const SETTLED_MS = 120_000;

/** Launches that the tick tries after each success: what hindered one may pass, and nothing may go round in circles. */
const TRIES_MAX = 3;

/** True for a service that our stacks create without tasks, which a rollout then launches; any other has a count of its own. */
export function isLaunched({ launchCount }: Pick<RolloutConfig, 'launchCount'>): boolean {
  return launchCount !== undefined;
}

/** Whether a revision is as it was provisioned, by the images of the configured containers: none has one yet. */
export function namesNoImage(images: readonly string[]): boolean {
  return images.length > 0 && images.every((image) => image === PLACEHOLDER_IMAGE);
}

/**
 * What the next rollout launches from and would go back to: a provisioned service has no image and wants no tasks, and whoever
 * rolls it then brings the configured count. So does whoever follows a launch that was taken back, whatever was deployed over
 * the empty service meanwhile. Any other zero is an operator's: undefined.
 */
export function emptyServiceOf(
  { launch }: Pick<LedgerState, 'launch'>,
  running: RunningRevision | undefined,
  { launchCount }: Pick<RolloutConfig, 'launchCount'>,
): EmptyService | undefined {
  if (!running || launchCount === undefined) return undefined;
  const isStillEmpty = running.desiredCount === 0 && launch.isTakenBack;
  if (!running.isAsProvisioned && !isStillEmpty) return undefined;
  return { kind: 'nothing', taskDefinition: running.taskDefinition, launchCount };
}

/** The count that goes with a roll: a launch brings its own and its way back none at all; any other roll sends no count. */
export function desiredCountOf(target: RollbackTarget | undefined, way: 'forward' | 'back'): number | undefined {
  if (target?.kind !== 'nothing') return undefined;
  return way === 'back' ? 0 : target.launchCount;
}

/** Whether the tick has to look at the service: only one that our stacks provision, once launched and while nobody rolls it. */
export function mayOwe({ verified, owner }: LedgerState, config: Pick<RolloutConfig, 'launchCount'>): boolean {
  return isLaunched(config) && verified.length > 0 && owner === undefined;
}

/**
 * The image proven last, when the service is as it was provisioned once more although it was launched: a deployment that failed
 * was taken back behind the launch, or an image that was to bring the service back failed. No other image is tried: what was
 * proven earlier may have been left on purpose, and so may the last one, when a person pinned the service to another.
 */
export function owedImage(
  { verified: [newest], quarantine, pin, launch }: LedgerState,
  running: Pick<RunningRevision, 'createdAt' | 'isAsProvisioned'> | undefined,
  now: number,
): SelectedImage | undefined {
  const isSettledEmpty = running?.isAsProvisioned && now - running.createdAt >= SETTLED_MS;
  if (!isSettledEmpty || !newest?.digest || launch.failed >= TRIES_MAX) return undefined;
  const isLeft = pin?.digest !== undefined && pin.digest !== newest.digest;
  const isBad = quarantine.some(({ digest }) => digest === newest.digest);
  return isLeft || isBad ? undefined : { digest: newest.digest, selectedAt: newest.at };
}

/** Whether an owner launches what was proven last: when that fails where nothing runs, it is not the image's fault. */
export function isRelaunch({ verified: [newest] }: LedgerState, { rollbackTarget, image }: Owner): boolean {
  return rollbackTarget?.kind === 'nothing' && image.digest === newest?.digest;
}

/** What is remembered of launches while a rollout goes on: a service that wants tasks is not the empty one any more. */
export function launchBeside({ launch }: LedgerState, target: RollbackTarget | undefined): LaunchMemory {
  return { ...launch, isTakenBack: launch.isTakenBack && target?.kind === 'nothing' };
}

/** How an owner ended, as far as launches go: `emptied` when its own was taken back, `stopped` by a person or `died` without an end. */
export type LaunchEnd = 'succeeded' | 'emptied' | 'failed' | 'stopped' | 'died';

/** What is remembered of launches after an owner; one that never came to change the service leaves it as it was: as empty, too. */
export function launchAfter(state: LedgerState, owner: Owner, end: LaunchEnd): LaunchMemory {
  if (end === 'succeeded') return { ...state.launch, ...EMPTY_LEDGER.launch };
  const isUntouched = end === 'died' || end === 'stopped' || owner.targets.length === 0;
  return {
    ...state.launch,
    failed: failedLaunches(state, owner, end === 'stopped'),
    isTakenBack: end === 'emptied' || (isUntouched && state.launch.isTakenBack),
  };
}

/**
 * The failed launches of what was proven last, with this one if it was such. After one that a person stopped, and one of another
 * image that a person chose instead, it is the person's turn: they may have wanted to leave what was proven last.
 */
function failedLaunches(state: LedgerState, owner: Owner, isStopped: boolean): number {
  const { purpose, rollbackTarget, isTick, choice } = owner;
  if (purpose !== 'roll' || rollbackTarget?.kind !== 'nothing') return state.launch.failed;
  const isOwed = isTick && isRelaunch(state, owner);
  const isPersonsTurn = choice?.pins === true || (isOwed && isStopped);
  return isPersonsTurn ? TRIES_MAX : state.launch.failed + (isOwed ? 1 : 0);
}
