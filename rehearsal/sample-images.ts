import { nextTag, type CellConfig } from './cell/cell-config.ts';
import { imageManifest } from '../region/ecr/image-manifests.ts';

/** An image to push by hand. */
export interface SampleImage {
  readonly name: SampleName;
  /** A tag that starts a rollout. */
  readonly tag: string;
}

type SampleName = 'good' | 'bad';

/** The manifests, as text for `put-image`, of an image that is healthy, and of one whose container exits after five seconds. */
export function sampleManifests(): Record<SampleName, string> {
  const crash = { 'rehearsal.behaviour': 'crash', 'rehearsal.after-seconds': '5', 'rehearsal.exit-code': '1' };
  return {
    good: imageManifest({ seedText: 'good sample' }).text,
    bad: imageManifest({ seedText: 'bad sample', annotations: crash }).text,
  };
}

/** Under which tags the sample images start rollouts of a cell. */
export function sampleImages({ tagPolicy }: Pick<CellConfig, 'tagPolicy'>): SampleImage[] {
  return [
    { name: 'good', tag: nextTag(tagPolicy, 1) },
    { name: 'bad', tag: nextTag(tagPolicy, 2) },
  ];
}
