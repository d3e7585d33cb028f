import type { OwnerView } from '../cell/ledger-view.ts';
import type { Evidence, ExecutionEvidence } from './evidence.ts';
import { entriesOf, type StateEntry } from './trail.ts';

/** No function runs longer: until then an earlier attempt may still change the service. */
const FUNCTION_TIMEOUT_MS = 30_000;

/** Deadlines that moved. */
export function deadlineViolations({ trail }: Evidence): string[] {
  return pairsOf(entriesOf(trail, 'state')).flatMap(([{ state: before }, { state }]) => {
    const [earlier, owner] = [before.owner, state.owner];
    if (!owner || earlier?.rolloutId !== owner.rolloutId) return [];
    return [...movedDeadline(earlier, owner), ...movedWatch(earlier, owner)];
  });
}

function movedDeadline(earlier: OwnerView, owner: OwnerView): string[] {
  if (owner.deadline === earlier.deadline || (isGoingBack(owner) && !isGoingBack(earlier))) return [];
  const moved = `${new Date(earlier.deadline).toISOString()} to ${new Date(owner.deadline).toISOString()}`;
  return [`The deadline of rollout ${owner.rolloutId} moved from ${moved} (${owner.phase.name}).`];
}

/** Whether it has begun to put its rollback target back: that has a deadline of its own. */
function isGoingBack({ targets, rollbackTarget, phase }: OwnerView): boolean {
  return phase.name !== 'preparing' && rollbackTarget !== undefined && targets.includes(rollbackTarget.taskDefinition);
}

/**
 * A step that waits again waits as long as it did, unless there was progress. A roll never waits longer than its owner; a bake begins
 * with a time of its own, and a way back goes on while it gets on.
 */
function movedWatch({ phase: { watch: earlier } }: OwnerView, { rolloutId, phase, deadline }: OwnerView): string[] {
  const { watch } = phase;
  if (!watch) return [];
  const isSame = earlier?.kind === watch.kind && earlier.deploymentId === watch.deploymentId;
  const mayMove = !isSame || hasAdvanced(earlier, watch);
  const earliest = isSame ? earlier.deadline : 0;
  const isUnbounded = isSame ? watch.kind === 'rollback' : watch.kind === 'bake';
  const latest = !mayMove ? earliest : isUnbounded ? Infinity : Math.max(earliest, deadline);
  if (watch.deadline >= earliest && watch.deadline <= latest) return [];
  const [is, was] = [watch.deadline, latest].map((at) => new Date(at).toISOString());
  return [`Rollout ${rolloutId} waits (${watch.kind}) until ${is}, and its deadline is ${was}.`];
}

type WatchView = NonNullable<OwnerView['phase']['watch']>;

/** Whether more tasks are healthy, or fewer old ones there, than ever before. */
function hasAdvanced({ progress: before }: WatchView, { progress: after }: WatchView): boolean {
  const hasMore = (after?.healthy ?? 0) > (before?.healthy ?? 0);
  return hasMore || (after?.old ?? Infinity) < (before?.old ?? Infinity);
}

/** Owners that lost the service while they lived, and changes of the service by somebody who did not own it. */
export function leaseViolations(evidence: Evidence): string[] {
  const takeovers = pairsOf(entriesOf(evidence.trail, 'state')).flatMap(([before, after]) =>
    takenFrom(before, after, evidence),
  );
  return [...takeovers, ...unownedUpdates(evidence)];
}

function takenFrom({ state: before }: StateEntry, { at, state }: StateEntry, { executions }: Evidence): string[] {
  const [owner, next] = [before.owner, state.owner];
  if (!owner || owner.rolloutId === next?.rolloutId) return [];
  const execution = executions.find(({ rolloutId }) => rolloutId === owner.rolloutId);
  const isAlive = execution !== undefined && ranAt(execution, at) && state.updatedAt < owner.leaseUntil;
  const isDone = owner.phase.name === 'concluding' && next === undefined;
  const { name, since = 0, uncertain } = owner.phase;
  // Whoever is wrong about that changes the service later, while nobody owns it, or another one does.
  const hasAnEnd = uncertain === 0 || state.updatedAt >= since + FUNCTION_TIMEOUT_MS;
  const isInFlight = name === 'mutating' && !hasAnEnd;
  const what = `Rollout ${owner.rolloutId} lost the service to ${next?.rolloutId ?? 'nobody'} (${name})`;
  return [
    ...(isAlive && !isDone ? [`${what}, though it ran and its lease had not run out.`] : []),
    ...(isInFlight ? [`${what}, while it might still have changed the service.`] : []),
  ];
}

function ranAt({ stoppedAt = Infinity, stoodStill = [] }: ExecutionEvidence, at: number): boolean {
  return stoppedAt > at && !stoodStill.some(({ from, until }) => from <= at && at < until);
}

/** Whoever changes the service has written down before that it will, and to what. */
function unownedUpdates({ trail }: Evidence): string[] {
  let owner: OwnerView | undefined;
  return trail.flatMap((entry) => {
    if (entry.kind === 'state') owner = entry.state.owner;
    if (entry.kind !== 'update' || !entry.isOurs) return [];
    if (owner?.phase.name === 'mutating' && owner.targets.includes(entry.taskDefinition ?? '')) return [];
    const who = owner ? `rollout ${owner.rolloutId} was ${owner.phase.name}` : 'nobody owned the service';
    return [`The service was changed to ${entry.taskDefinition} while ${who}.`];
  });
}

function pairsOf<Entry>(entries: readonly Entry[]): (readonly [Entry, Entry])[] {
  return entries.slice(1).map((entry, index) => [entries[index]!, entry]);
}
