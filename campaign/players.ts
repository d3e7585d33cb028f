import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Plan } from './plan.ts';
import { lostPlan, type Played } from './play-plan.ts';

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
export const NODE_FLAGS = ['--always-sparkplug', '--max-semi-space-size=64', '--import', 'tsx'];

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

/** As many processes as are needed and at most so many; `worker` is the module that each runs. */
export function startPlayers(jobs: number, worker: string = WORKER): Players {
  const waiting: Handed[] = [];
  const running = new Map<ChildProcess, Handed | undefined>();
  let isClosed = false;
  const handOver = (): void => {
    while (waiting.length > 0) {
      const idle = [...running].find(([, handed]) => handed === undefined)?.[0];
      const child = idle ?? (running.size < jobs ? start() : undefined);
      if (child === undefined) return;
      const next = waiting.shift()!;
      running.set(child, next);
      // Of one that is gone already, its end tells.
      child.send(next.plan, () => undefined);
    }
  };
  const start = (): ChildProcess => {
    // Maps come back as Maps.
    const child = fork(worker, { serialization: 'advanced', execArgv: NODE_FLAGS });
    running.set(child, undefined);
    const isOver = (how: string): void => {
      const handed = running.get(child);
      if (!running.delete(child) || isClosed) return;
      if (child.connected) child.disconnect();
      handed?.ended(lostPlan(handed.plan, `end: The process that played it ended with ${how}.`));
      handOver();
    };
    child.on('message', (played: Played) => {
      running.get(child)?.ended(played);
      running.set(child, undefined);
      handOver();
    });
    child.on('exit', (code, signal) => isOver(`${signal ?? code}`));
    // Also one that could not even be started.
    child.on('error', (error) => isOver(String(error)));
    return child;
  };
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
