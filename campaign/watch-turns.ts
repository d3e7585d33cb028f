import type { Happenings } from './happenings.ts';

/** Executions that ended SUPERSEDED although nothing newer had come: no later push, no later wish of a person. */
export function supersededByNothing(
  { starts, ends, pushes }: Pick<Happenings, 'starts' | 'ends' | 'pushes'>,
  rollouts: readonly { readonly executionArn: string; readonly outcome: string }[],
  isSelected: (tag: string) => boolean,
): string[] {
  return rollouts.flatMap(({ executionArn, outcome }) => {
    const own = starts.find(({ rollout }) => rollout === executionArn);
    const end = ends.findLast(({ rollout }) => rollout === executionArn);
    if (outcome !== 'SUPERSEDED' || !own || !end) return [];
    const { push } = own;
    const pushed =
      push && pushes.findLast(({ digest, tag, at }) => digest === push.digest && tag === push.tag && at <= own.at);
    const others = starts.filter(({ rollout, at }) => rollout !== executionArn && at <= end.at);
    // A person goes before any push, and after no other.
    const byPerson = others.some((other) => {
      const otherEnd = ends.findLast(({ rollout }) => rollout === other.rollout)?.at ?? Infinity;
      return (
        other.push === undefined && !other.isTick && otherEnd >= own.at && (push !== undefined || other.at >= own.at)
      );
    });
    const byPush =
      push !== undefined &&
      pushes.some(
        ({ at, tag, digest }) =>
          isSelected(tag) && digest !== push.digest && at >= (pushed?.at ?? own.at) && at <= end.at,
      );
    if (byPerson || byPush) return [];
    const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
    return [`turn: Rollout ${name} of ${push?.tag ?? 'a person'} ended SUPERSEDED, and nothing newer had come.`];
  });
}
