import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import type { Clock } from '../../cli/terminal/clock.ts';
import type { Terminal } from '../../cli/terminal/command.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { main } from '../../cli/main.ts';
import { openWorld, openWorlds, type World, type WorldOptions } from '../../rehearsal/world.ts';
import { documentsIn } from '../cli/verbs/documents.ts';
import { doorHere } from './doors.ts';
import { proveAnImage } from './proven-image.ts';
import { assemblyOf, closeAudited } from './setting.ts';

/** What a command line printed, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What a command line prints to. */
type Screen = Pick<Terminal['out'], 'isTTY' | 'columns'>;

/** A world behind a loopback port, in which time passes, and the command line that talks to it. */
export interface Sandbox {
  readonly world: World;
  /** Digests of the images that were proven before it was opened, oldest first. */
  readonly proven: readonly string[];
  readonly endpoint: string;
  /** Path of the configuration that was deployed. */
  readonly configuration: string;
  /** Runs a command line against the sandbox, interrupted once it has printed that; `env` is laid over the operator's. */
  rollouts(argv: readonly string[], env?: Terminal['env'], interruptAt?: RegExp, screen?: Screen): Promise<Ran>;
  /** The same in a checkout whose configuration knows nothing of what is deployed: with nothing but credentials. */
  elsewhere(argv: readonly string[], env?: Terminal['env']): Promise<Ran>;
  /** Lets virtual time pass at once. */
  pass(seconds: number): Promise<void>;
  /** Ends as soon as it is so. */
  until(isSo: () => boolean): Promise<void>;
  /** The document that a command line with `--json` answers. */
  json<T>(...argv: string[]): Promise<T>;
}

/** Whom the sandbox knows as the operator. */
export const OPERATOR = { AWS_ACCESS_KEY_ID: 'OPERATOR', AWS_SECRET_ACCESS_KEY: 'x', AWS_DEFAULT_REGION: 'us-east-1' };
/** Virtual seconds per real second while nobody sleeps: enough for calls over the wire, whose parks take virtual time. */
const SPEED = 4;

/**
 * Opens a world on the stack of the scenarios' service, with so many proven images; its time passes slowly, but for whoever
 * sleeps. It is audited and closed when the test ends that opens it.
 */
export async function openSandbox(
  options: Omit<WorldOptions, 'assembly'> = {},
  changes: Partial<ServiceConfiguration> = {},
  images = 0,
): Promise<Sandbox> {
  const { sandbox, end } = await open(options, changes, images);
  onTestFinished(end);
  return sandbox;
}

/** As {@link openSandbox}, with the cells of other services beside it. */
export async function openSandboxOf(
  others: readonly ServiceConfiguration[],
  changes: Partial<ServiceConfiguration> = {},
): Promise<Sandbox & { readonly worlds: readonly World[] }> {
  const { sandbox, worlds, end } = await open({}, changes, 0, others);
  onTestFinished(end);
  return { ...sandbox, worlds };
}

/** Opens one sandbox for all tests of a `describe`, and audits and closes it after the last; tests must not change anything in it. */
export function shareSandbox(take: (sandbox: Sandbox) => void): void {
  let end: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    const opened = await open({}, {}, 0);
    end = opened.end;
    take(opened.sandbox);
  });
  afterAll(() => end?.());
}

