import * as z from 'zod';
import { PLATFORM_ANNOTATION } from '../ecs/behaviour.ts';
import type { Manifest } from './manifest.ts';
import type { Repository } from './model.ts';

/** By name: annotations of a manifest, or labels of an image's configuration. */
export type Notes = Readonly<Record<string, string>>;

/** OCI image configuration; Docker's is a superset. What is not there concerns nobody here. */
const configuration = z.looseObject({
  architecture: z.string().optional(),
  os: z.string().optional(),
  config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish(),
});

/** What a manifest says of its image: its annotations over the labels of its configuration, if that was uploaded. */
export function notesOf(repository: Repository, manifest: Manifest): Notes {
  return { ...configurationOf(repository, manifest)?.config?.Labels, ...manifest.annotations };
}

/** `linux/arm64`, as a note says it, else the configuration; undefined when neither does. */
export function platformOf(repository: Repository, manifest: Manifest): string | undefined {
  const noted = notesOf(repository, manifest)[PLATFORM_ANNOTATION];
  const { os, architecture } = configurationOf(repository, manifest) ?? {};
  return noted ?? (os && architecture ? `${os}/${architecture}` : undefined);
}

function configurationOf(repository: Repository, manifest: Manifest): z.output<typeof configuration> | undefined {
  const text = manifest.kind === 'image' ? repository.texts.get(manifest.config) : undefined;
  if (text === undefined) return undefined;
  return configuration.safeParse(JSON.parse(Buffer.from(text).toString())).data;
}
