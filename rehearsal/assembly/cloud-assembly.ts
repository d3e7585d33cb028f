import { existsSync, readFileSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { Template } from '../../region/cloudformation/template.ts';
import type { Stack } from '../../region/cloudformation/deploy-stack.ts';

/** One stack of a synthesized cloud assembly. */
export interface AssemblyStack extends Stack {
  /** Names of the stacks that must be there first. */
  readonly dependencies: readonly string[];
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly tags?: Readonly<Record<string, string>>;
  };
  readonly dependencies?: readonly string[];
}

interface AssetManifest {
  readonly files?: Readonly<Record<string, FileAsset>>;
  readonly dockerImages?: Readonly<Record<string, unknown>>;
}

interface FileAsset {
  readonly source: { readonly path?: string; readonly packaging?: string };
  readonly destinations?: Readonly<Record<string, { readonly objectKey?: string }>>;
}

/** Names of the stacks of a cloud assembly directory that roll a service; others only prepare the ground. */
export function cellNames(directory: string): string[] {
  return readCloudAssembly(directory)
    .filter(({ template }) => 'StateMachineArn' in (template.Outputs ?? {}))
    .map(({ name }) => name);
}

/** Which code of an assembly's functions is run: what is deployed, or the same without the SDK, for a runtime that has one. */
export type AssemblyCode = 'deployed' | 'without-sdk';

/** Reads the stacks of a cloud assembly directory, each after those that it depends on. */
export function readCloudAssembly(directory: string, code: AssemblyCode = 'deployed'): AssemblyStack[] {
  const manifest = readJson<Manifest>(join(directory, 'manifest.json'));
  const artifacts = manifest.artifacts ?? {};
  const nested = Object.entries(artifacts).find(([, artifact]) => artifact.type === 'cdk:cloud-assembly');
  if (nested) throw new Error(`the nested cloud assembly ${nested[0]} is not modelled`);
  const stacks = Object.entries(artifacts)
    .filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack')
    .map(([id, artifact]) => readStack(directory, id, artifact, artifacts))
    .map((stack) => (code === 'deployed' ? stack : withoutSdk(directory, stack)));
  if (stacks.length === 0) throw new Error(`${directory} holds no stack`);
  return inDependencyOrder(stacks);
}

function readStack(
  directory: string,
  id: string,
  artifact: Artifact,
  all: Readonly<Record<string, Artifact>>,
): AssemblyStack {
  const needed = artifact.dependencies ?? [];
  const assetFiles = needed.flatMap((name) =>
    all[name]?.type === 'cdk:asset-manifest' ? [all[name].properties?.file] : [],
  );
  return {
    name: artifact.properties?.stackName ?? id,
    template: readJson<Template>(join(directory, artifact.properties?.templateFile ?? `${id}.template.json`)),
    parameters: artifact.properties?.parameters ?? {},
    tags: artifact.properties?.tags ?? {},
    assets: new Map(assetFiles.flatMap((file) => readAssets(directory, file ?? `${id}.assets.json`))),
    dependencies: needed
      .filter((name) => all[name]?.type === 'aws:cloudformation:stack')
      .map((name) => all[name]?.properties?.stackName ?? name),
  };
}

function withoutSdk(directory: string, stack: AssemblyStack): AssemblyStack {
  const folder = join(directory, 'without-sdk');
  if (!existsSync(folder))
    throw new Error(`${directory} holds no functions without the SDK: synthesize it with the option withoutSdk`);
  const assets = [...stack.assets].map(([objectKey, path]): [string, string] => {
    const slim = join(folder, basename(path));
    return [objectKey, existsSync(slim) ? slim : path];
  });
  return { ...stack, assets: new Map(assets) };
}

function readAssets(directory: string, file: string): [objectKey: string, path: string][] {
  const manifest = readJson<AssetManifest>(join(directory, file));
  const image = Object.keys(manifest.dockerImages ?? {})[0];
  if (image) throw new Error(`the Docker image asset ${image} is not modelled`);
  return Object.entries(manifest.files ?? {}).flatMap(([hash, asset]) => {
    const path = asset.source.path;
    if (path === undefined) throw new Error(`the asset ${hash} is made by a command, which is not modelled`);
    const absolute = isAbsolute(path) ? path : join(directory, path);
    return Object.values(asset.destinations ?? {}).map(({ objectKey }): [string, string] => [
      objectKey ?? hash,
      absolute,
    ]);
  });
}

function inDependencyOrder(stacks: readonly AssemblyStack[]): AssemblyStack[] {
  const ordered: AssemblyStack[] = [];
  let waiting = [...stacks];
  while (waiting.length > 0) {
    const isReady = (stack: AssemblyStack): boolean =>
      !stack.dependencies.some((name) => waiting.some((other) => other.name === name));
    const ready = waiting.filter(isReady);
    if (ready.length === 0)
      throw new Error(`circular dependency between stacks: ${waiting.map(({ name }) => name).join(', ')}`);
    ordered.push(...ready);
    waiting = waiting.filter((stack) => !ready.includes(stack));
  }
  return ordered;
}

function readJson<T>(file: string): T {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
