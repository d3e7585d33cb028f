import type { RolloutConfig } from './config.ts';
import type { ImageDigest } from './identifiers.ts';
import { LEDGER_SCHEMA, type SelectedImage } from './ledger.ts';
import { selectImage, type RegistryImage } from './select-image.ts';

/**
 * How far a repository is listed that takes more than one page: one image at a time is remembered of thousands, so that no step
 * has to list them all. The item `entry = "inventory"` of the ledger's table; whoever writes last is right, since place and best
 * belong together. A repository of one page has none.
 */
export interface Inventory {
  readonly schema: typeof LEDGER_SCHEMA;
  /** Repository and tag policy: an inventory by other ones says nothing. */
  readonly of: string;
  /** When this pass through the repository began, milliseconds since the epoch. */
  readonly startedAt: number;
  /** ECR's word for where the pass goes on; undefined before its first page. */
  readonly nextToken: string | undefined;
  /** What the tag policy selects among the pages of this pass. */
  readonly best: SelectedImage | undefined;
  /** The last pass that came to its end; undefined before. */
  readonly whole: WholePass | undefined;
}

/** What a pass through every page selected, and when it began. */
export interface WholePass {
  readonly startedAt: number;
  readonly best: SelectedImage | undefined;
}

/** One page of ECR's list, and where the next one is. */
export interface ListedPage {
  readonly images: readonly RegistryImage[];
  readonly nextToken: string | undefined;
}

/** A pass that has not begun; what an earlier one knew stays known. */
export function emptyInventory(config: Pick<RolloutConfig, 'repository' | 'tagPolicy'>, whole?: WholePass): Inventory {
  return {
    schema: LEDGER_SCHEMA,
    of: inventoryOf(config),
    startedAt: 0,
    nextToken: undefined,
    best: undefined,
    whole,
  };
}

/** What an inventory is of. */
export function inventoryOf({ repository, tagPolicy }: Pick<RolloutConfig, 'repository' | 'tagPolicy'>): string {
  return JSON.stringify([repository, tagPolicy]);
}

/** The inventory after its next page, which was asked for at `askedAt`; what is known to be no image (`artifacts`) is passed over. The last page ends the pass. */
export function withPage(
  inventory: Inventory,
  { images, nextToken }: ListedPage,
  config: Pick<RolloutConfig, 'repository' | 'tagPolicy'>,
  askedAt: number,
  artifacts: readonly ImageDigest[],
): Inventory {
  const startedAt = inventory.nextToken === undefined ? askedAt : inventory.startedAt;
  const best = selectImage([...images, ...imagesOf(inventory.best)], config.tagPolicy, { artifacts });
  return nextToken === undefined
    ? emptyInventory(config, { startedAt, best })
    : { ...inventory, startedAt, nextToken, best };
}

function imagesOf(best: SelectedImage | undefined): RegistryImage[] {
  return best?.tag === undefined ? [] : [{ digest: best.digest, tags: [best.tag], pushedAt: best.selectedAt }];
}
