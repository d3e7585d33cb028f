import { findImage } from '../../../functions/aws/registry.ts';
import { KEEP_TAG_PREFIX } from '../../../functions/rollout/config.ts';
import type { ImageDigest } from '../../../functions/rollout/identifiers.ts';
import type { DeployedCell } from '../../account/deployed-cell.ts';
import { AwsFailure } from '../../account/failures.ts';
import { shortDigest } from '../../terminal/layout.ts';
import { nearest } from '../../terminal/nearest.ts';
import { newestImages } from './newest-images.ts';

/** Tags that are shown to whoever named one that does not exist. */
const TAGS_SHOWN = 3;

/** The image that a person names: by the tag that it has now, or by its digest. */
export type NamedImage = { readonly tag: string } | { readonly digest: ImageDigest };

/** Throws where ECR has no such image: a rollout of it would only be rejected, and announced. */
export async function checkNamed(cell: DeployedCell, image: NamedImage): Promise<void> {
  const { clients, config } = cell;
  const id = 'tag' in image ? { imageTag: image.tag } : { imageDigest: image.digest };
  if (await findImage(clients.ecr, config.repository, id)) return;
  const what = 'tag' in image ? `tagged ${image.tag}` : shortDigest(image.digest);
  throw new AwsFailure(
    `${config.repository} in ECR has no image ${what}: ${await remedy(cell, image)}`,
    false,
    undefined,
  );
}

async function remedy(cell: DeployedCell, image: NamedImage): Promise<string> {
  const images = await newestImages(cell);
  const tags = images.flatMap((each) => each.tags).filter((tag) => !tag.startsWith(KEEP_TAG_PREFIX));
  const close = 'tag' in image ? nearest(image.tag, tags) : undefined;
  if (close !== undefined) return `did you mean ${close}?`;
  if (tags.length === 0) return 'it has no tagged image at all; push one first';
  return `push it first, or name another one (${tags.slice(0, TAGS_SHOWN).join(', ')})`;
}
