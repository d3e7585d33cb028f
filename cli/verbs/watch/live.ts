import { waitingOf } from '../../../functions/rollout/lease.ts';
import type { Owner } from '../../../functions/rollout/ledger.ts';
import type { Live } from '../../terminal/events.ts';
import { dueOf } from '../status/due-of.ts';

/** What the last look showed of a rollout; moments in milliseconds since the epoch. */
export interface RolloutNow {
  readonly startedAt: number;
  /** Undefined before its first state. */
  readonly state: string | undefined;
  /** As the timeline counts them; empty where nothing runs. */
  readonly tasks: string;
  /** Undefined while it does not own the service. */
  readonly owner: Owner | undefined;
}

/** How the rollout stands at this moment: where it is, how long that still takes, what runs, when it fails. */
export function liveAt({ startedAt, state, tasks, owner }: RolloutNow, now: number): Live {
  const deadline = deadlineText(owner, now);
  const parts = [stateText(state, owner, now), ...(tasks === '' ? [] : [tasks]), ...(deadline ? [deadline] : [])];
  return { seconds: Math.max(0, now - startedAt) / 1000, parts };
}

/** `Bake 34 of 60 s` */
function stateText(state: string | undefined, owner: Owner | undefined, now: number): string {
  const name = state ?? 'begins';
  const watch = owner && waitingOf(owner)?.watch;
  // The ledger may be older than the state: nothing else bakes.
  if (name !== 'Bake' || watch?.kind !== 'bake' || watch.until === undefined) return name;
  const seconds = (milliseconds: number): number => Math.max(0, Math.floor(milliseconds / 1000));
  const whole = seconds(watch.until - watch.since);
  return `${name} ${Math.min(whole, seconds(now - watch.since))} of ${whole} s`;
}

/** A bake has no deadline but its own time. */
function deadlineText(owner: Owner | undefined, now: number): string | undefined {
  if (!owner || owner.phase.name === 'concluding' || waitingOf(owner)?.watch.kind === 'bake') return undefined;
  const left = dueOf(owner) - now;
  return left > 0 ? `deadline in ${clockText(Math.ceil(left / 1000))}` : 'past its deadline';
}

/** `14:05`, `1:02:03` */
function clockText(seconds: number): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
