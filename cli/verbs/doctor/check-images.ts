import { chooseRollback } from '../../../functions/rollout/choose-rollback.ts';
import { SPARED_IMAGES } from '../../../configuration/tag-policy.ts';
import { fitsGlob } from '../../../functions/rollout/glob.ts';
import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import { revisionName } from '../../../functions/rollout/identifiers.ts';
import type { LedgerState, SelectedImage } from '../../../functions/rollout/ledger.ts';
import {
  refuseImage,
  refuseSiblings,
  refuseTarget,
  unseenAmong,
  type Plan,
  type PreflightFacts,
} from '../../../functions/rollout/preflight.ts';
import type { RunningRevision } from '../../../functions/rollout/running-revision.ts';
import { imageText } from '../history/records.ts';
import { shortDigest } from '../../terminal/layout.ts';
import type { Stage } from './check-service.ts';
import { judge, ok, warning, type Finding, type Looked } from './finding.ts';
import { refused } from './refused.ts';

/** The proven images that the repository still has, with their tags, by digest. */
export type PresentImages = ReadonlyMap<string, readonly string[]>;

/** The roll that would come next, and what Preflight would look at for it. */
export interface NextRoll {
  /** What the tag policy selects now; where it selects nothing, a proven image stands in for it in `plan`. */
  readonly image: SelectedImage | undefined;
  readonly plan: Plan;
  readonly facts: PreflightFacts;
}

/** Whether Preflight would let the image go that the tag policy selects, and could put back what it replaces. */
export function checkNextRoll(
  looked: Looked<NextRoll>,
  config: RolloutConfig,
  quarantine: LedgerState['quarantine'] = [],
): Finding[] {
  return judge('next image', looked, (next) =>
    next
      ? [
          ...checkSiblings(next, config),
          ...checkImage(next, quarantine),
          ...checkTarget(next, config),
          ...checkUnseen(next, config),
        ]
      : [],
  );
}

function checkSiblings({ facts }: NextRoll, config: RolloutConfig): Finding[] {
  const refusal = refuseSiblings(facts, config);
  return refusal ? [refused(refusal)] : [];
}

function checkUnseen({ plan, facts }: NextRoll, config: RolloutConfig): Finding[] {
  return unseenAmong(facts, plan, config).map(({ subject, found, remedy }) => warning(subject, `${found}.`, remedy));
}

function checkImage({ image, plan, facts }: NextRoll, quarantine: LedgerState['quarantine']): Finding[] {
  if (!image) return [];
  const refusal = refuseImage(facts, plan);
  if (refusal) return [refused(refusal)];
  const failed = quarantine.find(({ digest }) => digest === image.digest);
  if (failed) {
    const said = `${imageText(image)}, which the tag policy selects, failed here (${failed.reason}) and is not rolled by itself.`;
    return [warning('next image', said, `push a good image, or try it again: rollouts start --digest ${image.digest}`)];
  }
  return [ok('next image', `${imageText(image)}, which the tag policy selects, can be rolled.`)];
}

/** Going back to the empty service needs no image, and has a finding of its own. */
function checkTarget({ plan, facts }: NextRoll, config: RolloutConfig): Finding[] {
  const { rollbackTarget } = plan;
  const refusal = refuseTarget(facts, plan, config);
  if (refusal) return [refused(refusal)];
  if (rollbackTarget?.kind !== 'revision') return [];
  const { taskDefinition, digest } = rollbackTarget;
  const what = `${revisionName(taskDefinition)}${digest === undefined ? '' : ` with ${shortDigest(digest)}`}`;
  return [ok('rollback image', `${what}, which a failed rollout goes back to, can be put back.`)];
}

/** The digest of what a failed rollout goes back to. */
export function targetDigest(next: NextRoll | undefined): string | undefined {
  const target = next?.plan.rollbackTarget;
  return target?.kind === 'revision' ? target.digest : undefined;
}

/** What a person's rollback depends on. */
type OnService = Pick<RunningRevision, 'taskDefinition' | 'proven'>;

/**
 * Whether the image that a person would go back to is there, which depends on what runs; what a failed rollout goes back to is
 * Preflight's to judge, and of `judgedTarget` all was said with that.
 */
