import { nextTag, type CellConfig } from './cell/cell-config.ts';
import { imageIndex, imageManifest } from '../region/ecr/image-manifests.ts';
import type { Region } from '../region/region.ts';

/** What a pushed image is like. */
export interface ImageOptions {
  /** @default what the tag policy selects next */
  readonly tag?: string;
  /** @default 'healthy' */
  readonly behaviour?: string;
  /** For `crash`, `out-of-memory` and `slow-start`. */
  readonly afterSeconds?: number;
  /** For `crash`. @default 1 */
  readonly exitCode?: number;
  /** The one port that it listens on. @default wherever it is asked to */
  readonly listensOn?: number;
  /** Lines that its container writes to its log: as it ends where it ends by itself, else as it starts. @default none */
  readonly says?: readonly string[];
  /** Pushed as buildx does: an index, its image, its attestation. @default false */
  readonly isIndex?: boolean;
  /** Another one than the service's is refused. @default the service's */
  readonly platform?: string;
}

/** Pushes an image unlike every other; `count` numbers the pushes from 1. The answer is the digest that the tag names. */
export function pushImage(
  region: Region,
  { repository, tagPolicy }: Pick<CellConfig, 'repository' | 'tagPolicy'>,
  options: ImageOptions & { readonly platform: string },
  count: number,
): string {
  const annotations = {
    ...(options.behaviour !== undefined && { 'rehearsal.behaviour': options.behaviour }),
    ...(options.afterSeconds !== undefined && { 'rehearsal.after-seconds': String(options.afterSeconds) }),
    ...(options.exitCode !== undefined && { 'rehearsal.exit-code': String(options.exitCode) }),
    ...(options.listensOn !== undefined && { 'rehearsal.listens-on': String(options.listensOn) }),
    ...(options.says !== undefined && { 'rehearsal.says': options.says.join('\n') }),
  };
  const { platform } = options;
  const manifest = imageManifest({ seedText: `push ${count}`, annotations, platform });
  const image = options.isIndex ? imageIndex([{ manifest, platform }], { attestation: true }) : manifest;
  return region.ecr.pushImage({ repositoryName: repository, image, tag: options.tag ?? nextTag(tagPolicy, count) });
}
