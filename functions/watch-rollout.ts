import { ecs, events, ledger, sfn, sns } from './aws/clients.ts';
import { environment } from './aws/environment.ts';
import { answerToken } from './aws/executions.ts';
import { changeState, readState } from './aws/ledger-table.ts';
import { logger, step } from './aws/log.ts';
import { describeRaw } from './aws/task-definitions.ts';
import { settleWatch } from './steps/settle-watch.ts';
import { tellStart } from './steps/tell-start.ts';
import { checkedContainers } from './rollout/bake.ts';
import type { RolloutConfig } from './rollout/config.ts';
import type { ImageDigest, DeploymentId, TaskDefinitionArn } from './rollout/identifiers.ts';
import { beginWatch, ownedBy, sameWait, waitingOf } from './rollout/lease.ts';
import { firstDeadline } from './rollout/progress.ts';
import { BAKE_MARGIN_MS, bakeOf, steadyBefore } from './rollout/judged.ts';
import type { LedgerState, Owed, Owner } from './rollout/ledger.ts';
import { owedOfStart, startOf, withStartTold } from './rollout/started.ts';
import { taskDefinitionFacts } from './rollout/task-definition-facts.ts';
import { verdict, type Verdict } from './rollout/verdict.ts';
import type { Watch, WatchKind } from './rollout/watch.ts';

interface WatchArguments {
  readonly config: RolloutConfig;
  readonly rolloutId: string;
  readonly state: 'AwaitSteadyState' | 'Bake' | 'AwaitRollback';
  readonly kind: WatchKind;
  readonly token: string;
  readonly taskDefinition: TaskDefinitionArn;
  readonly deploymentId: DeploymentId;
  /** What Preflight found the new tasks may show; absent on the way back, for the ledger knows what that shows. */
  readonly imageDigests?: readonly ImageDigest[];
  /** Of the configured containers those that Preflight found a health check of; null where an older one did not look. Looked up on the way back. */
  readonly checked?: readonly string[] | null;
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Earlier releases watched until then; this one reads the ledger. */
  readonly deadline: number;
  readonly until?: number;
  /** How long to bake; a definition of an older release leaves it to the configuration. */
  readonly bakeTimeSeconds?: number;
  /** How long the step waits before it enters this function again. */
  readonly waitSeconds: number;
}

/**
 * AwaitSteadyState, Bake, AwaitRollback: stores the token and its arguments, then looks once, which closes the race with events.
 * The start of a rollout is told here and not where its revision is put on the service: by then ECS has taken it, nothing is
 * changed any more, and what was sent is written with the token, before which no end can be told.
 */
export const handler = step(
  ({ state }: WatchArguments) => state,
  ({ rolloutId }) => ({ rolloutId }),
  async (given: WatchArguments): Promise<Verdict> => {
    const input = given.kind === 'rollback' ? { ...given, checked: await checkedOnTheWayBack(given) } : given;
    const known = await readState(ledger);
    const told = await startTold(input, known);
    const stored = await changeState(
      ledger,
      (state, now) => {
        const owner = ownedBy(state, input.rolloutId);
        const watch = owner && watchOf(input, owner);
        if (!watch) return undefined;
        logger.appendKeys({ digest: owner.image.digest });
        return beginWatch(state, withStartTold(owner, told), watch, input.token, now, input.waitSeconds);
      },
      known,
    );
    const owner = ownedBy(stored, input.rolloutId);
    const watch = owner && watchOf(input, owner);
    if (watch) return settleWatch({ ledger, ecs, sfn, isStep: true }, stored, owner, watch);
    const answer = owner ? (steadyFor(input, owner) ?? UNJUDGED) : LOST;
    await answerToken(sfn, input.token, answer);
    return answer;
  },
);

