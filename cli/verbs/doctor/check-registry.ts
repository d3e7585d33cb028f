import type { Repository } from '@aws-sdk/client-ecr';
import { followedTag } from '../../../configuration/tag-policy.ts';
import { fitsGlob } from '../../../functions/rollout/glob.ts';
import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import { judge, ok, problem, type Finding, type Looked } from './finding.ts';

/** Whether the repository takes the pushes that the tag policy follows. */
export function checkRepository(
  looked: Looked<Repository>,
  { repository, tagPolicy }: Pick<RolloutConfig, 'repository' | 'tagPolicy'>,
): Finding[] {
  return judge('repository', looked, (found) => {
    if (!found)
      return [
        problem(
          'repository',
          `ECR has no repository ${repository}.`,
          'create it, or let the configuration create it with `registry: {}`',
        ),
      ];
    const stuck = followedTag(tagPolicy);
    return stuck !== undefined && !mayMove(found, stuck)
      ? [
          problem(
            'repository',
            `The tags of ${repository} are immutable, and the tag policy follows the one tag ${stuck}: only its first push succeeds.`,
            `exclude ${stuck} from immutability, or follow a pattern of tags`,
          ),
        ]
      : [ok('repository', `The repository ${repository} takes what the tag policy follows.`)];
  });
}

function mayMove({ imageTagMutability, imageTagMutabilityExclusionFilters = [] }: Repository, tag: string): boolean {
  const isExcluded = imageTagMutabilityExclusionFilters.some(({ filter = '' }) => fitsGlob(tag, filter));
  return imageTagMutability?.startsWith('IMMUTABLE') ? isExcluded : !isExcluded;
}
