import type { LogGroup } from './model.ts';

/** What one group may weigh in memory: more than any person reads back, and bearable for the dozen groups of a stack. */
const WEIGHT_MAX = 8 * 1024 * 1024;
/** How much goes at once when a group is too heavy: moving what stays costs as much as there is of it. */
const SHARE_DROPPED = 0.1;
/** What an event weighs beside its message. */
const EVENT_WEIGHT = 200;

const DAY_MS = 24 * 3_600_000;

export function weightOf(message: string): number {
  return message.length + EVENT_WEIGHT;
}

/**
 * Drops the events that are older than the group's retention (AWS takes up to 72 hours longer), and the oldest of a group
 * that is too heavy.
 */
export function forgetOldEvents(group: LogGroup, now: number): void {
  const { events, retentionInDays = Infinity } = group;
  const oldest = now - retentionInDays * DAY_MS;
  const weightKept = group.weight > WEIGHT_MAX ? WEIGHT_MAX * (1 - SHARE_DROPPED) : WEIGHT_MAX;
  let dropped = 0;
  for (; dropped < events.length; dropped++) {
    const { timestamp, message } = events[dropped]!;
    if (timestamp > oldest && group.weight <= weightKept) break;
    group.weight -= weightOf(message);
  }
  if (dropped > 0) events.splice(0, dropped);
}
