import { isDeepStrictEqual } from 'node:util';
import type { RecordView } from '../cell/ledger-view.ts';
import type { Evidence, ExecutionEvidence, StateChangeView, TrailEntry } from './evidence.ts';
import { entriesOf, ownersOf } from './trail.ts';

/** Outcomes that nobody is told of; of all others everybody is. */
export const UNANNOUNCED: readonly string[] = ['NO_CHANGE', 'SUPERSEDED'];

/** Records that are missing, too many, changed, or say something else than the execution. */
export function recordViolations(evidence: Evidence): string[] {
  const known = new Set([...evidence.before.rolloutIds, ...evidence.executions.map(({ rolloutId }) => rolloutId)]);
  const strays = evidence.records.filter(({ rolloutId }) => !known.has(rolloutId));
  const owners = ownersOf(evidence.trail);
  return [
    ...evidence.executions.flatMap((execution) => recordProblem(execution, evidence, owners.has(execution.rolloutId))),
    ...strays.map(
      ({ rolloutId, outcome }) => `There is a record of rollout ${rolloutId} (${outcome}), which never was.`,
    ),
    ...rewritten(evidence),
  ];
}

function recordProblem(execution: ExecutionEvidence, evidence: Evidence, hasOwned: boolean): string[] {
  const { rolloutId, status, outcome, hasConcluded } = execution;
  if (status === 'RUNNING') return [];
  const record = recordOf(evidence, rolloutId);
  const did = hasOwned ? 'owned the service' : hasConcluded ? 'concluded' : 'never owned the service nor concluded';
  if (!record) {
    return isRecordDue(execution, hasOwned)
      ? [`Rollout ${rolloutId} ${did} and ended ${outcome}, without a record.`]
      : [];
  }
  // Whoever was stopped or died while it waited is closed by another one.
  const mayBeClosed = !hasConcluded && status !== 'SUCCEEDED' && record.outcome === 'ABORTED';
  if (!hasOwned && !execution.hasBegunToConclude && !mayBeClosed)
    return [`Rollout ${rolloutId} ${did}, yet there is a record of it: ${record.outcome}.`];
  if (hasConcluded && record.outcome !== outcome)
    return [`Rollout ${rolloutId} ended ${outcome}, and its record says ${record.outcome}.`];
  return [];
}

/** What a cell starts itself leaves no record where nothing had to be done. */
function isRecordDue({ hasConcluded, isOwn }: ExecutionEvidence, hasOwned: boolean): boolean {
  return hasOwned || (hasConcluded && !isOwn);
}

function recordOf({ records, ledger }: Evidence, rolloutId: string): RecordView | undefined {
  return [...records, ...(ledger?.outbox ?? [])].find((record) => record.rolloutId === rolloutId);
}

/** A record may be written again, but only as it was. */
function rewritten({ trail }: Evidence): string[] {
  const first = new Map<string, RecordView>();
  return entriesOf(trail, 'record').flatMap(({ record }) => {
    const { rolloutId } = record;
    const before = first.get(rolloutId) ?? record;
    first.set(rolloutId, before);
    if (isDeepStrictEqual(before, record)) return [];
    return [`The record of rollout ${rolloutId} was written as ${summary(before)} and then as ${summary(record)}.`];
  });
}

function summary({ outcome, reason, endedAt }: RecordView): string {
  return `${outcome} (${reason}, ${new Date(endedAt).toISOString()})`;
}

/** Notifications that are missing, too many, or say something else than the record. */
export function notificationViolations({ records, notifications, before, ledger }: Evidence): string[] {
  const isWaiting = (rolloutId: string): boolean => (ledger?.outbox ?? []).some((left) => left.rolloutId === rolloutId);
  const ours = records.filter(({ rolloutId }) => !before.rolloutIds.includes(rolloutId));
  const counted = ours.flatMap((record) => {
    const { rolloutId, outcome } = record;
    const { length } = notifications.filter((notification) => notification.rolloutId === rolloutId);
    const due = announcedOf(record, records) === rolloutId ? 1 : 0;
    if (length === due || (isWaiting(rolloutId) && length < due)) return [];
    return [`Rollout ${rolloutId} (${outcome}) was announced ${length} times, not ${due}.`];
  });
  const untrue = notifications.filter(({ rolloutId, outcome, told }) => {
    const record = records.find((one) => one.rolloutId === rolloutId);
    return record?.outcome !== outcome || told.outcome !== outcome || told.message !== record.message;
  });
  return [
    ...counted,
    ...untrue.map(({ rolloutId, outcome }) => `Rollout ${rolloutId} was announced as ${outcome}, unlike its record.`),
  ];
}

