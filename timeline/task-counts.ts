/** The tasks of one ECS deployment. */
export interface DeploymentCounts {
  readonly id: string;
  /** `api:42`, or its ARN. */
  readonly revision: string;
  readonly running: number;
  readonly pending: number;
  /** What is known of it beside: `old` was there before what is told began, `back` puts back what was. */
  readonly age?: 'old' | 'back' | undefined;
}

/** Tells counts as `new :3 1 running 1 pending, old :2 2 running`; the PRIMARY deployment comes first. It remembers returns. */
export function taskCounts(): (deployments: readonly DeploymentCounts[]) => string {
  const returning = new Set<string>();
  let former: DeploymentCounts | undefined;
  return (deployments) => {
    const [primary, ...others] = deployments;
    // Once the later revision has drained, only memory tells that the PRIMARY one is a return to an earlier revision.
    const before = former === undefined ? others : [former, ...others];
    const isReturn = before.some(({ revision }) => numberOf(revision) > numberOf(primary!.revision));
    if (isReturn) returning.add(primary!.id);
    former = primary;
    const ageOf = (id: string): string => {
      if (id !== primary!.id) return 'old';
      return returning.has(id) ? 'back' : (primary!.age ?? 'new');
    };
    return deployments
      .filter(({ id, running, pending }) => id === primary!.id || running + pending > 0)
      .map(({ id, revision, running, pending }) => {
        const waiting = pending > 0 ? ` ${pending} pending` : '';
        return `${ageOf(id)} :${numberOf(revision)} ${running} running${waiting}`;
      })
      .join(', ');
  };
}

function numberOf(revision: string): number {
  return Number(revision.slice(revision.lastIndexOf(':') + 1));
}
