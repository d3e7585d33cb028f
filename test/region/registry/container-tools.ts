import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Region } from '../../../region/region.ts';
import { authorizationToken } from './registry-fixture.ts';

/** Which of the tools cannot be used on this machine: buildah needs more rights than some have. */
export const MISSING_TOOLS = [
  ...(runs('buildah', [...storeIn(mkdtempSync(join(tmpdir(), 'container-tools-probe-'))), 'from', 'scratch'])
    ? []
    : ['buildah']),
  ...(runs('skopeo', ['--version']) ? [] : ['skopeo']),
];

/** buildah and skopeo as they come, with a store of their own, in front of a region that listens on loopback. */
export interface ContainerTools {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  /** `AWS:<password>` */
  readonly credentials: string;
  /** Builds a Dockerfile; whatever is named beside it is copied into the image. The answer names the image. */
  build(dockerfile: string, platform?: string): Promise<string>;
  buildah(...args: string[]): Promise<string>;
  skopeo(...args: string[]): Promise<string>;
  /** The image as skopeo names what buildah has built. */
  stored(image: string): string;
  /** A file or a folder of the tools' own. */
  path(name: string): string;
}

/** Opens the region's loopback door. */
export async function containerTools(region: Region): Promise<ContainerTools> {
  const directory = mkdtempSync(join(tmpdir(), 'container-tools-'));
  const path = (name: string): string => join(directory, name);
  const port = await region.listen(0);
  const credentials = Buffer.from(await authorizationToken(region), 'base64').toString();
  const store = storeIn(directory);
  let built = 0;
  const buildah = (...args: string[]) => run(region, 'buildah', [...store, ...args]);
  return {
    host: `127.0.0.1:${port}`,
    credentials,
    async build(dockerfile, platform = 'linux/amd64') {
      const image = `localhost/built:${++built}`;
      writeFileSync(path('Dockerfile'), dockerfile);
      writeFileSync(path('app'), `program ${built}`);
      await buildah(
        'build',
        '--isolation',
        'chroot',
        '--platform',
        platform,
        '-t',
        image,
        '-f',
        path('Dockerfile'),
        directory,
      );
      return image;
    },
    buildah,
    skopeo: (...args) => run(region, 'skopeo', ['--insecure-policy', ...args]),
    stored: (image) => `containers-storage:[vfs@${path('root')}+${path('run')}]${image}`,
    path,
  };
}

/** Lets time pass in the region while the tool talks to it; rejects with what the tool complains of. */
async function run(region: Region, tool: string, args: readonly string[]): Promise<string> {
  const ended = new AbortController();
  const passing = region.runPaced(1, ended.signal);
  try {
    return (await promisify(execFile)(tool, args)).stdout;
  } finally {
    ended.abort();
    await passing;
  }
}

function storeIn(directory: string): string[] {
  return ['--root', join(directory, 'root'), '--runroot', join(directory, 'run'), '--storage-driver', 'vfs'];
}

function runs(tool: string, args: readonly string[]): boolean {
  try {
    execFileSync(tool, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
