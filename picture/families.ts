import type { Chronicle, ChronicledDeployment } from './chronicle.ts';
import type { Episode } from './episodes.ts';

/** Whose tasks they are: what was there or was put back is outlined, what is on trial solid, what somebody else deployed dotted. */
export type Family = 'proven' | 'trial' | 'foreign';

/** What a deployment is in an episode, and how that is said. */
export interface Role {
  readonly family: Family;
  readonly words: string;
}

/** The role of a deployment: one that began before the episode ran before, whoever made it. */
export function roleOf(deployment: ChronicledDeployment | undefined, episode: Pick<Episode, 'from'>): Role {
  if (!deployment || deployment.by === 'before' || deployment.beganAt < episode.from - BEFORE_SECONDS)
    return { family: 'proven', words: 'ran before' };
  switch (deployment.by) {
    case 'rollout':
      return { family: 'trial', words: 'new' };
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

/** The family of a deployment's tasks. */
export function familyOf({ deployments }: Chronicle, episode: Pick<Episode, 'from'>, deploymentId: string): Family {
  return roleOf(
    deployments.find(({ id }) => id === deploymentId),
    episode,
  ).family;
}
