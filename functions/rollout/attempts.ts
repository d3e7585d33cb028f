import { isRollingBack } from './ecs-comeback.ts';
import { isGoingBack, isMutationOver, ownedBy, withOwner } from './lease.ts';
import type { LedgerState, Owner, StepFault } from './ledger.ts';
import { primaryOf, type ServiceFacts } from './service-facts.ts';

/** Milliseconds between the two looks that must agree: ECS is eventually consistent, and a lost call may be applied late. */
const BETWEEN_LOOKS_MS = 10_000;

/**
 * What the ledger says of a rollout that is to be taken back: `nothing` of it can be on the service; it `may` be, for an attempt
 * has no known end; or there is no such `doubt`.
 */
export type Standing = 'nothing' | 'may' | 'no-doubt';

/** Reads how far an owner that is to be taken back has come; what a dead rollout left is beyond doubt. */
export function standingOf(owner: Owner): Standing {
  const { purpose, phase, targets, rollbackTarget } = owner;
  if (purpose !== 'roll' || isGoingBack(owner)) return 'no-doubt';
  if (phase.name === 'preparing') return 'nothing';
  if (phase.name !== 'mutating' || targets.at(-1) === rollbackTarget?.taskDefinition) return 'no-doubt';
  return phase.uncertain === 0 ? 'nothing' : 'may';
}

/** What a look at the service says about attempts without a known end; `early` while one of them may still live. */
export type Look =
  | { readonly word: 'early' | 'changed' | 'unchanged' }
  /** Not enough yet: `state` remembers the look. */
  | { readonly word: 'again'; readonly state: LedgerState };

/** Weighs a look that began `now`: two that show the service as it was, later than any attempt can live and 10 s apart, say that none changed it. */
export function weighLook(state: LedgerState, owner: Owner, service: ServiceFacts | undefined, now: number): Look {
  const { phase } = owner;
  if (phase.name !== 'mutating' || !isMutationOver(owner, now)) return { word: 'early' };
  if (!isAsBefore(service, owner)) return { word: 'changed' };
  const { unchangedAt } = phase;
  if (unchangedAt !== undefined && now - unchangedAt >= BETWEEN_LOOKS_MS) return { word: 'unchanged' };
  const looked = { ...owner, phase: { ...phase, unchangedAt: unchangedAt ?? now } };
  return { word: 'again', state: withOwner(state, looked, now) };
}

/**
 * The baseline's deployment is PRIMARY, and no deployment has a revision of ours. Where ECS itself went back to the baseline, ours
 * was there: its age is reset then, or it says so.
 */
function isAsBefore(service: ServiceFacts | undefined, { baseline, targets }: Owner): boolean {
  const primary = primaryOf(service);
  if (!service || service.status !== 'ACTIVE' || !primary || !baseline) return false;
  const isUntouched = primary.id === baseline.deploymentId && primary.createdAt <= baseline.createdAt;
  return (
    isUntouched && !isRollingBack(primary) && !service.deployments.some((each) => targets.includes(each.taskDefinition))
  );
}

/** How an attempt failed. */
export interface FailedAttempt {
  readonly rolloutId: string;
  /** When it was begun. */
  readonly since: number;
  readonly fault: StepFault;
  /** Whether it is known to have changed nothing: it sent nothing, or AWS refused what it sent. */
  readonly isHarmless: boolean;
}

/** Writes down how an attempt failed; refuses (undefined) when another one has begun since. */
export function recordFailure(
  state: LedgerState,
  { rolloutId, since, fault, isHarmless }: FailedAttempt,
  now: number,
): LedgerState | undefined {
  const owner = ownedBy(state, rolloutId);
  if (owner?.phase.name !== 'mutating' || owner.phase.since !== since) return undefined;
  const { phase } = owner;
  const uncertain = (phase.uncertain ?? 1) - (isHarmless ? 1 : 0);
  return withOwner(state, { ...owner, phase: { ...phase, uncertain, fault: phase.fault ?? fault } }, now);
}

/** What went wrong first with a change of the service of which nothing came. */
export function firstFault(owner: Owner | undefined): StepFault | undefined {
  return owner?.phase.name === 'mutating' ? owner.phase.fault : undefined;
}