async function open(
  options: Omit<WorldOptions, 'assembly'>,
  changes: Partial<ServiceConfiguration>,
  images: number,
  others: readonly ServiceConfiguration[] = [],
): Promise<{ readonly sandbox: Sandbox; readonly worlds: readonly World[]; readonly end: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'rollouts-verbs-'));
  const file = join(directory, 'verbs.config.mjs');
  writeFileSync(file, `export default { services: [${JSON.stringify({ ...SERVICE, ...changes })}] };`);
  const opening = { door: doorHere(), assembly: await assemblyOf(changes, others), ...options };
  const worlds = others.length > 0 ? await openWorlds(opening) : [await openWorld(opening)];
  const world = worlds[0]!;
  const proven: string[] = [];
  while (proven.length < images) proven.push(await proveAnImage(world));
  const endpoint = `http://127.0.0.1:${await world.region.listen(0)}`;
  const stop = new AbortController();
  const pacer = pace(world, stop.signal);
  const rollouts: Sandbox['rollouts'] = (argv, env = {}, interruptAt = undefined, screen = {}) =>
    run(
      argv.includes('--config') ? argv : [argv[0]!, '--config', file, ...argv.slice(1)],
      { ...OPERATOR, AWS_ENDPOINT_URL: endpoint, ...env },
      { interruptAt, screen },
      pacer,
    );
  const sandbox: Sandbox = {
    world,
    proven,
    endpoint,
    configuration: file,
    rollouts,
    elsewhere: (argv, env = {}) =>
      run(argv, { ...OPERATOR, AWS_ENDPOINT_URL: endpoint, ...env }, { interruptAt: undefined, screen: {} }, pacer),
    pass: (seconds) => pacer.sleep(seconds * 1000, stop.signal),
    async until(isSo) {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    async json<T>(...argv: string[]) {
      const { out, err } = await rollouts([...argv, '--json']);
      if (out === '') throw new Error(err);
      return JSON.parse(out) as T;
    },
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await pacer.stopped;
    rmSync(directory, { recursive: true, force: true });
    for (const other of worlds.slice(1)) expect(await other.audit()).toEqual([]);
    await closeAudited(world);
  };
  return { sandbox, worlds, end };
}

/** As in the other scenarios. */
const SERVICE = {
  repository: 'team/api',
  container: 'api',
  tag: { exact: 'live' },
  cluster: 'prod',
  service: 'api',
  bakeTimeSeconds: 60,
};

/** Lets the world's time pass: slowly by itself, and at once as far as somebody sleeps. */
function pace({ region: { kernel } }: World, signal: AbortSignal): Clock & { readonly stopped: Promise<void> } {
  const [virtualStart, realStart] = [kernel.now, performance.now()];
  let slept = 0;
  const target = (): number => virtualStart + Math.floor((performance.now() - realStart) * SPEED) + slept;
  const pass = async (): Promise<void> => {
    while (!signal.aborted) {
      while (!signal.aborted && (await kernel.step(target())));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  return {
    now: () => kernel.now,
    async sleep(ms, interrupted) {
      const until = kernel.now + ms;
      slept += ms;
      while (kernel.now < until && !signal.aborted && !interrupted.aborted)
        await new Promise((resolve) => setTimeout(resolve, 1));
    },
    stopped: pass(),
  };
}

async function run(
  argv: readonly string[],
  env: Terminal['env'],
  { interruptAt, screen }: { readonly interruptAt: RegExp | undefined; readonly screen: Screen },
  clock: Clock,
): Promise<Ran> {
  let [out, err] = ['', ''];
  let interrupt = (): void => {};
  const interrupted = new Promise<void>((resolve) => (interrupt = resolve));
  const code = await main(argv, {
    out: {
      ...screen,
      write(text) {
        out += text;
        if (interruptAt?.test(out)) interrupt();
      },
    },
    err: { write: (text) => (err += text) },
    env,
    clock,
    interrupted: () => interrupted,
  });
  if (argv.includes('--json')) await documentsIn(argv, out);
  return { code, out, err };
}

/** The permissions that README lists beside the verbs of the chosen rows. */
export function listedPermissions(isChosen: (verbs: string) => boolean): string[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const section = readme.slice(readme.indexOf('## Operate'), readme.indexOf('## Rehearse'));
  const rows = [...section.matchAll(/^\| (`[^|]*)\|(.*)\|$/gm)].filter(([, verbs = '']) => isChosen(verbs));
  return rows.flatMap(([, , calls = '']) => [...calls.matchAll(/`(\w+:\w+)`/g)].map(([, action]) => action!));
}
