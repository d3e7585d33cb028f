import { satisfies, valid, compare } from 'semver';
import { KEEP_TAG_PREFIX, type TagPolicy } from './config.ts';
import { fitsGlob } from './glob.ts';
import { isImageTag, type ImageDigest } from './identifiers.ts';
import type { SelectedImage } from './ledger.ts';
import { isImageType } from './media-types.ts';

/** One image of the repository, in ECR's words; `pushedAt` in milliseconds since the epoch. */
export interface RegistryImage {
  readonly digest: ImageDigest;
  readonly tags: readonly string[];
  readonly pushedAt: number;
  /** What ECR takes it for; an index has none. */
  readonly artifactMediaType?: string | undefined;
}

/** A push that an event reported. */
export interface PushHint {
  readonly tag: string;
  readonly digest: string;
  readonly at: number;
}

/**
 * Tags that never name an image to run: those that keep rollback images alive, and `sha256-…`, under which signatures and
 * attestations are attached to an image (OCI distribution specification, "Referrers Tag Schema"; cosign adds `.sig`, `.att`).
 */
const NEVER_CANDIDATES = new RegExp(`^(?:${KEEP_TAG_PREFIX}|sha256-[0-9a-f]{64})`);

/** True when the policy would ever choose this tag. */
export function isCandidateTag(tag: string, policy: TagPolicy): boolean {
  if (!isImageTag(tag) || NEVER_CANDIDATES.test(tag)) return false;
  if (policy.kind === 'exact') return tag === policy.tag;
  if (policy.kind === 'glob') return fitsGlob(tag, policy.pattern);
  return versionOf(tag) !== undefined && satisfies(versionOf(tag)!, policy.range);
}

/** The version in a tag: `v1.2.3` and `1.2.3` alike. */
export function versionOf(tag: string | undefined): string | undefined {
  return tag === undefined ? undefined : (valid(tag.replace(/^v/, '')) ?? undefined);
}

/** What is known of the images beside what ECR lists. */
interface Known {
  readonly hint?: PushHint | undefined;
  /** Digests that ECR lists as images, and that are none. */
  readonly artifacts?: readonly ImageDigest[];
}

/**
 * What the tag policy selects among these images now: the tag's target, the highest version, or the newest push. ECR's push
 * time does not move on a retag, so a reported push counts at its own time, if the tag still points where the event said.
 */
export function selectImage(
  images: readonly RegistryImage[],
  policy: TagPolicy,
  { hint, artifacts = [] }: Known = {},
): SelectedImage | undefined {
  // Who follows one tag is told what it names.
  const passedOver = policy.kind === 'exact' ? [] : artifacts;
  const runnable = images.filter(
    ({ digest, artifactMediaType }) => isImageType(artifactMediaType) && !passedOver.includes(digest),
  );
  const candidates = runnable.flatMap((image) => candidatesOf(image, policy, hint));
  return candidates.sort(policy.kind === 'semver' ? byVersion : bySelectedAt).at(-1);
}

function candidatesOf(image: RegistryImage, policy: TagPolicy, hint: PushHint | undefined): SelectedImage[] {
  const { digest } = image;
  const tags = image.tags.filter((tag) => isCandidateTag(tag, policy));
  return tags.map((tag) => {
    const isHinted = hint?.tag === tag && hint.digest === digest;
    return { digest, tag, selectedAt: isHinted ? Math.max(hint.at, image.pushedAt) : image.pushedAt };
  });
}

function bySelectedAt(a: SelectedImage, b: SelectedImage): number {
  return a.selectedAt - b.selectedAt || (a.tag ?? '').localeCompare(b.tag ?? '');
}

function byVersion(a: SelectedImage, b: SelectedImage): number {
  return compare(versionOf(a.tag)!, versionOf(b.tag)!) || bySelectedAt(a, b);
}

/**
 * True when `candidate` is a step back from what was already seen: a lower version, or an older push. Where one exact tag is
 * followed, a reported move backwards is meant; only the tick, which sees no events, must not take it for news.
 */
export function isOlder(
  candidate: SelectedImage,
  seen: SelectedImage,
  policy: TagPolicy,
  isReported: boolean,
): boolean {
  if (candidate.digest === seen.digest || (policy.kind === 'exact' && isReported)) return false;
  if (policy.kind !== 'semver') return candidate.selectedAt < seen.selectedAt;
  const [mine, theirs] = [versionOf(candidate.tag), versionOf(seen.tag)];
  return mine !== undefined && theirs !== undefined && compare(mine, theirs) < 0;
}
