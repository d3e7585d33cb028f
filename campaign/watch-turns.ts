import type { Happenings, Reported } from './happenings.ts';

/** Executions that ended SUPERSEDED although nothing newer had come: no later push, no later wish of a person, no later tick. */
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
    const isAutomatic = push !== undefined || own.isTick;
    // A person goes before any push, and after no other; what a tick starts goes after all of them.
    const byOther = others.some((other) => {
      const otherEnd = ends.findLast(({ rollout }) => rollout === other.rollout)?.at ?? Infinity;
      if ((other.push !== undefined && !isReplay(other, { starts, pushes })) || otherEnd < own.at) return false;
      const goesBefore = isAutomatic && !other.isTick;
      return goesBefore || (other.at >= own.at && (isAutomatic || !other.isTick));
    });
    const byPush =
      isAutomatic &&
      pushes.some(
        ({ at, tag, digest }) =>
          isSelected(tag) && digest !== push?.digest && at >= (pushed?.at ?? own.at) && at <= end.at,
      );
    if (byOther || byPush) return [];
    const name = executionArn.slice(executionArn.lastIndexOf(':') + 1);
    return [
      `turn: Rollout ${name} of ${push?.tag ?? (own.isTick ? 'a tick' : 'a person')} ended SUPERSEDED, and nothing newer had come.`,
    ];
  });
}

/** Whether a person started an execution with the event of a push: it began before with each that ECR has told of. */
function isReplay(
  { push, at }: Happenings['starts'][number],
  { starts, pushes }: Pick<Happenings, 'starts' | 'pushes'>,
): boolean {
  const isOfIt = (one: Reported | undefined): boolean => one?.digest === push?.digest && one?.tag === push?.tag;
  const begun = starts.filter((start) => start.at < at && isOfIt(start.push)).length;
  return begun >= pushes.filter((pushed) => pushed.at <= at && isOfIt(pushed)).length;
}
