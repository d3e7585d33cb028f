import type { UpdateServiceRequest } from '@aws-sdk/client-ecs';
import type { World } from '../rehearsal/world.ts';

/** A deployment that somebody began, or one that a rollout began; times are milliseconds since the epoch. */
export interface Deployed {
  readonly at: number;
  /** As ECS writes it: `family:revision`; undefined for the same revision anew. */
  readonly revision: string | undefined;
  /** Whether it is what a rollout had put there itself, in a step that does not know so yet. */
  readonly isOfUnanswered?: boolean;
}

/** A change by a rollout, and when that first came to change the service. */
export interface Rolled extends Deployed {
  readonly rollingSince: number;
}

/** Looking before each change leaves one round trip; a read may be that old, and a function may be that late. */
const UNSEEN_MS = 60_000;
const CHANGING = ['RollService', 'RollBack'];

/** Follows who deploys what; the answer tells of rollouts that changed what somebody else had deployed meanwhile. */
export function watchForeign({ region, config, cell }: World): () => string[] {
  const { serviceName } = config;
  const rollingSince = new Map<string, number>();
  /** Executions in a step that changes the service, and whether it has done so. */
  const changing = new Map<string, boolean>();
  const foreign: Deployed[] = [];
  const rolled: Rolled[] = [];
  region.states.onStateEntered(({ executionArn, stateMachineArn, state, at }) => {
    if (stateMachineArn !== cell.outputs['StateMachineArn']) return;
    changing.delete(executionArn);
    if (!CHANGING.includes(state)) return;
    changing.set(executionArn, false);
    if (state === 'RollService') rollingSince.set(executionArn, at);
  });
  region.onApplied(({ at, caller, service, operation, input }) => {
    const update = input as UpdateServiceRequest;
    if (service !== 'ecs' || operation !== 'UpdateService' || update.service?.split('/').at(-1) !== serviceName) return;
    const revision = update.taskDefinition?.split('/').at(-1);
    if (caller?.kind === 'role') {
      const since = [...changing.keys()].map((arn) => rollingSince.get(arn) ?? at);
      changing.forEach((_isChanged, arn) => changing.set(arn, true));
      rolled.push({ at, revision, rollingSince: Math.max(...since, 0) });
    } else if (revision !== undefined || update.forceNewDeployment) {
      const isUnanswered = ([arn, isChanged]: [string, boolean]): boolean =>
        isChanged && region.states.view(arn).stoppedAt === undefined;
      foreign.push({ at, revision, isOfUnanswered: revision === undefined && [...changing].some(isUnanswered) });
    }
  });
  return () => overridden(foreign, rolled);
}

/**
 * Changes by rollouts of what somebody else had deployed after the rollout began and long before the change. A step whose change was
 * made, and whose answer was lost, finds its own revision on the service: that somebody has restarted it meanwhile nothing tells,
 * for it never learned the id of its deployment. It judges that revision as its own, and takes it back where it fails.
 */
export function overridden(foreign: readonly Deployed[], rolled: readonly Rolled[]): string[] {
  return rolled.flatMap(({ at, revision, rollingSince }) => {
    const theirs = foreign.findLast((one) => !one.isOfUnanswered && one.at > rollingSince && one.at < at - UNSEEN_MS);
    if (!theirs || theirs.revision === revision) return [];
    const seconds = Math.round((at - theirs.at) / 1000);
    return [
      `foreign: A rollout put ${revision} on the service, on which somebody had put ${theirs.revision ?? 'the same anew'} ${seconds} s before, during the rollout.`,
    ];
  });
}
