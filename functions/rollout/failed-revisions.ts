import type { RolloutConfig } from './config.ts';
import { revisionName, type TaskDefinitionArn } from './identifiers.ts';
import type { LedgerState, Owner, RolloutRecord } from './ledger.ts';
import { OUTCOMES } from './outcomes.ts';
import type { ServiceFacts, TaskFacts } from './service-facts.ts';

type Wish = Pick<RolloutConfig, 'failedRevisions'> | undefined;

/** Revisions that are remembered; more than ever wait. */
const KEPT = 10;

/** How long the tick looks whether they can go, milliseconds: what still runs by then runs on purpose. */
const LOOKED_AFTER_MS = 60 * 60_000;

/** The revision that a rollout brought and that failed: neither proven, nor what came back; undefined where there is none. */
function failedOf(
  { verified }: LedgerState,
  { targets, rollbackTarget, purpose }: Owner,
  { outcome, taskDefinition }: Pick<RolloutRecord, 'outcome' | 'taskDefinition'>,
): TaskDefinitionArn | undefined {
  const isOurs = purpose === 'roll' && taskDefinition !== undefined && targets.includes(taskDefinition);
  if (!isOurs || !OUTCOMES[outcome].isBack || taskDefinition === rollbackTarget?.taskDefinition) return undefined;
  return verified.some((proven) => proven.taskDefinition === taskDefinition) ? undefined : taskDefinition;
}

/** Remembers the revision of an image that failed, where it is to go. */
export function rememberFailed(
  state: LedgerState,
  owner: Owner,
  record: RolloutRecord,
  wish: Wish,
  now: number,
): LedgerState {
  const taskDefinition = failedOf(state, owner, record);
  if (taskDefinition === undefined || wish?.failedRevisions !== 'deregister') return state;
  return { ...state, failedRevisions: [{ taskDefinition, since: now }, ...state.failedRevisions].slice(0, KEPT) };
}

/** What the record says of that revision: whoever runs the family by its name alone runs the newest. */
export function fateOf(
  state: LedgerState,
  owner: Owner,
  record: Pick<RolloutRecord, 'outcome' | 'taskDefinition'>,
  wish: Wish,
): string | undefined {
  const failed = failedOf(state, owner, record);
  if (failed === undefined) return undefined;
  const name = revisionName(failed);
  return wish?.failedRevisions === 'deregister'
    ? `${name} is deregistered once nothing names it.`
    : `${name} stays registered: whoever runs its family without a revision may run it.`;
}

/**
 * The newest ACTIVE revision of the family where no rollout has proven it and it does not run: RunTask, schedules and Terraform's
 * `max()` take it all the same. Undefined while a rollout owns the service, and before one has proven anything.
 */
export function unprovenNewest(
  newest: TaskDefinitionArn | undefined,
  { owner, verified }: Pick<LedgerState, 'owner' | 'verified'>,
  running: string | undefined,
): TaskDefinitionArn | undefined {
  if (newest === undefined || owner || verified.length === 0 || newest === running) return undefined;
  return verified.some(({ taskDefinition }) => taskDefinition === newest) ? undefined : newest;
}

/** Whether the tick should have the flow look whether failed revisions can go by now. */
export function mayDeregister({ failedRevisions, owner }: LedgerState, wish: Wish, now: number): boolean {
  if (wish?.failedRevisions !== 'deregister' || owner) return false;
  return failedRevisions.some(({ since }) => now - since < LOOKED_AFTER_MS);
}

/**
 * Those that no deployment of the service, no task of the family and nothing in the ledger names any more: whoever owns the service
 * may go back to one that somebody deployed by hand. None where there is no service.
 */
export function unnamed(
  {
    failedRevisions,
    owner,
    verified,
    unsettled,
  }: Pick<LedgerState, 'failedRevisions' | 'owner' | 'verified' | 'unsettled'>,
  service: ServiceFacts | undefined,
  tasks: readonly Pick<TaskFacts, 'taskDefinition' | 'lastStatus'>[],
): TaskDefinitionArn[] {
  if (!service) return [];
  const named = [
    ...service.deployments.map(({ taskDefinition }) => taskDefinition),
    ...tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED').map(({ taskDefinition }) => taskDefinition),
    ...verified.map(({ taskDefinition }) => taskDefinition),
    owner?.rollbackTarget?.taskDefinition,
    unsettled?.rollbackTarget?.taskDefinition,
    // Who concludes puts nothing on the service any more.
    ...(owner && owner.phase.name !== 'concluding' ? owner.targets : []),
  ];
  return failedRevisions.map(({ taskDefinition }) => taskDefinition).filter((failed) => !named.includes(failed));
}

/** Forgets revisions that have gone. */
export function withoutFailed(state: LedgerState, gone: readonly TaskDefinitionArn[]): LedgerState {
  if (gone.length === 0) return state;
  const failedRevisions = state.failedRevisions.filter(({ taskDefinition }) => !gone.includes(taskDefinition));
  return { ...state, failedRevisions };
}
