import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { checkConfiguration } from '../../configuration/check-configuration.ts';
import type { ServiceConfiguration } from '../../configuration/configuration.ts';
import { synthesize, type SynthesizeOptions } from '../../infra/synthesize.ts';
import { keep, type Openings } from '../../rehearsal/openings.ts';
import { openWorld, openWorlds, type World, type WorldOptions } from '../../rehearsal/world.ts';
import { doorHere } from './doors.ts';

/** The service of every scenario, unless a file configures another one: one tag, one container, a bake of a minute. */
const SERVICE: ServiceConfiguration = {
  repository: 'team/api',
  container: 'api',
  tag: { exact: 'live' },
  cluster: 'prod',
  service: 'api',
  bakeTimeSeconds: 60,
};

/** Assemblies by configuration, for all files of a worker; on disk for those of the other workers, too. */
const assemblies = new Map<string, Promise<string>>();

/** Regions of this worker as they were when they had become steady: to open one anew costs more than many a rollout. */
const OPENINGS: Openings = { deployed: keep(50), settled: keep(50) };

/** Files whose worlds have one chance from their first act on, and why. */
const OPENED_ANEW: Readonly<Record<string, string>> = {
  'determinism.test.ts': 'everything that a seed gives is compared, the opening included',
  'forgotten-worlds.test.ts': 'what is kept of an opening would be among what stays of a world',
  'proven-image.test.ts': 'two worlds are compared task by task, whose order is chance',
};

/** How worlds are opened here: by the door of the file, and from what was kept unless the opening matters. */
function opening(options: WorldOptions): WorldOptions {
  const { onTrace, policy, tables } = options;
  const hasOwn = onTrace !== undefined || policy !== undefined || tables !== undefined;
  const isAnew = hasOwn || basename(expect.getState().testPath ?? '') in OPENED_ANEW;
  return { door: doorHere(), ...(!isAnew && { openings: OPENINGS }), ...options };
}

/** Opens worlds on the synthesized stacks of that service, and of others beside it; worlds are closed when their test ends. */
export function setting(
  changes: Partial<ServiceConfiguration> = {},
  others: readonly ServiceConfiguration[] = [],
): (options?: Omit<WorldOptions, 'assembly'>) => Promise<World> {
  return async (options = {}) => openAudited({ assembly: await assemblyOf(changes, others), ...options });
}

/** Opens a world that is closed when its test ends. */
export async function openAudited(options: WorldOptions): Promise<World> {
  const world = await openWorld(opening(options));
  onTestFinished(() => closeAudited(world));
  return world;
}

/** Opens the worlds of all services of an assembly, which share a region; audited and closed when their test ends. */
export async function openAuditedTogether(options: WorldOptions): Promise<readonly World[]> {
  const worlds = await openWorlds(opening(options));
  onTestFinished(async () => {
    try {
      for (const world of worlds) {
        // Who looks keeps to the published rates of requests, too.
        await world.advance(1);
        expect(await world.audit()).toEqual([]);
      }
    } finally {
      await worlds[0]!.close();
    }
  });
  return worlds;
}

/** Opens one world on the scenarios' service for all tests of a file, and audits and closes it after the last. */
export function shareWorld(take: (world: World) => void): void {
  let opened: World | undefined;
  beforeAll(async () => {
    opened = await openWorld(opening({ assembly: await assemblyOf({}) }));
    take(opened);
  });
  afterAll(() => opened && closeAudited(opened));
}

/** Acts in a world of its own, which is closed at once, and fails when anything in it is not as it should be in any. */
export async function inWorld<Result>(act: (world: World) => Promise<Result>, options: WorldOptions): Promise<Result> {
  const { result, violations } = await inAnyWorld(act, options);
  expect(violations).toEqual([]);
  return result;
}

/** As {@link inWorld}, for who tells by itself what is wrong: answers what the audit finds instead of failing. */
export async function inAnyWorld<Result>(
  act: (world: World) => Promise<Result>,
  options: WorldOptions,
): Promise<{ readonly result: Result; readonly violations: readonly string[] }> {
  const world = await openWorld(opening(options));
  try {
    return { result: await act(world), violations: await world.audit() };
  } finally {
    await world.close();
  }
}

/** Closes a world, and fails the test when anything in it is not as it should be in any. */
export async function closeAudited(world: World): Promise<void> {
  try {
    expect(await world.audit()).toEqual([]);
  } finally {
    await world.close();
  }
}

/** The cloud assembly of that service, synthesized once. */
export function assemblyOf(
  changes: Partial<ServiceConfiguration>,
  others: readonly ServiceConfiguration[] = [],
): Promise<string> {
  const key = JSON.stringify([changes, others]);
  const assembly = assemblies.get(key) ?? sharedAssembly(key, changes, others);
  assemblies.set(key, assembly);
  return assembly;
}

/** Synthesis costs more than most scenarios: whoever comes second in a run takes what the first one has left. */
async function sharedAssembly(key: string, ...of: Parameters<typeof assemblyOf>): Promise<string> {
  const shared = join(tmpdir(), `assembly-${createHash('sha256').update(key).digest('hex')}`);
  if (existsSync(shared)) return shared;
  const mine = await synthesizeSetting(scratchDirectory(), ...of);
  try {
    // All of it or nothing; nobody writes into an assembly.
    renameSync(mine, shared);
    return shared;
  } catch {
    return mine;
  }
}

/** A directory that goes with the run of the tests. */
export function scratchDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'rollouts-scenario-'));
}

/** Synthesizes the stack of that service, for both doors; answers the cloud assembly's directory. */
export function synthesizeSetting(
  directory: string,
  changes: Partial<ServiceConfiguration> = {},
  others: readonly ServiceConfiguration[] = [],
  build: Pick<SynthesizeOptions, 'definitionFile' | 'functionsDirectory'> = {},
): Promise<string> {
  const services = [{ ...SERVICE, ...changes }, ...others];
  return synthesize(checkConfiguration({ services }, 'test'), { outdir: directory, withoutSdk: true, ...build });
}

/** Pushes a healthy image and plays the rollout that proves it; `proveAnImage` leaves the same without one. Answers its digest. */
export async function rollAnImage(world: World): Promise<string> {
  const digest = await world.push();
  const { outcome } = await world.untilRolloutEnds();
  if (outcome !== 'SUCCEEDED') throw new Error(`the first image ended ${outcome}`);
  await world.untilIdle();
  return digest;
}

/** The states of a path, without immediate repetitions: how often a state waits is seldom the point. */
export function once(path: readonly string[]): string[] {
  return path.filter((state, index) => state !== path[index - 1]);
}
