import type { ECRClient } from '../aws/client-kinds.ts';
import { listOn, readInventory, writeInventory } from '../aws/inventory.ts';
import type { LedgerTable } from '../aws/ledger-table.ts';
import { candidateImages, findImage, listPage, listTaggedImages } from '../aws/registry.ts';
import { artifactsIn } from '../rollout/blame.ts';
import type { ImageDigest } from '../rollout/identifiers.ts';
import type { RolloutConfig } from '../rollout/config.ts';
import { ImagesNotListed } from '../rollout/errors.ts';
import type { Intent } from '../rollout/intent.ts';
import { emptyInventory, type Inventory, type WholePass } from '../rollout/inventory.ts';
import type { LedgerState } from '../rollout/ledger.ts';
import { asksForSelection } from '../rollout/pin.ts';
import type { RegistryImage } from '../rollout/select-image.ts';

/** Milliseconds that one attempt lists for: half of what a function may run, whatever a page takes. */
const LISTING_MS = 15_000;

/** More pages than a repository can have. */
const PAGES_MAX = 200;

/** Where images are looked for; without a ledger to write to everything is listed, for as long as that takes. */
export interface ImageReach {
  readonly ecr: ECRClient;
  readonly ledger?: LedgerTable | undefined;
}

/** What an intent came with. */
interface Asked {
  readonly intent: Intent;
  /** When its execution started, milliseconds since the epoch. */
  readonly startedAt: number;
}

/**
 * The images among which the tag policy selects for an intent: all of them where that is one page of ECR's, else those that can
 * be what is selected. Of these a push names one, the ledger has seen one, and the tick's inventory has found one; a push that
 * none of them tells of is found by the tick.
 */
export async function lookAtImages(
  { ecr, ledger }: ImageReach,
  known: LedgerState,
  asked: Asked,
  config: RolloutConfig,
): Promise<readonly RegistryImage[]> {
  const { repository, tagPolicy } = config;
  if (tagPolicy.kind === 'exact') return candidateImages(ecr, config);
  const first = await listPage(ecr, repository);
  if (first.nextToken === undefined) return first.images;
  if (!ledger) return listTaggedImages(ecr, repository, first);
  const inventory = await readInventory(ledger, config);
  const since = wholeSince(known, asked);
  const whole =
    since === undefined
      ? inventory.whole
      : await listWhole({ ecr, ledger }, inventory, since, config, artifactsIn(known));
  // Before anything was seen, a part of the images says nothing of what is selected among all of them.
  const isPartEnough = known.seen !== undefined;
  const told = isPartEnough ? [inventory.best, whole?.best, known.seen, known.retry?.image] : [whole?.best];
  const digests = [...new Set(told.flatMap((image) => (image ? [image.digest] : [])))];
  const named = [...digests.map((imageDigest) => ({ imageDigest })), ...namedBy(asked.intent)];
  const found = await Promise.all(named.map((id) => findImage(ecr, repository, id)));
  return [...(isPartEnough ? first.images : []), ...found.flatMap((image) => image ?? [])];
}

/** The image that an intent names. */
function namedBy(intent: Intent): { readonly imageTag?: string; readonly imageDigest?: string }[] {
  if (intent.kind === 'tick') return [];
  if (intent.tag !== undefined) return [{ imageTag: intent.tag }];
  return intent.digest === undefined ? [] : [{ imageDigest: intent.digest }];
}

/**
 * From when on a pass through all images must have begun to be good enough; undefined where a part of them is. Somebody who
 * asks for what is selected asks for what is selected now; before anything was seen no image can be told from an older one.
 */
function wholeSince({ seen }: LedgerState, { intent, startedAt }: Asked): number | undefined {
  if (intent.kind === 'person' && asksForSelection(intent)) return startedAt;
  return seen === undefined && intent.kind !== 'tick' ? 0 : undefined;
}

/** Lists everything, in as many attempts as that takes: each goes on where the one before ended. */
async function listWhole(
  { ecr, ledger }: Required<ImageReach> & { readonly ledger: LedgerTable },
  known: Inventory,
  since: number,
  config: RolloutConfig,
  artifacts: readonly ImageDigest[],
): Promise<WholePass> {
  const isBegun = known.nextToken !== undefined && known.startedAt >= since;
  let inventory = isBegun ? known : emptyInventory(config, known.whole);
  const until = Date.now() + LISTING_MS;
  try {
    for (let page = 0; page < PAGES_MAX && Date.now() < until; page++) {
      if (inventory.whole && inventory.whole.startedAt >= since) break;
      ({ inventory } = await listOn(ecr, config, inventory, artifacts));
    }
  } finally {
    // A page that ECR did not give costs that page, and none of those before it.
    if (inventory !== known) await writeInventory(ledger, inventory);
  }
  if (inventory.whole && inventory.whole.startedAt >= since) return inventory.whole;
  throw new ImagesNotListed(`ECR has not listed all images of ${config.repository} yet; the next attempt goes on.`);
}