/** What was sent now of the start. What could not be is tried with the next watch; the event once more with the end. */
async function startTold(input: WatchArguments, known: LedgerState): Promise<readonly Owed[]> {
  const owner = ownedBy(known, input.rolloutId);
  if (!owner || input.kind === 'rollback') return [];
  logger.appendKeys({ digest: owner.image.digest });
  const started = startOf(owner, input.config.service, input);
  const { notifiesStart = false } = input.config;
  const topicArn = notifiesStart ? environment('NOTIFICATION_TOPIC_ARN') : undefined;
  return tellStart({ events, sns, topicArn }, started, owedOfStart(owner, notifiesStart));
}

/**
 * Of the revision that is put back Preflight knew nothing: which of its containers have a health check stands in it alone. One
 * that is gone has no tasks that could be taken for healthy.
 */
async function checkedOnTheWayBack({ taskDefinition, config }: WatchArguments): Promise<readonly string[]> {
  const found = await describeRaw(ecs, taskDefinition);
  return checkedContainers({ base: found && taskDefinitionFacts(found.taskDefinition) }, config);
}

const LOST = verdict('lost', 'LeaseLost', 'Another rollout took the service over.');
const UNJUDGED = verdict('unjudged', 'NoVerdict', 'The ledger has no such verdict; the service is looked at again.');

/** What a watch for the steady state is told of an owner that bakes already. */
function steadyFor({ kind }: WatchArguments, owner: Owner): Verdict | undefined {
  return kind === 'steady' ? steadyBefore(owner) : undefined;
}

/** The watch of this step; undefined for a bake of what the ledger does not say is steady, and for what bakes already. */
function watchOf(input: WatchArguments, owner: Owner): Watch | undefined {
  if (steadyFor(input, owner)) return undefined;
  const { config, kind, taskDefinition, deploymentId } = input;
  const times = kind === 'bake' ? bakeTimesOf(input, owner) : waitTimesOf(input, owner);
  if (!times) return undefined;
  const { rollbackTarget } = owner;
  const { cluster, serviceName, containers, mayEnd, port } = config;
  const provenDigests = rollbackTarget?.kind === 'revision' ? rollbackTarget.imageDigests : [];
  const imageDigests = kind === 'rollback' ? provenDigests : (input.imageDigests ?? []);
  const place = { cluster, serviceName, containers };
  return {
    kind,
    ...place,
    taskDefinition,
    deploymentId,
    imageDigests,
    until: undefined,
    ...times,
    checked: input.checked ?? undefined,
    mayEnd,
    port,
  };
}

/** A step that waits again goes on with what the ledger has: progress has moved the deadline there, and nowhere else. */
function waitTimesOf(
  input: WatchArguments,
  owner: Owner,
): Pick<Watch, 'since' | 'deadline' | 'progressSeconds' | 'progress'> {
  const { since, config } = input;
  const earlier = sameWait(owner, input)?.watch;
  if (earlier) {
    const { deadline, progressSeconds, progress } = earlier;
    return { since, deadline, progressSeconds, progress };
  }
  const { progressSeconds } = config;
  return { since, deadline: firstDeadline(owner, since, progressSeconds), progressSeconds };
}

/**
 * The bake counts from the verdict in the ledger, whatever the answer of a token has made of it. A service that grows meanwhile
 * always has tasks that start: each look that finds more healthy ones than ever gives it as long again to be whole.
 */
function bakeTimesOf(
  { config, bakeTimeSeconds = config.bakeTimeSeconds }: WatchArguments,
  owner: Owner,
): Pick<Watch, 'since' | 'deadline' | 'until' | 'progressSeconds' | 'progress'> | undefined {
  const bake = bakeOf(owner, bakeTimeSeconds);
  if (!bake) return undefined;
  const { watch } = waitingOf(owner) ?? {};
  const { deadline, progress } = watch?.kind === 'bake' ? watch : { deadline: bake.until + BAKE_MARGIN_MS };
  return { ...bake, deadline, progressSeconds: BAKE_MARGIN_MS / 1000, progress };
}
