import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Plan } from './plan.ts';
import type { Played } from './play-plan.ts';

/** Plays a plan somewhere. */
export type Play = (plan: Plan) => Promise<Played>;

/** Processes that play plans side by side. */
export interface Players {
  /** Plays it in the first process that is free. */
  readonly play: Play;
  /** Ends them all, in the midst of what they play. */
  close(): void;
}

const WORKER = join(import.meta.dirname, 'worker.ts');
/** Those of `npm run campaign`. */
const NODE_FLAGS = ['--always-sparkplug', '--max-semi-space-size=64', '--import', 'tsx'];

/** A process has to synthesize the settings anew, which takes as long as some hundred rollouts. */
const ROLLOUTS_PER_JOB = 1_000;

/** How many processes are worth it. */
export function jobsFor(rollouts: number, processors: number): number {
  return Math.min(processors, Math.ceil(rollouts / ROLLOUTS_PER_JOB));
}

/** A plan that is or will be played, and whom to tell. */
interface Handed {
  readonly plan: Plan;
  readonly ended: (played: Played) => void;
}

/** Starts so many processes; `worker` is the module that each runs. */
export function startPlayers(jobs: number, worker: string = WORKER): Players {
  const waiting: Handed[] = [];
  const running = new Map<ChildProcess, Handed | undefined>();
  let hasPlayed = false;
  let isClosed = false;
  const handOver = (): void => {
    for (const [child, handed] of running) {
      if (handed !== undefined) continue;
      const next = waiting.shift();
      if (next === undefined) return;
      running.set(child, next);
      child.send(next.plan);
    }
  };
  const start = (): void => {
    // Maps come back as Maps.
    const child = fork(worker, { serialization: 'advanced', execArgv: NODE_FLAGS });
    running.set(child, undefined);
    child.on('message', (played: Played) => {
      hasPlayed = true;
      running.get(child)?.ended(played);
      running.set(child, undefined);
      handOver();
    });
    child.on('exit', (code, signal) => {
      const handed = running.get(child);
      running.delete(child);
      if (isClosed) return;
      // Processes that cannot play at all would be started for ever.
      if (!hasPlayed)
        throw new Error(`a process that plays plans ended with ${signal ?? code} before it had played any`);
      handed?.ended(lostWith(handed.plan, `${signal ?? code}`));
      start();
      handOver();
    });
  };
  for (let job = 0; job < jobs; job++) start();
  return {
    play: (plan) =>
      new Promise((ended) => {
        waiting.push({ plan, ended });
        handOver();
      }),
    close() {
      isClosed = true;
      for (const child of running.keys()) if (child.connected) child.disconnect();
    },
  };
}

/** What never comes to an end is a violation, too. */
function lostWith(plan: Plan, how: string): Played {
  return {
    plan,
    violations: [`end: The process that played it ended with ${how}.`],
    rollouts: 0,
    met: new Map(),
    meetable: [],
    traceDigest: '',
    virtualSeconds: 0,
    cpuMs: { opening: 0, playing: 0, auditing: 0 },
  };
}
