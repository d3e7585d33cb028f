import type { Service, ServiceEvent } from '@aws-sdk/client-ecs';
import { taskCounts } from '../../../timeline/task-counts.ts';
import type { Happening } from './execution-lines.ts';

/** The moments that tell a rollout's own deployments from those before it, milliseconds since the epoch. */
interface RolloutMoments {
  readonly startedAt: number;
  /** When it began to put back what ran before; undefined while it has not. */
  readonly backSince?: number | undefined;
}

/** Tells a service, each time that it is described. */
interface ServiceLines {
  /** What is new of it, as of `now`: ECS's own messages, and task counts when they changed. */
  of(service: Service | undefined, now: number, backSince?: number): Happening[];
  /** The counts that were told last; empty before there were any. */
  tasks(): string;
}

/** Begins to tell what a service does after `since`; all moments in milliseconds since the epoch. */
export function serviceLines(since: number): ServiceLines {
  const told = new Set<string>();
  const counts = taskCounts();
  let last = '';
  const of: ServiceLines['of'] = (service, now, backSince) => {
    const messages = (service?.events ?? []).filter(
      ({ id = '', createdAt }) => !told.has(id) && (createdAt?.getTime() ?? 0) >= since,
    );
    for (const { id = '' } of messages) told.add(id);
    const text = countsText(service, counts, { startedAt: since, backSince });
    const isNews = text !== last && text !== '';
    last = text;
    return [...messages.reverse().map(messageLine), ...(isNews ? [{ at: now, kind: 'tasks' as const, text }] : [])];
  };
  return { of, tasks: () => last };
}

/** The newest moment that ECS itself names. */
export function newestMoment(service: Service | undefined): number {
  const moments = [...(service?.deployments ?? []).map(({ updatedAt }) => updatedAt), service?.events?.[0]?.createdAt];
  return Math.max(0, ...moments.map((moment) => moment?.getTime() ?? 0));
}

/** ECS begins each message with `(service api)`, which goes without saying here, and ends some with a list of task ids. */
function messageLine({ message = '', createdAt }: ServiceEvent): Happening {
  const text = message.replace(/^\(service [^)]*\) /, '').replace(/:(?: \(task [0-9a-f]+\))+/, '');
  return { at: createdAt?.getTime() ?? 0, kind: 'ecs', text };
}

function countsText(
  service: Service | undefined,
  counts: ReturnType<typeof taskCounts>,
  moments: RolloutMoments,
): string {
  const deployments = service?.deployments ?? [];
  const primaryFirst = [...deployments].sort((a, b) => rank(a.status) - rank(b.status));
  if (primaryFirst.length === 0) return '';
  return counts(
    primaryFirst.map(({ id = '', taskDefinition = '', runningCount = 0, pendingCount = 0, createdAt }) => ({
      id,
      revision: taskDefinition,
      running: runningCount,
      pending: pendingCount,
      age: ageOf(createdAt, moments),
    })),
  );
}

/** Whoever looks only later sees no change from which it could be told. */
function ageOf(
  createdAt: Date | undefined,
  { startedAt, backSince = Infinity }: RolloutMoments,
): 'old' | 'back' | undefined {
  if (createdAt === undefined) return undefined;
  if (createdAt.getTime() < startedAt) return 'old';
  return createdAt.getTime() >= backSince ? 'back' : undefined;
}

function rank(status: string | undefined): number {
  return status === 'PRIMARY' ? 0 : 1;
}
