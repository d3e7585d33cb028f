import type { RolloutConfig } from './config.ts';
import type { LedgerState } from './ledger.ts';
import type { RegistryImage } from './select-image.ts';

/**
 * Whether a keep tag is not where the ledger has it, as far as these images tell: one of them has the tag of another proven image,
 * or is proven and without its own. Images that are not among them may be untagged or gone.
 */
export function haveTagsMoved(
  images: readonly RegistryImage[],
  { verified }: Pick<LedgerState, 'verified'>,
  { keepTagPrefix }: Pick<RolloutConfig, 'keepTagPrefix'>,
): boolean {
  if (keepTagPrefix === undefined) return false;
  const kept = verified.flatMap(({ digest, keepSlot }) =>
    digest === undefined || keepSlot === undefined ? [] : [{ digest, tag: `${keepTagPrefix}${keepSlot}` }],
  );
  return kept.some(({ digest, tag }) => images.some((image) => (image.digest === digest) !== image.tags.includes(tag)));
}
