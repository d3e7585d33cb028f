import type { RolloutDocument } from '../documents.ts';
import { roleOf } from '../../picture/families.ts';
import { trialTasks } from './rollout-facts.ts';
import { median } from './words.ts';

/** Where the time of a rollout goes, in the order in which it does. */
export const ANATOMY_PARTS = ['ours', 'capacity', 'pull', 'start', 'health', 'drain', 'bake'] as const;
export type AnatomyPart = (typeof ANATOMY_PARTS)[number];
export type Anatomy = Readonly<Record<AnatomyPart, number>>;

/** What each part is called, and what shortens it; undefined where nothing does. */
export const PART_WORDS: Readonly<Record<AnatomyPart, { readonly name: string; readonly remedy?: string }>> = {
  ours: { name: 'decisions and changes' },
  capacity: { name: 'waiting for capacity' },
  pull: { name: 'pulling the image', remedy: 'A smaller image, or lazy loading with SOCI, shortens it.' },
  start: { name: 'starting', remedy: 'What the container does before it is up takes this long.' },
  health: {
    name: 'health checks',
    remedy: 'A shorter interval of the health check, or fewer healthy results that the target group wants, shorten it.',
  },
  drain: {
    name: 'draining and stopping',
    remedy: 'deregistration_delay.timeout_seconds of the target group, and stopTimeout of the container, shorten it.',
  },
  bake: { name: 'bake' },
};

/** Where the time went, seconds in the median of its tasks; undefined for a rollout that did not succeed, or whose tasks are not known. */
export function anatomyOf({ chronicle, record, bake }: RolloutDocument): Anatomy | undefined {
  const trial = trialTasks(chronicle).filter(({ healthyAt }) => healthyAt !== undefined);
  if (record?.outcome !== 'SUCCEEDED' || trial.length === 0) return undefined;
  const between = (
    from: 'createdAt' | 'pullStartedAt' | 'pullStoppedAt' | 'startedAt',
    to: 'pullStartedAt' | 'pullStoppedAt' | 'startedAt' | 'healthyAt',
  ): number =>
    median(
      trial.flatMap((task) => (task[from] === undefined || task[to] === undefined ? [] : [task[to] - task[from]])),
    ) ?? 0;
  const old = chronicle.tasks.filter(
    ({ deploymentId }) => roleOf(chronicle, { from: 0 }, deploymentId).words === 'ran before',
  );
  const leaving = old.flatMap(({ stoppingAt, executionStoppedAt }) =>
    stoppingAt === undefined || executionStoppedAt === undefined ? [] : [executionStoppedAt - stoppingAt],
  );
  const states = chronicle.rollouts[0]!.states;
  const waits = states.filter(({ name }) => /^(Await|Bake|LetFinish)/.test(name));
  const waited = waits.reduce((total, { enteredAt, leftAt = chronicle.endedAt }) => total + leftAt - enteredAt, 0);
  return {
    ours: Math.max(0, chronicle.endedAt - waited),
    capacity: between('createdAt', 'pullStartedAt'),
    pull: between('pullStartedAt', 'pullStoppedAt'),
    start: between('pullStoppedAt', 'startedAt'),
    health: between('startedAt', 'healthyAt'),
    drain: median(leaving) ?? 0,
    bake: states.some(({ name }) => name === 'Bake') ? (bake?.seconds ?? 0) : 0,
  };
}

/** The longest part that a setting shortens; undefined where there is none. */
export function longestPart(anatomy: Anatomy): AnatomyPart | undefined {
  return ANATOMY_PARTS.filter((part) => PART_WORDS[part].remedy !== undefined && anatomy[part] > 0).sort(
    (one, other) => anatomy[other] - anatomy[one],
  )[0];
}
