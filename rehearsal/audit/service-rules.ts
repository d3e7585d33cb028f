import type { OwnerView, RecordView } from '../cell/ledger-view.ts';
import type { RunningService } from '../cell/running-service.ts';
import type { Evidence } from './evidence.ts';
import { entriesOf, ownersOf } from './trail.ts';

/** Live images that no rollout has proven, and one that is not the newest. */
export function liveImageViolations(evidence: Evidence): string[] {
  const { trail, ledger, records, liveImage, before } = evidence;
  const outbox = ledger?.outbox ?? [];
  const imageOf = ({ image }: RecordView): string => `${evidence.repositoryUri}@${image?.digest}`;
  const proven = [...records, ...outbox].filter(isProof);
  const writes = entriesOf(trail, 'live-image');
  const found = wrongWrites(trail, imageOf);
  if (writes.at(-1)?.isOurs === false) return found;
  const isWaiting = ({ rolloutId }: RecordView): boolean => outbox.some((record) => record.rolloutId === rolloutId);
  const newest = records.filter((record) => proven.includes(record) && !isBefore(evidence, record)).at(-1);
  const due = newest ? imageOf(newest) : before.liveImage;
  // What waits in the outbox may have been written or not.
  if (liveImage === due || proven.some((record) => isWaiting(record) && imageOf(record) === liveImage)) return found;
  return [...found, `The live image is ${liveImage}, and the one that was proven last is ${due}.`];
}

/** Each write names what was proven last by then. */
function wrongWrites(trail: Evidence['trail'], imageOf: (record: RecordView) => string): string[] {
  let newest: RecordView | undefined;
  return trail.flatMap((entry) => {
    if (entry.kind === 'state') newest = [newest, ...entry.state.outbox].filter(isProof).sort(byEnd).at(-1);
    if (entry.kind !== 'live-image' || !entry.isOurs || (newest && entry.image === imageOf(newest))) return [];
    return [
      `The live image became ${entry.image}, and what was proven last was ${newest ? imageOf(newest) : 'nothing'}.`,
    ];
  });
}

function isProof(record: RecordView | undefined): record is RecordView {
  return record?.outcome === 'SUCCEEDED' && record.image !== undefined;
}

function byEnd(one: RecordView, other: RecordView): number {
  return one.endedAt - other.endedAt;
}

function isBefore({ before }: Evidence, { rolloutId }: RecordView): boolean {
  return before.rolloutIds.includes(rolloutId);
}

/** How the service differs from what the last outcome says of it. */
export function serviceViolations(evidence: Evidence): string[] {
  const { service, records, trail } = evidence;
  const isOfService = (record: RecordView): boolean => record.outcome in CLAIMS || hasUpdated(trail, record);
  const last = records.filter((record) => isOfService(record) && !isBefore(evidence, record)).at(-1);
  if (!service || !last || isChangedSince(evidence, last, service)) return [];
  const found = CLAIMS[last.outcome]?.(evidence, last, service) ?? [];
  return found.length === 0 ? [] : [`Rollout ${last.rolloutId} ended ${last.outcome}, but ${found.join(' and ')}.`];
}

/** Whether the rollout changed the service; what it says of it then counts, be it nothing. */
function hasUpdated(trail: Evidence['trail'], { startedAt, endedAt }: RecordView): boolean {
  return entriesOf(trail, 'update').some(({ isOurs, at }) => isOurs && at >= startedAt && at <= endedAt);
}

/** Somebody else's change after our last one, or any after the end. */
function isChangedSince({ trail }: Evidence, { endedAt }: RecordView, { deployedAt }: RunningService): boolean {
  const updates = entriesOf(trail, 'update');
  return deployedAt > endedAt || updates.at(-1)?.isOurs === false || updates.some(({ at }) => at > endedAt);
}

type Claim = (evidence: Evidence, last: RecordView, service: RunningService) => string[];

const isBack: Claim = (evidence, last, service) => [
  ...notOn(service, targetOf(evidence, last)?.taskDefinition),
  ...unsteady(service),
];

/** What an outcome says of the service; one that is not here says nothing of it. */
const CLAIMS: Readonly<Record<string, Claim>> = {
  SUCCEEDED: (evidence, last, service) => [
    ...notOn(service, last.taskDefinition),
    ...notRunning(evidence, service, last),
    ...unsteady(service),
  ],
  ROLLED_BACK: isBack,
  ROLLED_BACK_BY_ECS: isBack,
  STAGED: (_evidence, last, service) => [...notOn(service, last.taskDefinition), ...notEmpty(service)],
  FAILED_NO_ROLLBACK_TARGET: (evidence, last, service) =>
    targetOf(evidence, last)?.kind === 'nothing' ? notEmpty(service) : [],
};

function targetOf({ trail }: Evidence, { rolloutId }: RecordView): OwnerView['rollbackTarget'] {
  return ownersOf(trail).get(rolloutId)?.rollbackTarget;
}

function notOn({ taskDefinition }: RunningService, due: string | undefined): string[] {
  return taskDefinition === due ? [] : [`the service is on ${taskDefinition}, not ${due}`];
}

function notRunning({ children }: Evidence, service: RunningService, { image }: RecordView): string[] {
  const digest = image?.digest ?? '';
  const admitted = [digest, ...(children[digest] ?? [])];
  const others = service.imageDigests.filter((running) => !admitted.includes(running));
  return others.length === 0 ? [] : [`tasks run ${others.join(', ')}, not ${digest}`];
}

function unsteady({ rolloutState, runningCount, desiredCount }: RunningService): string[] {
  // ECS runs more for a while when it retires tasks or moves them between zones: it starts before it stops.
  const isSteady = rolloutState === 'COMPLETED' && runningCount >= desiredCount;
  return isSteady ? [] : [`its deployment is ${rolloutState} with ${runningCount} of ${desiredCount} tasks`];
}

function notEmpty({ desiredCount }: RunningService): string[] {
  return desiredCount === 0 ? [] : [`the service wants ${desiredCount} tasks, not none`];
}
