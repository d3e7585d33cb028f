import type { LifecycleRule } from './lifecycle-policy.ts';
import { matchesWildcard } from './tag-mutability.ts';
import type { Repository, StoredImage } from './model.ts';

/** An image that a lifecycle rule has removed. */
export interface ExpiredImage {
  readonly repositoryName: string;
  readonly imageDigest: string;
  readonly imageTags: readonly string[];
  readonly rulePriority: number;
}

const DAY_MS = 24 * 3_600_000;

/**
 * Removes what the rules of a repository say is too much, the oldest first. No event tells of it: that ECR would send one
 * is not documented.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export function applyLifecyclePolicy(repository: Repository, nowMs: number): readonly ExpiredImage[] {
  const youngestFirst = standardImages(repository);
  const marks = (repository.lifecyclePolicy?.rules ?? []).map((rule) => ({
    rule,
    ...evaluate(rule, youngestFirst, nowMs),
  }));
  const referenced = referencedDigests(repository);
  const expired = youngestFirst.toReversed().flatMap((image) => {
    // "An image that matches the tagging requirements of a rule cannot be expired by a rule with a lower priority."
    const first = marks.find(({ selected }) => selected.has(image));
    if (!first?.marked.has(image) || referenced.has(image.manifest.digest)) return [];
    return [{ image, rulePriority: first.rule.priority }];
  });
  for (const { image } of expired) repository.images.delete(image.manifest.digest);
  return expired.map(({ image, rulePriority }) => ({
    repositoryName: repository.name,
    imageDigest: image.manifest.digest,
    imageTags: [...image.tags],
    rulePriority,
  }));
}

/** Rules without a storage class are about standard storage; images in and from the archive are left alone. */
function standardImages({ images }: Repository): StoredImage[] {
  const active = [...images.values()].filter(({ status }) => status === 'ACTIVE');
  // Stable: of two that were pushed at one instant, the one pushed later is the younger.
  return active.reverse().sort((one, other) => pushedAtOf(other) - pushedAtOf(one));
}

/** "If an image was archived and then restored …, the image's last_activated_at is used instead of pushed_at_time." */
function pushedAtOf({ pushedAt, lastActivatedAt }: StoredImage): number {
  return (lastActivatedAt ?? pushedAt).getTime();
}

/**
 * Every rule is evaluated as if it were alone: it counts also the images that an earlier one claims or removes. Images of an
 * index count like others, an assumption on the safe side, for then less is kept.
 */
function evaluate(
  { selection, limit }: LifecycleRule,
  youngestFirst: readonly StoredImage[],
  nowMs: number,
): { readonly selected: ReadonlySet<StoredImage>; readonly marked: ReadonlySet<StoredImage> } {
  const selected = youngestFirst.filter((image) => isSelected(selection, image));
  const marked =
    limit.countType === 'imageCountMoreThan'
      ? selected.slice(limit.images)
      : selected.filter((image) => nowMs - pushedAtOf(image) > limit.days * DAY_MS);
  return { selected: new Set(selected), marked: new Set(marked) };
}

function isSelected(selection: LifecycleRule['selection'], { tags }: StoredImage): boolean {
  if (selection.tagStatus === 'tagged')
    return selection.patterns.every((pattern) => [...tags].some((tag) => matchesWildcard(tag, pattern)));
  return selection.tagStatus === 'any' || tags.size === 0;
}

/** "If an image is referenced by a manifest list, it cannot be expired … without the manifest list being deleted … first." */
function referencedDigests({ images }: Repository): ReadonlySet<string> {
  const manifests = [...images.values()].map(({ manifest }) => manifest);
  return new Set(
    manifests.flatMap((manifest) => (manifest.kind === 'index' ? manifest.entries.map(({ digest }) => digest) : [])),
  );
}
