import type { TaskFacts } from './service-facts.ts';
import { classifyStop, type StopCause } from './stopped-task.ts';
import type { Watch } from './watch.ts';

/** Why tasks of the watched deployment stopped, oldest first: ECS lists them in no order. */
export function causesOf(
  stopped: readonly TaskFacts[],
  watch: Pick<Watch, 'deploymentId' | 'since' | 'containers'>,
): StopCause[] {
  const ours = stopped.filter((task) => isOurStop(task, watch));
  return ours.sort((a, b) => stoppedAt(a) - stoppedAt(b)).map((task) => classifyStop(task, watch.containers));
}

function isOurStop(task: TaskFacts, { deploymentId, since }: Pick<Watch, 'deploymentId' | 'since'>): boolean {
  return task.startedBy === deploymentId && stoppedAt(task) >= since;
}

/** One that ECS does not date is stopping now. */
function stoppedAt({ stoppedAt: at = Number.MAX_SAFE_INTEGER }: TaskFacts): number {
  return at;
}

/** Whether a stop speaks of trouble of AWS, the network or a registry, which passes and is nobody's fault. */
export function isTrouble({ blame }: StopCause): boolean {
  return blame === 'capacity';
}

/** The cause that counts where a deployment was given up: what is the image's from `crashes` crashes on, then trouble, then the rest. */
export function decisiveCause(causes: readonly StopCause[], crashes: number): StopCause | undefined {
  const own = causes.filter(({ blame }) => blame === 'crash' || blame === 'deterministic');
  const isTheirs = own.length >= crashes || own.some(({ blame }) => blame === 'deterministic');
  return (isTheirs ? undefined : causes.findLast(isTrouble)) ?? own.at(-1);
}
