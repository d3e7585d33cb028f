import type { Chronicle } from './chronicle.ts';
import type { Episode } from './episodes.ts';
import { inFamilies, roleOf, type Family } from './families.ts';
import { stagesOf } from './stages.ts';

/** How many tasks serve from a moment on, and how many are wanted. */
export interface Served {
  readonly at: number;
  readonly counts: Readonly<Record<Family, number>>;
  readonly desiredCount: number;
}

/** What served in an episode, from one change to the next. */
export function servedIn(chronicle: Chronicle, episode: Episode): Served[] {
  const { from, to, tasks } = episode;
  const serving = tasks.flatMap((task) =>
    stagesOf(task, from, to)
      .filter(({ name }) => name === 'serving')
      .flatMap((stage) => inFamilies(stage, roleOf(chronicle, episode, task.deploymentId))),
  );
  const changes = [
    from,
    ...serving.flatMap((stage) => [stage.from, stage.to]),
    ...chronicle.desiredCounts.map(({ at }) => at),
  ].filter((at) => at >= from && at <= to);
  return [...new Set(changes)]
    .sort((one, other) => one - other)
    .map((at) => ({
      at,
      counts: countsAt(serving, at, to),
      desiredCount: chronicle.desiredCounts.findLast((one) => one.at <= at)?.count ?? 0,
    }));
}

function countsAt(
  serving: readonly { readonly from: number; readonly to: number; readonly family: Family }[],
  at: number,
  end: number,
): Served['counts'] {
  // What serves at the end of an episode goes on to.
  const now = serving.filter((stage) => stage.from <= at && (stage.to > at || (at === end && stage.to === end)));
  const count = (family: Family): number => now.filter((stage) => stage.family === family).length;
  return { proven: count('proven'), trial: count('trial'), foreign: count('foreign') };
}

/** All of them together. */
export function totalOf({ counts }: Served): number {
  return counts.proven + counts.trial + counts.foreign;
}
