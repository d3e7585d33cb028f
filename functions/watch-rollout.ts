import { ecs, ledger, sfn } from './aws/clients.ts';
import { answerToken } from './aws/executions.ts';
import { changeState } from './aws/ledger-table.ts';
import { step } from './aws/log.ts';
import { settleWatch } from './steps/settle-watch.ts';
import type { RolloutConfig } from './rollout/config.ts';
import type { ImageDigest, DeploymentId, TaskDefinitionArn } from './rollout/identifiers.ts';
import { beginWatch, ownedBy } from './rollout/ledger.ts';
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
  readonly imageDigests: readonly ImageDigest[];
  readonly digest?: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly deadline: number;
  readonly until?: number;
  /** How long the step waits before it enters this function again. */
  readonly waitSeconds: number;
}

/** AwaitSteadyState, Bake, AwaitRollback: stores the token and its arguments, then looks once, which closes the race with events. */
export const handler = step(
  ({ state }: WatchArguments) => state,
  identify,
  async (input: WatchArguments): Promise<Verdict> => {
    const watch = watchOf(input);
    const stored = await changeState(ledger, (state, now) => {
      const owner = ownedBy(state, input.rolloutId);
      return owner && beginWatch(state, owner, watch, now, input.waitSeconds);
    });
    const owner = ownedBy(stored, input.rolloutId);
    if (owner) return settleWatch({ ledger, ecs, sfn }, stored, owner, watch);
    const lost = verdict('lost', 'LeaseLost', 'Another rollout took the service over.');
    await answerToken(sfn, watch.token, lost);
    return lost;
  },
);

function identify({ rolloutId, digest }: WatchArguments): { rolloutId: string; digest?: string } {
  return digest === undefined ? { rolloutId } : { rolloutId, digest };
}

function watchOf({
  config,
  kind,
  token,
  taskDefinition,
  deploymentId,
  imageDigests,
  since,
  deadline,
  until,
}: WatchArguments): Watch {
  const { cluster, serviceName, containers, port } = config;
  const target = { kind, token, cluster, serviceName, containers, taskDefinition, deploymentId, imageDigests };
  return { ...target, since, deadline, ...(until !== undefined && { until }), ...(port !== undefined && { port }) };
}
