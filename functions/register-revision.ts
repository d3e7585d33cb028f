import { ecr, ecs, ecsOnce } from './aws/clients.ts';
import { environment } from './aws/environment.ts';
import { step } from './aws/log.ts';
import { pinnedImage, tagImage } from './aws/registry.ts';
import { describeRaw, listNewestRevisions, registerRaw } from './aws/task-definitions.ts';
import { BASELINE_SLOT, type RolloutConfig } from './rollout/config.ts';
import { AwsRefused } from './rollout/errors.ts';
import { asTaskDefinitionArn, type TaskDefinitionArn } from './rollout/identifiers.ts';
import { lostMembers, nextRevision, ROLLOUT_TAG } from './rollout/next-revision.ts';
import type { Plan } from './rollout/preflight.ts';

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

/** Revisions newer than the base that are searched for an earlier attempt's; more than ever pile up within one rollout. */
const SEARCHED_REVISIONS = 10;

/** RegisterRevision: the service's current task definition with the image pinned by digest, or this rollout's earlier attempt. */
export const handler = step('RegisterRevision', identify, async (input: RegisterArguments): Promise<Registered> => {
  await keepBaseline(input);
  const earlier = await findEarlierAttempt(input);
  return { taskDefinition: earlier ?? (await register(input)) };
});

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

/** ECS has no idempotency token: only revisions newer than the base can be ours, and ours carries the rollout's id. */
async function findEarlierAttempt({
  config,
  rolloutId,
  base,
}: RegisterArguments): Promise<TaskDefinitionArn | undefined> {
  const newest = await listNewestRevisions(ecs, config.family, SEARCHED_REVISIONS);
  const newer = newest.includes(base) ? newest.slice(0, newest.indexOf(base)) : newest;
  for (const arn of newer) {
    const description = await describeRaw(ecs, arn);
    if (description?.tags.some((tag) => tag.key === ROLLOUT_TAG && tag.value === rolloutId)) return arn;
  }
  return undefined;
}

async function register({ config, rolloutId, decision, base }: RegisterArguments): Promise<TaskDefinitionArn> {
  const current = await describeRaw(ecs, base);
  if (!current) throw new AwsRefused(`ECS no longer describes ${base}.`);
  const revision = nextRevision(current.taskDefinition, current.tags, {
    containers: config.containers,
    image: pinnedImage(environment('REPOSITORY_URI'), decision.image.digest),
    rolloutId,
  });
  const registered = await registerRaw(ecsOnce, revision);
  const lost = lostMembers(revision, registered.taskDefinition);
  // Member names only: their values may be secrets.
  if (lost.length > 0)
    throw new AwsRefused(`ECS stored the new revision without ${lost.join(', ')}; the service was not touched.`);
  return asTaskDefinitionArn(String(registered.taskDefinition['taskDefinitionArn']));
}
