import type { PutItemInput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { World } from '../rehearsal/world.ts';
import type { TaskTruth } from '../region/ecs/ecs.ts';

/** What is so when a rollout is said to be back; times are milliseconds since the epoch. */
export interface Back {
  readonly record: Pick<RecordView, 'rolloutId' | 'outcome' | 'taskDefinition' | 'startedAt'>;
  /** The revision on the service. */
  readonly primary: string;
  /** Whether somebody else has deployed since the rollout began. */
  readonly isForeign: boolean;
  readonly desiredCount: number;
  /** When as many tasks of it as were wanted were last sound, all at once. */
  readonly soundAt: number | undefined;
}

const BACK = ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS'];

/** Looks, whenever a rollout is said to be back, what truly runs; the answer tells of those that were not. */
export function watchBack(world: World): () => string[] {
  const { region, cell, config } = world;
  const { cluster, serviceName } = config;
  const soundAt = followSound(world);
  const told = new Set<string>();
  const found: string[] = [];
  let foreignAt = 0;
  region.onApplied(({ at, caller, service, operation, input }) => {
    if (service === 'ecs' && operation === 'UpdateService' && caller?.kind !== 'role') foreignAt = at;
    const record = operation === 'PutItem' ? recordIn(input as PutItemInput, cell.outputs['LedgerTable']) : undefined;
    if (!record || !BACK.includes(record.outcome) || told.has(record.rolloutId)) return;
    told.add(record.rolloutId);
    const { desiredCount, deployments } = region.ecs.serviceView(cluster, serviceName);
    const primary = deployments[0]?.revision ?? 'nothing';
    const isForeign = foreignAt >= record.startedAt;
    found.push(...notBack({ record, primary, isForeign, desiredCount, soundAt: soundAt(primary, desiredCount) }));
  });
  return () => found;
}

function recordIn({ TableName, Item = {} }: PutItemInput, table: string | undefined): RecordView | undefined {
  const { entry, ...record } = unmarshall(Item);
  return TableName === table && String(entry).startsWith('ended#') ? (record as RecordView) : undefined;
}

/** When all wanted tasks of a revision were last sound at once: now, or at the last change of any. */
function followSound({ region, config }: World): (revision: string, desiredCount: number) => number | undefined {
  const tasks = new Map<string, TaskTruth>();
  const lastSound = new Map<string, number>();
  const countSound = (revision: string): number =>
    [...tasks.values()].filter((task) => task.isSound && nameOf(task.taskDefinition) === revision).length;
  const hear = (task: TaskTruth): void => {
    if (task.cluster !== config.cluster || task.service !== config.serviceName) return;
    // As it was until now, and as it is.
    const revisions = new Set([...tasks.values()].map(({ taskDefinition }) => nameOf(taskDefinition)));
    for (const isAfter of [false, true]) {
      if (isAfter && task.lastStatus === 'STOPPED') tasks.delete(task.taskArn);
      else if (isAfter) tasks.set(task.taskArn, task);
      for (const one of revisions.add(nameOf(task.taskDefinition)))
        if (countSound(one) >= task.desiredCount) lastSound.set(one, task.at);
    }
  };
  region.ecs.truth().forEach(hear);
  region.ecs.onTruth(hear);
  return (revision, desiredCount) =>
    countSound(revision) >= desiredCount ? region.kernel.now : lastSound.get(revision);
}

function nameOf(arn = ''): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** Rollouts that are said to be back while their own revision is on the service, or another that was not sound since they began. */
export function notBack({ record, primary, isForeign, desiredCount, soundAt = 0 }: Back): string[] {
  const { rolloutId, outcome, taskDefinition, startedAt } = record;
  if (isForeign || desiredCount === 0) return [];
  if (primary === nameOf(taskDefinition))
    return [`back: Rollout ${rolloutId} ended ${outcome}, and its own revision ${primary} is on the service.`];
  if (soundAt >= startedAt) return [];
  return [
    `back: Rollout ${rolloutId} ended ${outcome}, and ${desiredCount} tasks of ${primary} were never sound at once.`,
  ];
}