/** Records of which no event tells, and events that say something else than the record; starts that were not told, or were none. */
export function eventViolations(evidence: Evidence): string[] {
  const { records, stateChanges, before, ledger } = evidence;
  const isWaiting = (rolloutId: string): boolean => (ledger?.outbox ?? []).some((left) => left.rolloutId === rolloutId);
  const due = records.filter(({ rolloutId }) => !before.rolloutIds.includes(rolloutId) && !isWaiting(rolloutId));
  const [starts, ends] = [true, false].map((isStart) =>
    stateChanges.filter(({ state }) => (state === 'STARTED') === isStart),
  ) as [StateChangeView[], StateChangeView[]];
  const isTold = (told: readonly StateChangeView[], { rolloutId }: RecordView): boolean =>
    told.some((change) => change.rolloutId === rolloutId);
  const silent = due.filter((record) => !isTold(ends, record));
  // Who went back for another rollout, and whom AWS never answered, has no deployment.
  const unbegun = due.filter((record) => record.deploymentId !== undefined && !isTold(starts, record));
  const untrue = ends.filter(({ rolloutId, outcome, message }) => {
    const record = records.find((one) => one.rolloutId === rolloutId);
    return record?.outcome !== outcome || record.message !== message;
  });
  return [
    ...silent.map(({ rolloutId, outcome }) => `No event tells of rollout ${rolloutId} (${outcome}).`),
    ...unbegun.map(({ rolloutId }) => `No event tells that rollout ${rolloutId} started.`),
    ...untrue.map(
      ({ rolloutId, outcome }) => `An event tells of rollout ${rolloutId} as ${outcome}, unlike its record.`,
    ),
    ...startsOfNothing(evidence, starts),
  ];
}

/** Starts that are told of rollouts which never put that revision on the service. */
function startsOfNothing({ trail }: Evidence, starts: readonly StateChangeView[]): string[] {
  const owners = entriesOf(trail, 'state').flatMap(({ state: { owner } }) => owner ?? []);
  const untrue = starts.filter(
    ({ rolloutId, taskDefinition }) =>
      !owners.some((owner) => owner.rolloutId === rolloutId && owner.targets.some((each) => each === taskDefinition)),
  );
  return untrue.map(
    ({ rolloutId, taskDefinition }) => `An event tells that rollout ${rolloutId} rolls ${taskDefinition}: it does not.`,
  );
}

/**
 * Which rollout people are told of for the end of this one: of those that died and the recovery that put things right, the first
 * where what was proven runs again, and else the last.
 */
function announcedOf(record: RecordView, records: readonly RecordView[]): string | undefined {
  const before = (later: RecordView): RecordView | undefined =>
    records.find(({ settledBy }) => settledBy === later.rolloutId);
  const after = ({ settledBy }: RecordView): RecordView | undefined =>
    settledBy === undefined ? undefined : records.find(({ rolloutId }) => rolloutId === settledBy);
  const [first, last] = [farthest(record, before), farthest(record, after)];
  const isAnnounced = !UNANNOUNCED.includes(last.outcome) && last.triedAgainAt === undefined;
  if (first === last) return isAnnounced ? last.rolloutId : undefined;
  const isBack = ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS'].includes(last.outcome) || last.runs?.kind === 'nothing';
  return isAnnounced && !isBack ? last.rolloutId : first.rolloutId;
}

function farthest(from: RecordView, step: (record: RecordView) => RecordView | undefined): RecordView {
  const next = step(from);
  return next ? farthest(next, step) : from;
}

/** Revisions that a rollout registered though it had one already, or should have none. */
export function revisionViolations({ trail, executions }: Evidence): string[] {
  const all = entriesOf(trail, 'register');
  const registered = all.filter(({ copyOf }) => copyOf === undefined);
  const strays = registered.filter(({ rolloutId }) => !executions.some((one) => one.rolloutId === rolloutId));
  const owners = ownersOf(trail);
  const tooMany = executions.flatMap(({ rolloutId }) => {
    const revisions = registered.filter((entry) => entry.rolloutId === rolloutId).map((entry) => entry.taskDefinition);
    const isRecovery = owners.get(rolloutId)?.purpose === 'recover';
    if (revisions.length <= (isRecovery ? 0 : 1)) return [];
    const most = isRecovery ? 'a recovery registers none' : 'one is enough';
    return [`Rollout ${rolloutId} registered ${revisions.join(', ')}: ${most}.`];
  });
  return [
    ...strays.map(
      (entry) => `${entry.taskDefinition} was registered for ${entry.rolloutId ?? 'no rollout'}, which never was.`,
    ),
    ...tooMany,
    ...copyViolations(all.filter(({ copyOf }) => copyOf !== undefined)),
  ];
}

/** Copies are made to be put back: of one revision with the same images one is enough, and no image of ours may move. */
function copyViolations(copies: readonly Extract<TrailEntry, { kind: 'register' }>[]): string[] {
  const known = new Set<string>();
  return copies.flatMap(({ taskDefinition, copyOf = '', images = [] }) => {
    const key = [copyOf, ...images].join(' ');
    const isSecond = known.has(key);
    known.add(key);
    if (isSecond) return [`${taskDefinition} is a second copy of ${copyOf} with the same images.`];
    return images.some((image) => image.includes('@'))
      ? []
      : [`${taskDefinition}, a copy of ${copyOf}, pins no image.`];
  });
}
