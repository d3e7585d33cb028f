import { chooseRollback } from '../../../functions/rollout/choose-rollback.ts';
import { SPARED_IMAGES } from '../../../configuration/tag-policy.ts';
import { fitsGlob } from '../../../functions/rollout/glob.ts';
import type { RolloutConfig } from '../../../functions/rollout/config.ts';
import type { LedgerState, SelectedImage } from '../../../functions/rollout/ledger.ts';
import {
  digestOf,
  refuseImage,
  refuseTarget,
  type Plan,
  type PreflightFacts,
} from '../../../functions/rollout/preflight.ts';
import { imageText } from '../history/records.ts';
import { shortDigest } from '../../terminal/layout.ts';
import type { Stage } from './check-service.ts';
import { judge, ok, problem, warning, type Finding, type Looked } from './finding.ts';
import { refused } from './refused.ts';

/** The proven images that the repository still has, with their tags, by digest. */
export type PresentImages = ReadonlyMap<string, readonly string[]>;

/** A roll of what the tag policy selects now, and what Preflight would look at for it. */
export interface NextRoll {
  readonly image: SelectedImage;
  readonly plan: Plan;
  readonly facts: PreflightFacts;
}

/** Whether Preflight would let the image go that the tag policy selects, and could put back what it replaces. */
export function checkNextRoll(looked: Looked<NextRoll>, config: RolloutConfig): Finding[] {
  return judge('next image', looked, (next) => {
    if (!next) return [];
    const { image, plan, facts } = next;
    const [ofImage, ofTarget] = [refuseImage(facts, plan), refuseTarget(facts, plan, config)];
    return [
      ofImage
        ? refused(ofImage)
        : ok('next image', `${imageText(image)}, which the tag policy selects, can be rolled.`),
      ...(ofTarget ? [refused(ofTarget)] : []),
    ];
  });
}

/** The digest that Preflight says could not be put back. */
export function refusedTarget(next: NextRoll | undefined, config: RolloutConfig): string | undefined {
  return next && refuseTarget(next.facts, next.plan, config) && digestOf(next.plan.rollbackTarget);
}

/**
 * Whether the images that a failed rollout, or a person, would go back to are there; `running` is the service's revision, and
 * of `refusedTarget` all was said already.
 */
export function checkProvenImages(
  ledger: LedgerState,
  present: Looked<PresentImages>,
  running: string | undefined,
  stage: Stage,
  refusedTarget: string | undefined,
): Finding[] {
  return judge('rollback image', present, (images = new Map()) => {
    const last = ledger.verified[0]?.digest;
    if (last === undefined && stage === 'new')
      return [ok('rollback image', 'None is needed yet: a first image that fails leaves the service empty.')];
    if (last === undefined)
      return [
        warning(
          'rollback image',
          'No rollout has proven an image yet.',
          'nothing to do: the first rollout adopts what runs, and may go back to it',
        ),
      ];
    const further = furtherBack(ledger, running);
    return [
      ...(last === refusedTarget ? [] : [checkPresence(last, images, 'which a failed rollout goes back to')]),
      ...(further === undefined || further === last
        ? []
        : [checkPresence(further, images, 'which rollouts rollback goes back to')]),
    ];
  });
}

function furtherBack(ledger: LedgerState, running: string | undefined): string | undefined {
  const choice = chooseRollback(ledger, { rollback: true }, { onService: running });
  return 'image' in choice ? choice.image.digest : undefined;
}

function checkPresence(digest: string, images: PresentImages, what: string): Finding {
  return images.has(digest)
    ? ok('rollback image', `${shortDigest(digest)}, ${what}, is in the repository.`)
    : problem(
        'rollback image',
        `${shortDigest(digest)}, ${what}, is gone from the repository: no task can be started with it.`,
        'push it again, or roll an image that is there: rollouts start --tag …',
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
