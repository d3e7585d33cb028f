import { ecr, ecs, ecsOnce, ledger } from './aws/clients.ts';
import { environment } from './aws/environment.ts';
import { isThrottled } from './aws/faults.ts';
import { changeState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { pinnedImage, tagImage } from './aws/registry.ts';
import { describeRaw, findRevision, listNewestRevisions, registerWhole } from './aws/task-definitions.ts';
import { BASELINE_SLOT, type RolloutConfig } from './rollout/config.ts';
import { AwsRefused, AwsThrottled } from './rollout/errors.ts';
import { plainText, type TaskDefinitionArn } from './rollout/identifiers.ts';
import { ownedBy, withOwner, withRemark } from './rollout/lease.ts';
import { droppedCredentials, nextRevision, ROLLOUT_TAG, type ContainerImages } from './rollout/next-revision.ts';
import type { Plan } from './rollout/preflight.ts';
import { pinRollbackTarget } from './steps/pin-rollback-target.ts';

interface RegisterArguments {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
  readonly decision: Plan;
  /** The revision that the service runs: the new one differs from it only in the named containers' image. */
  readonly base: TaskDefinitionArn;
}

interface Registered {
  readonly taskDefinition: TaskDefinitionArn;
}

/** RegisterRevision: the service's current task definition with the image pinned by digest, or this rollout's earlier attempt. */
export const handler = step('RegisterRevision', identify, async (input: RegisterArguments): Promise<Registered> => {
  try {
    await keepBaseline(input);
    await pinRollbackTarget(ecsClients, ledger, input);
    const earlier = await findEarlierAttempt(input);
    return { taskDefinition: earlier ?? (await register(input)) };
  } catch (error) {
    throw isThrottled(error) && (await mayWait(input)) ? new AwsThrottled(plainText(error.message)) : error;
  }
});

/** Many services may be pushed at the same moment: a wait for their turn is renewed until the deadline, and the lease with it. */
async function mayWait({ rolloutId }: RegisterArguments): Promise<boolean> {
  let mayWait = false;
  await changeState(ledger, (state, now) => {
    const owner = ownedBy(state, rolloutId);
    mayWait = owner !== undefined && now < owner.deadline;
    return owner && mayWait ? withOwner(state, owner, now, now + THROTTLED_WAIT_SECONDS * 1000) : undefined;
  });
  return mayWait;
}

/** The longest that the state machine waits before it tries a throttled step again. */
const THROTTLED_WAIT_SECONDS = 60;

const ecsClients = { ecs, ecsOnce };

function identify({ rolloutId, decision }: RegisterArguments): { rolloutId: string; digest: string } {
  return { rolloutId, digest: decision.image.digest };
}

/** Images of proven revisions have a tag that keeps them; a baseline that somebody else brought has none of its own. */
async function keepBaseline({ config, decision }: RegisterArguments): Promise<void> {
  const { repository, keepTagPrefix } = config;
  const { rollbackTarget } = decision;
  if (keepTagPrefix === undefined || rollbackTarget?.kind !== 'revision') return;
  if (!rollbackTarget.digest || rollbackTarget.keepSlot !== undefined) return;
  await tagImage(ecr, repository, rollbackTarget.digest, `${keepTagPrefix}${BASELINE_SLOT}`);
}

/**
 * ECS has no idempotency token: only revisions newer than the base can be ours, and ours carries the rollout's id. So may one
 * that somebody made from ours by tools that carry tags along, which has another image.
 */
async function findEarlierAttempt({
  config,
  rolloutId,
  decision,
  base,
}: RegisterArguments): Promise<TaskDefinitionArn | undefined> {
  const newest = await listNewestRevisions(ecs, config.family);
  const newer = newest.includes(base) ? newest.slice(0, newest.indexOf(base)) : newest;
  const images = imagesOf(config, decision);
  return findRevision(ecs, newer, { tag: ROLLOUT_TAG, value: rolloutId, images });
}

function imagesOf({ containers }: RolloutConfig, { image }: Plan): ContainerImages {
  const pinned = pinnedImage(environment('REPOSITORY_URI'), image.digest);
  return Object.fromEntries(containers.map((name) => [name, pinned]));
}

async function register({ config, rolloutId, decision, base }: RegisterArguments): Promise<TaskDefinitionArn> {
  const current = await describeRaw(ecs, base);
  if (!current) throw new AwsRefused(`ECS no longer describes ${base}.`);
  const remark = droppedCredentials(current.taskDefinition, config.containers);
  if (remark !== undefined)
    await changeState(ledger, (state, now) => withRemark(state, rolloutId, plainText(remark), now));
  const revision = nextRevision(current.taskDefinition, current.tags, {
    containers: config.containers,
    image: pinnedImage(environment('REPOSITORY_URI'), decision.image.digest),
    rolloutId,
  });
  return registerWhole(ecsOnce, revision);
}
