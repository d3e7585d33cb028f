import semver from 'semver';
import type { BASELINE_SLOT as CORES_SLOT, KEEP_TAG_PREFIX as CORES, TagPolicy } from '../functions/rollout/config.ts';
import type { VERIFIED_KEPT as CORES_COUNT } from '../functions/rollout/ledger.ts';

/** Tags with this prefix keep the images of proven revisions alive; no policy ever selects them. */
export const KEEP_TAG_PREFIX: typeof CORES = 'rollouts-keep-';

const VERIFIED_KEPT: typeof CORES_COUNT = 10;
const BASELINE_SLOT: typeof CORES_SLOT = 'baseline';

/** Every tag that the rollouts of one service give. */
export function keepTags(prefix: string): readonly string[] {
  const slots = [...Array.from({ length: VERIFIED_KEPT }, (_, index) => index + 1), BASELINE_SLOT];
  return slots.map((slot) => `${prefix}${slot}`);
}

/** A configuration's `tag`. */
type TagInput = { readonly exact: string } | { readonly glob: string } | { readonly semver: string };

/** Why a tag policy is refused, and what to write instead. */
interface TagRefusal {
  readonly message: string;
  readonly remedy: string;
}

/** The tag policy that a configuration's `tag` stands for. */
export function tagPolicyOf(tag: TagInput): TagPolicy {
  if ('exact' in tag) return { kind: 'exact', tag: tag.exact };
  return 'glob' in tag ? { kind: 'glob', pattern: tag.glob } : { kind: 'semver', range: tag.semver };
}

/** The one tag that a policy follows, or undefined where it chooses among several. */
export function followedTag(policy: TagPolicy): string | undefined {
  if (policy.kind === 'exact') return policy.tag;
  return policy.kind === 'glob' && !policy.pattern.includes('*') ? policy.pattern : undefined;
}

/** Says why the policy can never select a tag, or undefined when it can. */
export function refuseTagPolicy(policy: TagPolicy): TagRefusal | undefined {
  switch (policy.kind) {
    case 'exact':
      return refuseTag(policy.tag);
    case 'glob':
      return refuseGlob(policy.pattern);
    case 'semver':
      return refuseRange(policy.range);
  }
}

// The grammar of tags: https://docs.docker.com/reference/cli/docker/image/tag/
const TAG_GRAMMAR = 'a tag has 1 to 128 letters, digits, "_", "." and "-", and begins with none of the last two';
const KEEP_REFUSAL: TagRefusal = {
  message: `would select only "${KEEP_TAG_PREFIX}…", which are the tags that keep rollback images alive`,
  remedy: 'choose the tags that your pipeline pushes',
};

function refuseTag(tag: string): TagRefusal | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)) {
    const hint = tag.includes('*') ? ', and a pattern with "*" goes under "glob"' : '';
    return { message: 'is not a tag that an image can have', remedy: `${TAG_GRAMMAR}${hint}` };
  }
  return tag.startsWith(KEEP_TAG_PREFIX) ? KEEP_REFUSAL : undefined;
}

function refuseGlob(pattern: string): TagRefusal | undefined {
  if (!/^[A-Za-z0-9_*][A-Za-z0-9._*-]*$/.test(pattern)) {
    return { message: 'can never match a tag', remedy: `only "*" is a wildcard, and ${TAG_GRAMMAR}` };
  }
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
  if (pattern.includes('**')) {
    return { message: 'has "**", which EventBridge refuses', remedy: 'one "*" matches any number of characters' };
  }
  if (pattern.replaceAll('*', '').length > 128) {
    return { message: 'asks for more than the 128 characters of a tag', remedy: 'shorten it' };
  }
  return pattern.startsWith(KEEP_TAG_PREFIX) ? KEEP_REFUSAL : undefined;
}

function refuseRange(range: string): TagRefusal | undefined {
  if (range.trim() === '' || semver.validRange(range) === null) {
    return { message: 'is not a semver range', remedy: 'write a range such as "^1.2.0", ">=2 <4" or "1.x"' };
  }
  if (semver.minVersion(range) === null) {
    return { message: 'is a range that no version satisfies', remedy: 'swap or widen its bounds' };
  }
  return undefined;
}
