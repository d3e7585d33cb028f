import type { EcrState } from '../../region/ecr/model.ts';
import type { Region } from '../../region/region.ts';
import type { CellConfig } from './cell-config.ts';

const THIRTY_DAYS_MS = 30 * 86_400_000;

/**
 * Puts images into the repository that were pushed a month ago, a second after one another, each with a tag: listed before those
 * that are there. No event tells of them.
 */
export function addOldImages(
  region: Region,
  { repository }: Pick<CellConfig, 'repository'>,
  count: number,
  tagOf: (index: number) => string,
): void {
  const { images } = (region.ecr.state as EcrState).repositories.get(repository)!;
  const present = [...images];
  const like = present[0]![1];
  images.clear();
  for (let index = 0; index < count; index++) {
    const digest = `sha256:${index.toString(16).padStart(64, '0')}`;
    const pushedAt = new Date(region.kernel.now - THIRTY_DAYS_MS + index * 1000);
    images.set(digest, {
      manifest: { ...like.manifest, digest },
      pushedAt,
      tags: new Set([tagOf(index)]),
      status: 'ACTIVE',
    });
  }
  for (const [digest, image] of present) images.set(digest, image);
}
