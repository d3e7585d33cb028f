import type { Chronicle, ChronicledDeployment } from './chronicle.ts';
import type { Episode } from './episodes.ts';
import type { Stage } from './stages.ts';

/** Whose tasks they are: what is proven is outlined, what is on trial solid, what somebody else deployed dotted. */
export type Family = 'proven' | 'trial' | 'foreign';

/** What a deployment is in an episode, and how that is said. */
export interface Role {
  readonly family: Family;
  readonly words: string;
  /** When what was on trial was proven, seconds. */
  readonly provenAt?: number;
}

/** The role of a deployment: one that began before the episode ran before, whoever made it. */
export function roleOf(
  { deployments, rollouts }: Chronicle,
  { from }: Pick<Episode, 'from'>,
  deploymentId: string,
): Role {
  const deployment = deployments.find(({ id }) => id === deploymentId);
  if (!deployment || deployment.by === 'before' || deployment.beganAt < from - BEFORE_SECONDS)
    return { family: 'proven', words: 'ran before' };
  switch (deployment.by) {
    case 'rollout': {
      const provenAt = provenAtOf(deployment, rollouts);
      return { family: 'trial', words: 'new', ...(provenAt !== undefined && { provenAt }) };
    }
    case 'rollback':
      return { family: 'proven', words: 'put back' };
    case 'ecs':
      return { family: 'proven', words: 'put back by ECS' };
    case 'someone else':
      return { family: 'foreign', words: 'by someone else' };
  }
}

/** A deployment begins an episode where nothing was to be seen before its first task. */
const BEFORE_SECONDS = 1;

/** When the rollout succeeded that ran while the deployment began, the last of several: it owned the service. */
function provenAtOf({ beganAt }: ChronicledDeployment, rollouts: Chronicle['rollouts']): number | undefined {
  const own = rollouts.findLast(
    ({ states, endedAt = Infinity }) =>
      endedAt >= beganAt && states.some(({ name, enteredAt }) => name === 'RollService' && enteredAt <= beganAt),
  );
  return own?.outcome === 'SUCCEEDED' ? own.endedAt : undefined;
}

/** A stage in parts, each with its family: what serves when it is proven goes on as that. */
export function inFamilies(
  stage: Stage,
  { family, provenAt = Infinity }: Role,
): (Stage & { readonly family: Family })[] {
  if (stage.to <= provenAt) return [{ ...stage, family }];
  if (stage.from >= provenAt) return [{ ...stage, family: 'proven' }];
  return [
    { ...stage, to: provenAt, family },
    { ...stage, from: provenAt, family: 'proven' },
  ];
}
