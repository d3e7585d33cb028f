import { PLACEHOLDER_IMAGE, type RolloutConfig } from './config.ts';
import type { TaskDefinitionArn } from './identifiers.ts';
import type { Owner, LedgerState, ProvenRevision, SelectedImage } from './ledger.ts';
import type { RunningRevision } from './running-revision.ts';

/** How long the service must have been empty before a launch is owed: whoever emptied it may still be looking at it. */
const SETTLED_MS = 120_000;

/** Launches that the tick tries after each success: what hindered one may pass, and nothing may go round in circles. */
const TRIES_MAX = 3;

/**
 * The tasks that a rollout is to start: a provisioned service has no image and wants no tasks, and whoever rolls it then brings
 * the configured count. So does whoever follows a launch that was taken back, whatever was deployed over the empty service meanwhile.
 * Any other zero is an operator's.
 */
export function launchCountOf(
  { isLaunchTakenBack }: LedgerState,
  running: RunningRevision | undefined,
  { launchCount }: RolloutConfig,
): number | undefined {
  const isStillEmpty = running?.desiredCount === 0 && isLaunchTakenBack;
  return running?.isAsProvisioned || isStillEmpty ? launchCount : undefined;
}

/** Whether a revision is as it was provisioned, by the images of the configured containers: none has one yet. */
export function namesNoImage(images: readonly string[]): boolean {
  return images.length > 0 && images.every((image) => image === PLACEHOLDER_IMAGE);
}

/** What a launch goes back to: the service as it was found, without tasks. */
export function emptyRevision({ taskDefinition, deploymentId, createdAt }: RunningRevision): ProvenRevision {
  return { taskDefinition: taskDefinition as TaskDefinitionArn, imageDigests: [], deploymentId, at: createdAt };
}

/**
 * The image proven last, when the service is as it was provisioned once more although it was launched: a deployment that failed
 * was taken back behind the launch, or an image that was to bring the service back failed. No other image is tried: what was
 * proven earlier may have been left on purpose, and so may the last one, when a person holds the service on another.
 */
export function owedImage(
  { verified: [newest], quarantine, pin, failedLaunches = 0 }: LedgerState,
  running: Pick<RunningRevision, 'createdAt' | 'isAsProvisioned'> | undefined,
  now: number,
): SelectedImage | undefined {
  const isEmptied = running?.isAsProvisioned && now - running.createdAt >= SETTLED_MS;
  if (!isEmptied || !newest?.digest || failedLaunches >= TRIES_MAX) return undefined;
  const isLeft = pin?.digest !== undefined && pin.digest !== newest.digest;
  const isBad = quarantine.some(({ digest }) => digest === newest.digest);
  return isLeft || isBad ? undefined : { digest: newest.digest, selectedAt: newest.at };
}

/**
 * The failed launches of what was proven last, with this one if it was such. After one that a person stopped, and one of another
 * image that a person chose instead, it is the person's turn: they may have wanted to leave what was proven last.
 */
export function failedLaunches(
  { failedLaunches: before = 0, verified: [newest] }: LedgerState,
  { isTick, purpose, launchCount, pins, image }: Owner,
  isStopped: boolean,
): Pick<LedgerState, 'failedLaunches'> {
  const isLaunch = purpose === 'roll' && launchCount !== undefined;
  const isOwed = isLaunch && isTick && image.digest === newest?.digest;
  const isPersonsTurn = isLaunch && (pins === true || (isOwed && isStopped));
  const count = isPersonsTurn ? TRIES_MAX : before + (isOwed ? 1 : 0);
  return count === 0 ? {} : { failedLaunches: count };
}
