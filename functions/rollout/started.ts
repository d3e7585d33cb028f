import type { DeploymentId, TaskDefinitionArn } from './identifiers.ts';
import { isRollingForward } from './lease.ts';
import { LEDGER_SCHEMA, type Owed, type Owner, type StartedRollout } from './ledger.ts';

/** What was put on the service, and since when. */
interface Rolled {
  readonly taskDefinition: TaskDefinitionArn;
  readonly deploymentId: DeploymentId;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** What is told of a rollout whose revision ECS has taken. */
export function startOf(
  { rolloutId, executionArn, accepted, image, request, isTick, trigger, rollbackTarget, startedAt }: Owner,
  service: string,
  { taskDefinition, deploymentId, since }: Rolled,
): StartedRollout {
  const back = rollbackTarget?.kind === 'revision' ? rollbackTarget : undefined;
  return {
    schema: LEDGER_SCHEMA,
    state: 'STARTED',
    rolloutId,
    executionArn,
    service,
    ...(accepted ?? { reason: 'Accepted', message: 'The rollout was accepted.' }),
    image,
    request,
    isTick,
    trigger,
    taskDefinition,
    deploymentId,
    startedAt,
    rolledAt: since,
    backTo: back && { taskDefinition: back.taskDefinition, digest: back.digest },
  };
}

/** What is still to be sent of a rollout's start; nothing of one that is on its way back, or over: its end tells more. */
export function owedOfStart(owner: Owner, hasReaders: boolean): readonly Owed[] {
  if (!isRollingForward(owner)) return [];
  const all: readonly Owed[] = hasReaders ? ['event', 'message'] : ['event'];
  return all.filter((each) => !owner.toldStart?.includes(each));
}

/** The owner, with what was sent of its start. */
export function withStartTold(owner: Owner, told: readonly Owed[]): Owner {
  return told.length === 0 ? owner : { ...owner, toldStart: [...(owner.toldStart ?? []), ...told] };
}

/** The start of a rollout that has ended, where ECS took its revision and the bus no event of it; else undefined. */
export function startLeftUntold(
  owner: Owner | undefined,
  service: string,
  rolled: Partial<Rolled> | null,
): StartedRollout | undefined {
  const { taskDefinition, deploymentId, since = owner?.startedAt } = rolled ?? {};
  if (owner?.purpose !== 'roll' || owner.toldStart?.includes('event')) return undefined;
  if (!taskDefinition || !deploymentId || since === undefined) return undefined;
  return startOf(owner, service, { taskDefinition, deploymentId, since });
}
