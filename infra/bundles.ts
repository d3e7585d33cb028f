import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLED, type BundledName } from './handler-table.ts';

/** For each handler, a directory that holds its bundle as `index.js`. */
export type Bundles = ReadonlyMap<BundledName, string>;

const FUNCTIONS = join(import.meta.dirname, '..', 'functions');

/** Whether bundles hold the SDK's clients, as all that is deployed does, or leave them to the runtime. */
export type SdkPlace = 'bundled' | 'runtime';

/**
 * Bundles `<directory>/<handler>.ts` for every handler, SDK included unless told: the runtime's own copy of the SDK may be too
 * old to know an ECS field. The same sources give the same bytes, hence the same asset hashes.
 */
export function bundleHandlers(directory: string = FUNCTIONS, sdk: SdkPlace = 'bundled'): Promise<Bundles> {
  if (directory !== FUNCTIONS) return bundle(directory, sdk);
  const bundles = own.get(sdk) ?? bundle(FUNCTIONS, sdk);
  own.set(sdk, bundles);
  return bundles;
}

/** Nobody edits this checkout while a process synthesizes from it; the assemblies of one process share their bundles. */
const own = new Map<SdkPlace, Promise<Bundles>>();

async function bundle(directory: string, sdk: SdkPlace): Promise<Bundles> {
  const built = await build({
    external: sdk === 'runtime' ? ['@aws-sdk/client-*'] : [],
    entryPoints: BUNDLED.map((handler) => join(directory, `${handler}.ts`)),
    outdir: 'bundles',
    entryNames: '[name]/index',
    bundle: true,
    write: false,
    platform: 'node',
    // CommonJS for Node 20: the bytes that nodejs24.x runs must also run in a rehearsal on Node 20.
    format: 'cjs',
    target: 'node20',
    // The SDK's ES modules shake to half the size of its CommonJS build.
    mainFields: ['module', 'main'],
    treeShaking: true,
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
  });
  return new Map(
    built.outputFiles.map((file) => {
      const handler = basename(dirname(file.path)) as BundledName;
      return [handler, directoryHolding(handler, file.hash, file.contents)];
    }),
  );
}

let root: string | undefined;
const written = new Map<string, string>();

function directoryHolding(handler: BundledName, hash: string, bytes: Uint8Array): string {
  const key = `${handler}-${hash.replace(/\W/g, '_')}`;
  const known = written.get(key);
  if (known !== undefined) return known;
  const directory = join((root ??= temporaryRoot()), key);
  mkdirSync(directory);
  writeFileSync(join(directory, 'index.js'), bytes);
  written.set(key, directory);
  return directory;
}

/** A directory for as long as this Node lives; CDK copies what it needs into the cloud assembly. */
function temporaryRoot(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fargate-rollouts-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
