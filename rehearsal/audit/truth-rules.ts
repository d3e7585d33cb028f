import type { RecordView } from '../cell/ledger-view.ts';
import type { TaskTruth } from '../../region/ecs/ecs.ts';
import type { Evidence } from './evidence.ts';
import { entriesOf } from './trail.ts';

/** A function looks and writes its verdict within its time-out: what it saw was so at some moment of that. */
const LOOK_MS = 30_000;

/** Proofs of what never was: the verdict says that every task runs the image and is sound, and at no moment before it that was so. */
export function truthViolations(evidence: Evidence): string[] {
  const { records, ledger, before } = evidence;
  return [...records, ...(ledger?.outbox ?? [])]
    .filter(({ outcome, rolloutId }) => outcome === 'SUCCEEDED' && !before.rolloutIds.includes(rolloutId))
    .flatMap((record) => untrueProof(evidence, record));
}

function untrueProof(evidence: Evidence, { rolloutId, image }: RecordView): string[] {
  const judgedAt = verdictOf(evidence, rolloutId);
  if (judgedAt === undefined)
    return [`Rollout ${rolloutId} ended SUCCEEDED, and the ledger never held a verdict that says so.`];
  const digest = image?.digest ?? '';
  const admitted = [digest, ...(evidence.children[digest] ?? [])];
  const moments = momentsOf(evidence, judgedAt);
  if (moments.some((tasks) => isProven(evidence, tasks, admitted))) return [];
  const counted = Math.max(0, ...moments.map((tasks) => countSound(evidence, tasks, admitted)));
  const wanted = wantedOf(moments.at(-1) ?? []).count;
  return [
    `Rollout ${rolloutId} ended SUCCEEDED, and of ${wanted} tasks at most ${counted} truly ran ${digest} and were sound before its verdict.`,
  ];
}

/** When the verdict was written that the rollout ended by: the last one, since a bake's follows that of its steady state. */
function verdictOf({ trail }: Evidence, rolloutId: string): number | undefined {
  return entriesOf(trail, 'state').findLast(
    ({ state: { owner } }) => owner?.rolloutId === rolloutId && owner.phase.verdict?.word === 'steady',
  )?.at;
}

/** The tasks that there were at every moment of the look, the earliest first. */
function momentsOf({ trail }: Evidence, judgedAt: number): TaskTruth[][] {
  const tasks = new Map<string, TaskTruth>();
  const moments: TaskTruth[][] = [];
  for (const { at, task } of entriesOf(trail, 'task')) {
    if (at > judgedAt) break;
    if (moments.length === 0 && at >= judgedAt - LOOK_MS) moments.push([...tasks.values()]);
    // Tasks that stay when the service is scaled in do not change; those that go tell how many it wants since.
    const { desiredCount } = task;
    for (const [taskArn, one] of tasks) tasks.set(taskArn, { ...one, desiredCount });
    if (task.lastStatus === 'STOPPED') tasks.delete(task.taskArn);
    else tasks.set(task.taskArn, task);
    if (at >= judgedAt - LOOK_MS) moments.push([...tasks.values()]);
  }
  return moments.length > 0 ? moments : [[...tasks.values()]];
}

/** As many sound tasks as are wanted, and none that is to stay runs anything else, unless such may go later. */
function isProven(evidence: Evidence, tasks: readonly TaskTruth[], admitted: readonly string[]): boolean {
  const kept = tasks.filter(({ desiredStatus, lastStatus }) => desiredStatus === 'RUNNING' && lastStatus === 'RUNNING');
  const { count, mayOthersStay } = wantedOf(tasks);
  const isUniform = mayOthersStay || kept.every((task) => runs(evidence, task, admitted));
  return isUniform && countSound(evidence, tasks, admitted) >= count;
}

function countSound(evidence: Evidence, tasks: readonly TaskTruth[], admitted: readonly string[]): number {
  return tasks.filter((task) => task.isSound && runs(evidence, task, admitted)).length;
}

/** Every configured container is up and runs the image. */
function runs({ containers }: Evidence, task: TaskTruth, admitted: readonly string[]): boolean {
  return containers.every((name) => {
    const container = task.containers.find((one) => one.name === name);
    return container?.isRunning === true && admitted.includes(container.imageDigest ?? '');
  });
}

/** As the service wanted it when a task last changed, which may be less than all by its early success criteria; nobody wants none and calls it proven. */
function wantedOf(tasks: readonly TaskTruth[]): { readonly count: number; readonly mayOthersStay: boolean } {
  const [newest] = [...tasks].sort((one, other) => other.at - one.at);
  const { neededCount, isDeferred = false } = newest?.earlySuccess ?? {};
  return { count: Math.max(1, neededCount ?? newest?.desiredCount ?? 1), mayOthersStay: isDeferred };
}
