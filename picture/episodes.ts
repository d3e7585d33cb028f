import type { Chronicle, ChronicledEvent, ChronicledRollout, ChronicledTask } from './chronicle.ts';
import { leavingAt } from './stages.ts';

/** A stretch in which something goes on, between two in which nothing does: one picture. */
export interface Episode {
  /** Seconds. */
  readonly from: number;
  readonly to: number;
  readonly rollouts: readonly NumberedRollout[];
  /** Those that there are meanwhile. */
  readonly tasks: readonly ChronicledTask[];
  /** Numbered from 1. */
  readonly events: readonly ChronicledEvent[];
  /** Everything that changes, seconds, in order. */
  readonly moments: readonly number[];
}

/** A rollout, and its number among all, from 1. */
export interface NumberedRollout {
  readonly number: number;
  readonly rollout: ChronicledRollout;
}

/** So long nothing happens and no rollout runs between two episodes. */
const REST_SECONDS = 600;

/** The episodes of a chronicle, in order. */
export function episodesOf(chronicle: Chronicle): Episode[] {
  const moments = [...new Set(momentsOf(chronicle))].sort((one, other) => one - other);
  const stretches: number[][] = [];
  for (const moment of moments) {
    const last = stretches.at(-1);
    const before = last?.at(-1);
    if (last && before !== undefined && (moment - before < REST_SECONDS || isRolling(chronicle, before, moment))) {
      last.push(moment);
    } else stretches.push([moment]);
  }
  return stretches.map((stretch) => episodeOf(chronicle, stretch)).filter(isTold);
}

/** Everything that changes: of rollouts, tasks, events and the number of tasks that is wanted; not what was before it all began. */
function momentsOf(chronicle: Chronicle): number[] {
  const { rollouts, tasks, events, desiredCounts } = chronicle;
  return [
    ...rollouts.flatMap(({ startedAt, endedAt, states }) => [
      startedAt,
      endedAt,
      ...states.flatMap(({ enteredAt, leftAt }) => [enteredAt, leftAt]),
    ]),
    ...tasks.flatMap((task) => [
      task.createdAt,
      task.pullStartedAt,
      task.pullStoppedAt,
      task.startedAt,
      task.healthyAt,
    ]),
    ...tasks.flatMap((task) => [leavingAt(task), task.drainingAt, task.drainedAt, task.stoppedAt]),
    ...events.flatMap(({ at, until }) => [at, until]),
    ...desiredCounts.slice(1).map(({ at }) => at),
  ].filter((moment): moment is number => moment !== undefined && moment >= 0);
}

/** Some rollout runs from the one moment to the other. */
function isRolling({ rollouts, endedAt: now }: Chronicle, from: number, to: number): boolean {
  return rollouts.some(({ startedAt, endedAt = now }) => startedAt <= from && endedAt >= to);
}

function episodeOf({ rollouts, tasks, events, endedAt: now }: Chronicle, moments: readonly number[]): Episode {
  const [from = 0, to = from] = [moments[0], moments.at(-1)];
  const isMeanwhile = (start: number, end: number): boolean => start <= to && end >= from;
  const numbered = rollouts.map((rollout, index) => ({ number: index + 1, rollout }));
  return {
    from,
    to,
    moments,
    rollouts: numbered.filter(({ rollout }) => isMeanwhile(rollout.startedAt, rollout.endedAt ?? now)),
    tasks: tasks.filter(({ createdAt = -Infinity, stoppedAt = Infinity }) => isMeanwhile(createdAt, stoppedAt)),
    events: events.filter(({ at }) => at >= from && at <= to),
  };
}

/** What only one thing happened in has no length, and its rollout or event is told in words. */
function isTold({ from, to, rollouts, events }: Episode): boolean {
  return to > from || rollouts.length > 0 || events.length > 0;
}
