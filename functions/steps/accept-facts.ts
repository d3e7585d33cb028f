import type { ECRClient, EcsReader, SFNClient } from '../aws/client-kinds.ts';
import { executionStanding } from '../aws/executions.ts';
import { findImage } from '../aws/registry.ts';
import { describeService, describeTasks } from '../aws/service.ts';
import type { AcceptFacts } from '../rollout/accept.ts';
import { provenRevision } from '../rollout/baseline.ts';
import { artifactsIn } from '../rollout/blame.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import type { WaiterStanding } from '../rollout/ghosts.ts';
import type { Intent } from '../rollout/intent.ts';
import type { LedgerState, SelectedImage } from '../rollout/ledger.ts';
import { movedAt, underWay } from '../rollout/let-finish.ts';
import type { RunningRevision } from '../rollout/running-revision.ts';
import { selectImage, type RegistryImage } from '../rollout/select-image.ts';
import { primaryOf, type ServiceFacts } from '../rollout/service-facts.ts';
import { isAsProvisioned } from './as-provisioned.ts';
import { lookAtImages, type ImageReach } from './look-at-images.ts';

/** What is looked at before an intent is weighed. */
export interface AcceptReach extends ImageReach {
  readonly ecs: EcsReader;
  readonly sfn: SFNClient;
}

/** What was seen of the world that an intent comes into. */
type Seen = Pick<
  AcceptFacts,
  'selected' | 'named' | 'seenPushedAt' | 'running' | 'isOwnerRunning' | 'ownerStop' | 'waiters'
>;

/** Looks at images, service and whoever owns it, as far as they decide about the intent of this rollout; reads only. */
export async function gatherFacts(
  { ecr, ecs, sfn, ledger }: AcceptReach,
  known: LedgerState,
  intent: Intent,
  { rolloutId, startedAt }: Pick<AcceptFacts, 'rolloutId' | 'startedAt'>,
  config: RolloutConfig,
): Promise<Seen> {
  const owner = known.owner?.rolloutId === rolloutId ? undefined : known.owner;
  const [images, named, service, standing] = await Promise.all([
    lookAtImages({ ecr, ledger }, known, { intent, startedAt }, config),
    findNamed(ecr, intent, config),
    describeService(ecs, config),
    owner && executionStanding(sfn, owner),
  ]);
  const running = await observeRunning(ecs, service, known, config);
  const waiters = intent.kind === 'tick' ? await standingsOfWaiters(sfn, known) : undefined;
  const selected = selectImage(images, config.tagPolicy, {
    hint: intent.kind === 'push' ? intent : undefined,
    artifacts: artifactsIn(known),
  });
  const seenPushedAt = images.find(({ digest }) => digest === known.seen?.digest)?.pushedAt;
  const { isRunning: isOwnerRunning, stop: ownerStop } = standing ?? {};
  return { waiters, selected, named, seenPushedAt, running, isOwnerRunning, ownerStop };
}

/** Beside an owner nobody asks: whoever waits is called when that one leaves. */
async function standingsOfWaiters(
  sfn: SFNClient,
  { pending, lettingFinish, owner }: LedgerState,
): Promise<readonly WaiterStanding[]> {
  const waiters = owner ? [] : [...(pending ? [pending] : []), ...lettingFinish];
  return Promise.all(
    waiters.map(async (waiter) => ({ rolloutId: waiter.rolloutId, ...(await executionStanding(sfn, waiter)) })),
  );
}

async function findNamed(
  ecr: ECRClient,
  intent: Intent,
  { repository }: RolloutConfig,
): Promise<SelectedImage | undefined> {
  if (intent.kind !== 'person') return undefined;
  if (intent.tag !== undefined)
    return toSelected(await findImage(ecr, repository, { imageTag: intent.tag }), intent.tag);
  return intent.digest && toSelected(await findImage(ecr, repository, { imageDigest: intent.digest }));
}

function toSelected(image: RegistryImage | undefined, tag?: string): SelectedImage | undefined {
  return image && { digest: image.digest, selectedAt: image.pushedAt, tag };
}

/** What runs now. A verified revision needs no second proof; any other is proven by looking at its tasks. */
export async function observeRunning(
  ecs: EcsReader,
  service: ServiceFacts | undefined,
  known: LedgerState,
  config: RolloutConfig,
): Promise<RunningRevision | undefined> {
  const primary = primaryOf(service);
  if (!service || !primary) return undefined;
  const isVerified = known.verified.some((revision) => revision.taskDefinition === primary.taskDefinition);
  const tasks = isVerified || service.desiredCount === 0 ? [] : await describeTasks(ecs, config, 'RUNNING');
  const proven = provenRevision(service, primary, tasks, known.verified, config);
  return {
    deploymentId: primary.id,
    createdAt: primary.createdAt,
    movedAt: movedAt(service, primary),
    older: service.deployments.filter(({ id }) => id !== primary.id).map(({ id }) => id),
    taskDefinition: primary.taskDefinition,
    desiredCount: service.desiredCount,
    underWay: underWay(service, primary),
    isAsProvisioned: await isAsProvisioned(ecs, service, config),
    proven,
  };
}
