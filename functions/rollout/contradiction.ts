import { isToldBy, waitingOf, withOwner } from './lease.ts';
import type { Doubt, LedgerState } from './ledger.ts';
import type { ServiceEvent } from './service-event.ts';
import { needsTasks, type Observation } from './service-facts.ts';
import { verdict, type Verdict } from './verdict.ts';
import type { Watch } from './watch.ts';

/** How often a look is repeated because of one event; after that the look is believed. */
export const LOOKS_PER_EVENT = 3;

/**
 * What ECS answers may be older than what its events say ("eventual consistency model", API reference of RunTask), by how much AWS
 * does not say. What a look does not show a minute after the event has been overtaken since.
 */
const LAG_MAX_MS = 60_000;

/** The look shows less than ECS has said already. */
export const AGAIN = verdict(
  'again',
  'EventContradictsLook',
  'An event of ECS says more than its answers show yet; the service is looked at again.',
);

/**
 * Whether an event says what a look that came to `judged` does not show, so that the look must be older than the event. A verdict
 * that rests on something seen stands: only what waits, is steady, or is out of time can be for want of news.
 */
export function isContradicted(
  event: ServiceEvent,
  observation: Observation,
  judged: Verdict,
  watch: Watch,
  now: number,
): boolean {
  const isOurTime = event.at >= watch.since && event.at >= now - LAG_MAX_MS;
  if (!isOurTime || !isOpen(judged)) return false;
  const isOurs = event.deploymentId === watch.deploymentId;
  switch (event.says) {
    case 'completed':
      // Only the PRIMARY completes. What ours lacks while it bakes it has lost since.
      return !isOurs || (watch.kind !== 'bake' && (isForWantOfNews(judged) || !showsCompleted(observation, watch)));
    case 'failed':
      return isOurs;
    case 'began':
    case 'rolls-back':
      return !isOurs;
    case 'stopped':
      return isOurs && !showsStop(event, observation, watch);
    case undefined:
      return false;
  }
}

function isOpen(judged: Verdict): boolean {
  return judged.word === 'wait' || judged.word === 'steady' || judged.reason === 'DeadlineExceeded';
}

/** Waiting because of something that was seen is no want of news. */
function isForWantOfNews({ reason }: Verdict): boolean {
  return reason === 'InProgress' || reason === 'DeadlineExceeded';
}

/** Whatever hinders a deployment that a look shows under way is over once it is COMPLETED. */
function showsCompleted({ service }: Observation, { deploymentId }: Watch): boolean {
  return service?.deployments.find(({ id }) => id === deploymentId)?.rolloutState === 'COMPLETED';
}

/** Whether what an event said is what a watch then came to, as far as that can be told: then its time is when that happened. */
export function isBorneOut({ says, deploymentId }: ServiceEvent, { word }: Verdict, watch: Watch): boolean {
  return (says === 'completed' && deploymentId === watch.deploymentId) === (word === 'steady');
}

/** Whether the look shows the task stopped, or did not look for stopped tasks and does not show it running either. */
function showsStop({ taskArn }: ServiceEvent, { service, tasks }: Observation, watch: Watch): boolean {
  if (!service || !tasks) return false;
  if (tasks.running.some((task) => task.taskArn === taskArn)) return false;
  const { running, stopped } = needsTasks(service, watch);
  const isLookedFor = stopped || tasks.stopped.length > 0;
  if (!isLookedFor) return running;
  return tasks.stopped.some((task) => task.taskArn === taskArn && task.lastStatus === 'STOPPED');
}

/**
 * Writes down that an event contradicts a look at the watch with `token`, whose answer then is `again`; undefined when that watch
 * is over or judged, when the event has had its looks, and when a later one has: however often and late events come, the looks
 * are bounded. A watch that was doubted already is left as it is: one answer is all that it takes.
 */
export function recordDoubt(
  state: LedgerState,
  token: string | undefined,
  event: ServiceEvent,
  now: number,
): LedgerState | undefined {
  const { owner } = state;
  const waiting = waitingOf(owner);
  if (!owner || !waiting || !isToldBy(state, token) || waiting.verdict !== undefined) return undefined;
  const { doubt } = waiting;
  if (doubt && state.tokens.doubted === token && doubt.event.at >= event.at) return state;
  const looks = looksBefore(doubt, event);
  if (looks >= LOOKS_PER_EVENT) return undefined;
  const told = { ...state, tokens: { ...state.tokens, doubted: token } };
  return withOwner(told, { ...owner, phase: { ...waiting, doubt: { event, looks: looks + 1 } } }, now);
}

function looksBefore(doubt: Doubt | undefined, event: ServiceEvent): number {
  if (!doubt || event.at > doubt.event.at) return 0;
  return event.at === doubt.event.at ? doubt.looks : LOOKS_PER_EVENT;
}
