import { listOn, writeInventory } from '../aws/inventory.ts';
import type { LedgerTable } from '../aws/ledger-table.ts';
import { candidateImages, findImage } from '../aws/registry.ts';
import type { ECRClient } from '../aws/client-kinds.ts';
import { artifactsIn } from '../rollout/blame.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import { emptyInventory, type Inventory } from '../rollout/inventory.ts';
import type { LedgerState, SelectedImage } from '../rollout/ledger.ts';
import { isOlder, type RegistryImage } from '../rollout/select-image.ts';

/** What the tick sees of the repository. */
interface LookedOn {
  /** The page that was listed. */
  readonly listed: readonly RegistryImage[];
  /** Images among which the tag policy selects. */
  readonly candidates: readonly RegistryImage[];
}

/**
 * Lists one page of a repository and no more: all of it, mostly. Where there are more, each tick goes on where the one before
 * ended, and remembers the best of what it has seen: what an event lost is met before two passes are through.
 */
export async function lookOn(
  { ecr, ledger }: { readonly ecr: ECRClient; readonly ledger: LedgerTable },
  state: LedgerState,
  known: Inventory | undefined,
  config: RolloutConfig,
): Promise<LookedOn> {
  if (config.tagPolicy.kind === 'exact') return all(await candidateImages(ecr, config));
  const { page, isFirst, inventory } = await listOn(ecr, config, known ?? emptyInventory(config), artifactsIn(state));
  if (isFirst && page.nextToken === undefined) return all(page.images);
  await writeInventory(ledger, inventory);
  const worth = worthALook(state, inventory, config).filter(
    (digest) => !page.images.some((image) => image.digest === digest),
  );
  const found = await Promise.all(worth.map((imageDigest) => findImage(ecr, config.repository, { imageDigest })));
  const looked = found.flatMap((image) => image ?? []);
  // Before anything was seen, a part of the images says nothing of what is selected among all of them.
  return { listed: page.images, candidates: state.seen ? [...page.images, ...looked] : looked };
}

function all(images: readonly RegistryImage[]): LookedOn {
  return { listed: images, candidates: images };
}

/** Remembered images that may be news, to see whether they are still there; while nothing is news, none. */
function worthALook(
  { seen, retry }: LedgerState,
  { best, whole }: Inventory,
  { tagPolicy }: Pick<RolloutConfig, 'tagPolicy'>,
): string[] {
  const isNews = (image: SelectedImage): boolean =>
    image.digest !== seen?.digest && !(seen && isOlder(image, seen, tagPolicy, false));
  const remembered = (seen ? [best, whole?.best] : [whole?.best]).flatMap((image) =>
    image && isNews(image) ? image : [],
  );
  return [...new Set([...remembered, ...(retry ? [retry.image] : [])].map(({ digest }) => digest))];
}
