import type { RunningRevision } from './accept.ts';
import type { RolloutConfig } from './config.ts';
import type { TaskDefinitionArn } from './identifiers.ts';
import type { LedgerState, ProvenRevision, SelectedImage } from './ledger.ts';

/** How long the service must have been empty before a launch is owed: whoever emptied it may still be looking at it. */
const SETTLED_MS = 60_000;

/**
 * The tasks that a rollout is to start: a provisioned service has no image and wants no tasks, and whoever rolls it then brings
 * the configured count. So does whoever follows a launch that failed, whatever was deployed over the empty service meanwhile.
 * Any other zero is an operator's.
 */
export function launchCountOf(
  { lastLaunch }: LedgerState,
  running: RunningRevision | undefined,
  { launchCount }: RolloutConfig,
): number | undefined {
  const isStillEmpty = running?.desiredCount === 0 && lastLaunch?.isProven === false;
  return running?.isAsProvisioned || isStillEmpty ? launchCount : undefined;
}

/** What a launch goes back to: the service as it was found, without tasks. */
export function emptyRevision({ taskDefinition, deploymentId, createdAt }: RunningRevision): ProvenRevision {
  return { taskDefinition: taskDefinition as TaskDefinitionArn, imageDigests: [], deploymentId, at: createdAt };
}

/**
 * The image proven last, when the service is as it was provisioned once more although it was launched: a deployment that failed
 * was taken back behind the launch, or an image that was to bring the service back failed. Each is tried once.
 */
export function owedImage(
  { lastLaunch, verified, quarantine }: LedgerState,
  running: Pick<RunningRevision, 'createdAt' | 'isAsProvisioned'> | undefined,
  now: number,
): SelectedImage | undefined {
  const isEmptied = running?.isAsProvisioned && now - running.createdAt >= SETTLED_MS;
  const proven = verified.find(({ digest }) => digest && !quarantine.some((entry) => entry.digest === digest));
  if (!isEmptied || !lastLaunch || !proven?.digest) return undefined;
  const wasTried = lastLaunch.digest === proven.digest && lastLaunch.endedAt >= running.createdAt;
  return wasTried ? undefined : { digest: proven.digest, selectedAt: proven.at };
}
