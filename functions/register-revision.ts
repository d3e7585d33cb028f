import { ecr, ecs, ecsOnce, ledger } from './aws/clients.ts';
import { environment } from './aws/environment.ts';
import { changeState, readState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { pinnedImage, tagImage } from './aws/registry.ts';
import { registerWhole } from './aws/task-definitions.ts';
import { BASELINE_SLOT, type RolloutConfig } from './rollout/config.ts';
import { AwsRefused } from './rollout/errors.ts';
import { plainText, type TaskDefinitionArn } from './rollout/identifiers.ts';
import { forgottenInTurn, withRemark } from './rollout/lease.ts';
import type { LedgerState } from './rollout/ledger.ts';
import {
  droppedCredentials,
  nextRevision,
  ROLLOUT_TAG,
  type ContainerImages,
  type RawTaskDefinition,
} from './rollout/next-revision.ts';
import type { Plan } from './rollout/preflight.ts';
import { inTurn } from './steps/in-turn.ts';
import { findRevision, newLooks, type Looks } from './steps/looks.ts';
import { pinRollbackTarget } from './steps/pin-rollback-target.ts';

interface RegisterArguments {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
  readonly decision: Plan;
  /** The revision that the service runs: the new one differs from it only in the named containers' image. */
  readonly base: TaskDefinitionArn;
  /** What Preflight wants the record to say; definitions of older releases do not pass it on, and empty for nothing. */
  readonly remark?: string;
}

interface Registered {
  readonly taskDefinition: TaskDefinitionArn;
}

/** RegisterRevision: the service's current task definition with the image pinned by digest, or this rollout's earlier attempt. */
export const handler = step('RegisterRevision', identify, async (input: RegisterArguments): Promise<Registered> => {
  const { rolloutId } = input;
  let looks = newLooks(ecs);
  let known: LedgerState | undefined;
  const onWait = ({ version }: LedgerState): void => void (remembered = { rolloutId, version, looks });
  return inTurn({ ledger, rolloutId, until: 'deadline', known: () => known, onWait }, async () => {
    known = await readState(ledger);
    const recalled = recall(rolloutId, known);
    looks = recalled ?? looks;
    if (!recalled) known = await changeState(ledger, (state, now) => forgottenInTurn(state, rolloutId, now), known);
    await looks.once('remark', () => noteRemark(input));
    await looks.once('baseline', () => keepBaseline(input));
    await pinRollbackTarget({ looks, register: (copy) => registerAfter(looks, copy) }, ledger, input);
    const earlier = await findEarlierAttempt(looks, input);
    return { taskDefinition: earlier ?? (await register(looks, input)) };
  });
});

/**
 * What this instance looked at in an attempt that AWS then turned away: the next one need not list and describe it anew. It holds
 * while the ledger stands as it did then, for no other attempt registers anything before it has written there.
 */
let remembered: { readonly rolloutId: string; readonly version: number; readonly looks: Looks } | undefined;

function recall(rolloutId: string, { version }: LedgerState): Looks | undefined {
  const last = remembered;
  remembered = undefined;
  return last?.rolloutId === rolloutId && last.version === version ? last.looks : undefined;
}

/** Registers once. After an end that nobody knows nothing is remembered; after a good one the lists are no longer all that there is. */
async function registerAfter(looks: Looks, revision: RawTaskDefinition): Promise<TaskDefinitionArn> {
  const registered = await registerWhole(ecsOnce, revision);
  looks.forgetLists();
  return registered;
}

function identify({ rolloutId, decision }: RegisterArguments): { rolloutId: string; digest: string } {
  return { rolloutId, digest: decision.image.digest };
}

async function noteRemark({ rolloutId, remark }: RegisterArguments): Promise<void> {
  if (remark) await changeState(ledger, (state, now) => withRemark(state, rolloutId, plainText(remark, 1000), now));
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
async function findEarlierAttempt(
  looks: Looks,
  { config, rolloutId, decision, base }: RegisterArguments,
): Promise<TaskDefinitionArn | undefined> {
  const newest = await looks.newestOf(config.family);
  const newer = newest.includes(base) ? newest.slice(0, newest.indexOf(base)) : newest;
  const images = imagesOf(config, decision);
  return findRevision(looks, newer, { tag: ROLLOUT_TAG, value: rolloutId, images });
}

function imagesOf({ containers }: RolloutConfig, { image }: Plan): ContainerImages {
  const pinned = pinnedImage(environment('REPOSITORY_URI'), image.digest);
  return Object.fromEntries(containers.map((name) => [name, pinned]));
}

async function register(
  looks: Looks,
  { config, rolloutId, decision, base }: RegisterArguments,
): Promise<TaskDefinitionArn> {
  const current = await looks.describe(base);
  if (!current) throw new AwsRefused(`ECS no longer describes ${base}.`);
  const remark = droppedCredentials(current.taskDefinition, config.containers);
  if (remark !== undefined)
    await changeState(ledger, (state, now) => withRemark(state, rolloutId, plainText(remark), now));
  const revision = nextRevision(current.taskDefinition, current.tags, {
    containers: config.containers,
    image: pinnedImage(environment('REPOSITORY_URI'), decision.image.digest),
    rolloutId,
  });
  return registerAfter(looks, revision);
}