export function checkProvenImages(
  ledger: LedgerState,
  present: Looked<PresentImages>,
  running: Looked<OnService>,
  stage: Stage,
  judgedTarget: string | undefined,
): Finding[] {
  if (ledger.verified.length === 0) return [stage === 'new' ? NONE_NEEDED : NONE_PROVEN];
  if ('refused' in running) return [];
  return judge('rollback image', present, (images = new Map()) => {
    const further = furtherBack(ledger, running.found);
    return further === undefined || further === judgedTarget ? [] : [checkPresence(further, images)];
  });
}

const NONE_NEEDED = ok('rollback image', 'None is needed yet: a first image that fails leaves the service empty.');

const NONE_PROVEN = warning(
  'rollback image',
  'No rollout has proven an image yet.',
  'nothing to do: the first rollout adopts what runs, and may go back to it',
);

/** As the flow chooses, which knows what runs and is proven, whoever deployed it. */
function furtherBack(ledger: LedgerState, running: OnService | undefined): string | undefined {
  const around = { running: running?.proven, onService: running?.taskDefinition };
  const choice = chooseRollback(ledger, { rollback: true }, around);
  return 'image' in choice ? choice.image.digest : undefined;
}

function checkPresence(digest: string, images: PresentImages): Finding {
  const what = `${shortDigest(digest)}, which rollouts rollback goes back to,`;
  return images.has(digest)
    ? ok('rollback image', `${what} is in the repository.`)
    : warning(
        'rollback image',
        `${what} is gone from the repository: no task can be started with it.`,
        'push it again, or name one that is there: rollouts rollback --to …',
      );
}

interface LifecycleRule {
  readonly rulePriority: number;
  readonly selection: {
    readonly tagStatus: string;
    readonly tagPrefixList?: readonly string[];
    readonly tagPatternList?: readonly string[];
    readonly countType: string;
    readonly countNumber: number;
    readonly countUnit?: string;
  };
}

/** Whether the lifecycle policy may delete a proven image; an image is at the mercy of the first rule that selects it. */
export function checkLifecycle(policy: Looked<string>, present: Looked<PresentImages>): Finding[] {
  return judge('lifecycle', policy, (text) => {
    const rules = text === undefined ? [] : (JSON.parse(text) as { readonly rules: readonly LifecycleRule[] }).rules;
    const byPriority = rules.toSorted((one, other) => one.rulePriority - other.rulePriority);
    const images = 'found' in present ? [...(present.found ?? [])] : [];
    const [risk] = images.flatMap(([digest, tags]) => {
      const rule = byPriority.find((each) => selects(each, tags));
      return rule && !isSparing(rule) ? [{ digest, rule }] : [];
    });
    if (!risk) return [ok('lifecycle', 'No lifecycle rule deletes an image that a rollback needs.')];
    const { digest, rule } = risk;
    return [
      warning(
        'lifecycle',
        `Lifecycle rule ${rule.rulePriority} deletes images ${limitOf(rule)}, and ${shortDigest(digest)}, a proven one, is among those it looks at.`,
        'let it keep as many as a few rollouts bring; in a repository that `registry` creates a rule of its own spares them',
      ),
    ];
  });
}

function selects({ selection }: LifecycleRule, tags: readonly string[]): boolean {
  const { tagStatus, tagPrefixList = [], tagPatternList = [] } = selection;
  if (tagStatus === 'any') return true;
  if (tagStatus === 'untagged') return tags.length === 0;
  const patterns = [...tagPrefixList.map((prefix) => `${prefix}*`), ...tagPatternList];
  // "Only images with all specified tags are selected" (ECR user guide, lifecycle policy properties).
  return patterns.every((pattern) => tags.some((tag) => fitsGlob(tag, pattern)));
}

function isSparing({ selection: { countType, countNumber } }: LifecycleRule): boolean {
  return countType === 'imageCountMoreThan' && countNumber >= SPARED_IMAGES;
}

function limitOf({ selection: { countType, countNumber, countUnit = 'days' } }: LifecycleRule): string {
  return countType === 'imageCountMoreThan'
    ? `beyond the newest ${countNumber}`
    : `older than ${countNumber} ${countUnit}`;
}
