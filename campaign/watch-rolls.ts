import type {
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  UpdateServiceRequest,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import type { World } from '../rehearsal/world.ts';

/** What AWS saw of the rolls of a world; times are milliseconds since the epoch. */
export interface Rolls {
  /** Revisions that were registered for rollouts, oldest first. */
  readonly registered: readonly Registered[];
  /** What put one of them on the service, and the deployment that ECS began with it. */
  readonly put: readonly Put[];
  /** Tasks that ended by themselves: a configured container exited badly, or failed its health check. */
  readonly failed: readonly { readonly at: number; readonly taskDefinition: string }[];
  /** Images that somebody gave a tag, by the events that ECR sent. */
  readonly pushed: readonly { readonly at: number; readonly digest: string }[];
  /** What each execution was started with, by its name. */
  readonly inputs: ReadonlyMap<string, unknown>;
}

export interface Registered {
  readonly taskDefinition: string;
  readonly rolloutId: string;
  readonly images: readonly string[];
}

export interface Put {
  readonly at: number;
  readonly taskDefinition: string;
  readonly deploymentId: string;
}

/** Tags of a revision that name the rollout which registered it, and what it is a copy of. */
const ROLLOUT_TAG = 'rollouts:rollout-id';
const COPY_TAG = 'rollouts:pinned-copy-of';
/** Tags that rollouts themselves give. */
const KEPT = 'rollouts-keep-';

/** Follows the rolls of a world; the answer says which rules they broke. */
export function watchRolls(world: World, isDisturbed: boolean): () => Promise<string[]> {
  const { region, cell, config } = world;
  const registered: Registered[] = [];
  const put: Put[] = [];
  region.onApplied(({ at, caller, service, operation, input, output }) => {
    if (caller?.kind !== 'role' || service !== 'ecs') return;
    if (operation === 'RegisterTaskDefinition') registered.push(...registration(input as never, output as never));
    if (operation === 'UpdateService') put.push({ at, ...putBy(input as never, output as never) });
  });
  const { failed, pushed } = followEvents(world);
  const inputs = new Map<string, unknown>();
  region.states.onStateEntered(({ executionArn, stateMachineArn, state }) => {
    if (state !== 'Configure' || stateMachineArn !== cell.outputs['StateMachineArn']) return;
    const { name, input } = region.states.view(executionArn);
    inputs.set(name, JSON.parse(input));
  });
  return async () => {
    const records = await world.history();
    const rolls = { registered, put, failed, pushed, inputs };
    const isRelaunching = config.launchCount !== undefined;
    return [
      ...rolledAgain(rolls, records, { isDisturbed, isRelaunching }),
      ...putAgain(rolls, records),
      ...touched(rolls, records),
    ];
  };
}

function registration(
  { tags = [], containerDefinitions = [] }: RegisterTaskDefinitionRequest,
  { taskDefinition }: RegisterTaskDefinitionResponse,
): Registered[] {
  const rolloutId = tags.find(({ key }) => key === ROLLOUT_TAG)?.value;
  const isCopy = tags.some(({ key }) => key === COPY_TAG);
  if (rolloutId === undefined || isCopy) return [];
  const images = containerDefinitions.map(({ image = '' }) => image);
  return [{ taskDefinition: taskDefinition?.taskDefinitionArn ?? '', rolloutId, images }];
}

function putBy({ taskDefinition = '' }: UpdateServiceRequest, { service }: UpdateServiceResponse): Omit<Put, 'at'> {
  const primary = service?.deployments?.find(({ status }) => status === 'PRIMARY');
  return { taskDefinition, deploymentId: primary?.id ?? '' };
}

interface TaskDetail {
  readonly group?: string;
  readonly lastStatus?: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly taskDefinitionArn?: string;
  readonly containers?: readonly { readonly name: string; readonly exitCode?: number }[];
}

function followEvents({ region, config }: World): {
  failed: { at: number; taskDefinition: string }[];
  pushed: { at: number; digest: string }[];
} {
  const failed: { at: number; taskDefinition: string }[] = [];
  const pushed: { at: number; digest: string }[] = [];
  region.events.onEvent(({ source, detail, 'detail-type': type }) => {
    const at = region.kernel.now;
    if (source === 'aws.ecs' && type === 'ECS Task State Change' && isFailure(detail, config))
      failed.push({ at, taskDefinition: String(detail['taskDefinitionArn']) });
    const tag = String(detail['image-tag'] ?? '');
    if (source === 'aws.ecr' && detail['action-type'] === 'PUSH' && tag !== '' && !tag.startsWith(KEPT))
      pushed.push({ at, digest: String(detail['image-digest']) });
  });
  return { failed, pushed };
}

function isFailure(task: TaskDetail, { serviceName, containers }: World['config']): boolean {
  const { group, lastStatus, stopCode, stoppedReason = '', containers: all = [] } = task;
  if (group !== `service:${serviceName}` || lastStatus !== 'STOPPED') return false;
  const hasExited = all.some(({ name, exitCode = 0 }) => containers.includes(name) && exitCode !== 0);
  return (stopCode === 'EssentialContainerExited' && hasExited) || /failed container health checks/.test(stoppedReason);
}

/** Ends of rollouts that took their image for a failure. */
const FAILURES = ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS', 'FAILED_ROLLBACK', 'FAILED_NO_ROLLBACK_TARGET'];

/**
 * An image of which tasks failed, and which its rollout took back, is not rolled again unless somebody wishes it: by a push of it
 * since the first of them failed, or by an execution that names it or is forced. One that was proven before may be brought back to
 * an emptied service; in a disturbed world nobody could know whose fault it was where it is said to be tried again.
 */
export function rolledAgain(
  { registered, put, failed, pushed, inputs }: Rolls,
  records: readonly RecordView[],
  { isDisturbed, isRelaunching }: { readonly isDisturbed: boolean; readonly isRelaunching: boolean },
): string[] {
  return records.flatMap(({ rolloutId, outcome, image, endedAt, triedAgainAt }) => {
    const own = registered.filter((one) => one.rolloutId === rolloutId).map(({ taskDefinition }) => taskDefinition);
    const failure = failed.find(({ at, taskDefinition }) => at <= endedAt && own.includes(taskDefinition));
    if (!image || !FAILURES.includes(outcome) || !failure || (isDisturbed && triedAgainAt !== undefined)) return [];
    const isProven = records.some((one) => one.outcome === 'SUCCEEDED' && one.image?.digest === image.digest);
    if (isRelaunching && isProven) return [];
    const again = put.find(({ at, taskDefinition }) => {
      const roll = registered.find((one) => one.taskDefinition === taskDefinition);
      if (!roll || at <= endedAt || roll.rolloutId === rolloutId) return false;
      if (!roll.images.some((uri) => uri.endsWith(`@${image.digest}`))) return false;
      const isPushed = pushed.some((one) => one.digest === image.digest && one.at >= failure.at && one.at <= at);
      return !isPushed && !isWish(inputs.get(roll.rolloutId));
    });
    return again
      ? [
          `quarantine: ${image.digest} failed in rollout ${rolloutId}, and ${again.taskDefinition} rolled it again, for which nobody had asked.`,
        ]
      : [];
  });
}

/** Whether somebody named an image, or insists. */
function isWish(input: unknown): boolean {
  const { image, rollback, force } = (input ?? {}) as Readonly<Record<string, unknown>>;
  return image !== undefined || rollback !== undefined || force === true;
}

/** A rollout puts its revision on the service once; when it has ended, others may go back to what it left there. */
export function putAgain({ registered, put }: Rolls, records: readonly RecordView[]): string[] {
  return registered.flatMap(({ taskDefinition, rolloutId }) => {
    const { endedAt = Infinity } = records.find((one) => one.rolloutId === rolloutId) ?? {};
    const own = put.filter((one) => one.taskDefinition === taskDefinition && one.at < endedAt);
    const deployments = [...new Set(own.map(({ deploymentId }) => deploymentId))];
    return deployments.length > 1
      ? [`effects: Rollout ${rolloutId} put ${taskDefinition} on the service ${deployments.length} times.`]
      : [];
  });
}

/** Ends that say that nothing was changed. */
const UNTOUCHED = ['REJECTED', 'NO_CHANGE', 'SUPERSEDED', 'HELD'];

/** Who says that it changed nothing has changed nothing. */
export function touched({ registered, put }: Rolls, records: readonly RecordView[]): string[] {
  return records.flatMap(({ rolloutId, outcome }) => {
    if (!UNTOUCHED.includes(outcome)) return [];
    const own = registered.filter((one) => one.rolloutId === rolloutId).map(({ taskDefinition }) => taskDefinition);
    const update = put.find(({ taskDefinition }) => own.includes(taskDefinition));
    return update
      ? [`untouched: Rollout ${rolloutId} ended ${outcome}, and had put ${update.taskDefinition} on the service.`]
      : [];
  });
}
