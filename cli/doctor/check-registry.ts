import type { Repository } from '@aws-sdk/client-ecr';
import { KEEP_TAG_PREFIX, type TagPolicy } from '../../functions/rollout/config.ts';
import type { ProvenRevision } from '../../functions/rollout/ledger.ts';
import type { CheckedService } from '../../infra/configuration.ts';
import { shortDigest } from '../layout.ts';
import { judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';

/** Whether the repository takes the pushes that the tag policy follows. */
export function checkRepository(looked: Looked<Repository>, { repository, tagPolicy }: CheckedService): Finding[] {
  return judge('repository', looked, (found) => {
    if (!found)
      return [
        problem(
          'repository',
          `ECR has no repository ${repository}.`,
          'create it, or let the configuration create it with `registry: {}`',
        ),
      ];
    const stuck = movingTagOf(tagPolicy);
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

/** The one tag that a policy follows; undefined when it follows many. */
function movingTagOf(policy: TagPolicy): string | undefined {
  if (policy.kind === 'exact') return policy.tag;
  return policy.kind === 'glob' && !policy.pattern.includes('*') ? policy.pattern : undefined;
}

function mayMove({ imageTagMutability, imageTagMutabilityExclusionFilters = [] }: Repository, tag: string): boolean {
  const isExcluded = imageTagMutabilityExclusionFilters.some(({ filter = '' }) =>
    new RegExp(`^${filter.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(tag),
  );
  return imageTagMutability?.startsWith('IMMUTABLE') ? isExcluded : !isExcluded;
}

interface LifecycleRule {
  readonly rulePriority: number;
  readonly description?: string;
  readonly selection: {
    readonly tagStatus: string;
    readonly tagPrefixList?: readonly string[];
    readonly countType: string;
    readonly countNumber: number;
    readonly countUnit?: string;
  };
}

/** Whether the lifecycle policy may delete the image that a rollback needs. */
export function checkLifecycle(looked: Looked<string>): Finding[] {
  return judge('lifecycle', looked, (text) => {
    const rules = text === undefined ? [] : (JSON.parse(text) as { readonly rules: readonly LifecycleRule[] }).rules;
    const byPriority = rules.toSorted((one, other) => one.rulePriority - other.rulePriority);
    const spares = byPriority.findIndex(({ selection }) => selection.tagPrefixList?.includes(KEEP_TAG_PREFIX));
    const [risky] = byPriority.filter(
      ({ selection }, index) => selection.tagStatus !== 'untagged' && (spares < 0 || index < spares),
    );
    if (!risky) return [ok('lifecycle', 'No lifecycle rule deletes the image that a rollback needs.')];
    return [
      warning(
        'lifecycle',
        `Lifecycle rule ${risky.rulePriority} deletes images ${limitOf(risky)}, the one that a rollback needs among them.`,
        'keep it long enough for the images of the last rollouts; a repository that `registry` creates spares them by a rule of its own',
      ),
    ];
  });
}

function limitOf({ selection: { countType, countNumber, countUnit = 'days' } }: LifecycleRule): string {
  return countType === 'imageCountMoreThan'
    ? `beyond the newest ${countNumber}`
    : `older than ${countNumber} ${countUnit}`;
}

/** Whether the images of the proven revisions are there to go back to; `present` holds the digests that ECR has. */
export function checkProvenImages(
  verified: readonly ProvenRevision[],
  present: Looked<ReadonlySet<string>>,
): Finding[] {
  return judge('rollback image', present, (digests) => {
    const [last] = verified;
    if (!last?.digest)
      return [
        warning(
          'rollback image',
          'No rollout has proven an image yet.',
          'nothing to do: the first rollout adopts what runs, and may go back to it',
        ),
      ];
    return digests?.has(last.digest)
      ? [ok('rollback image', `The last proven image, ${shortDigest(last.digest)}, is in the repository.`)]
      : [
          problem(
            'rollback image',
            `The last proven image, ${shortDigest(last.digest)}, is gone from the repository: a rollback to it cannot start tasks.`,
            'push it again, or roll an image that is there: rollouts start --tag …',
          ),
        ];
  });
}
