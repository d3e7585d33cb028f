import semver from 'semver';
import { BASELINE_SLOT, KEEP_TAG_PREFIX, type TagPolicy } from '../functions/rollout/config.ts';
import { isImageTag, TAG_GRAMMAR } from '../functions/rollout/identifiers.ts';
import { KEEP_SLOTS } from '../functions/rollout/ledger.ts';

/** A lifecycle rule that counts so many images deletes none that is needed: they are more than all ledgers remember. */
export const SPARED_IMAGES = 1000;

/** Every tag that the rollouts of one service give. */
export function keepTags(prefix: string): readonly string[] {
  return [...KEEP_SLOTS, BASELINE_SLOT].map((slot) => `${prefix}${slot}`);
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

const KEEP_REFUSAL: TagRefusal = {
  message: `would select only "${KEEP_TAG_PREFIX}…", which are the tags that keep rollback images alive`,
  remedy: 'choose the tags that your pipeline pushes',
};

function refuseTag(tag: string): TagRefusal | undefined {
  const isTag: boolean = isImageTag(tag);
  if (!isTag) {
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
