import { nextTag, type CellConfig } from './cell/cell-config.ts';
import { imageManifest } from '../region/ecr/image-manifests.ts';

/** An image for a person to push by hand. */
export interface SampleImage {
  readonly name: 'good' | 'bad';
  /** A tag that starts a rollout. */
  readonly tag: string;
  /** The manifest's text, for `put-image`. */
  readonly manifest: string;
}

/** One image that is healthy, and one whose container exits after five seconds. */
export function sampleImages({ tagPolicy }: CellConfig): SampleImage[] {
  const crash = { 'rehearsal.behaviour': 'crash', 'rehearsal.after-seconds': '5', 'rehearsal.exit-code': '1' };
  return [
    { name: 'good', tag: nextTag(tagPolicy, 1), manifest: imageManifest({ seedText: 'good sample' }).text },
    {
      name: 'bad',
      tag: nextTag(tagPolicy, 2),
      manifest: imageManifest({ seedText: 'bad sample', annotations: crash }).text,
    },
  ];
}
