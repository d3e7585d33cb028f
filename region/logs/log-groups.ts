import { Fault } from '../service.ts';
import { forgetOldEvents, weightOf } from './forget-events.ts';
import type { LogGroup, LogGroups } from './model.ts';

/** Throws `ResourceAlreadyExistsException`. */
export function addGroup({ state: { groups, deletedGroups } }: LogGroups, group: LogGroup): void {
  if (groups.has(group.name)) {
    throw new Fault('ResourceAlreadyExistsException', 'The specified log group already exists');
  }
  groups.set(group.name, group);
  deletedGroups.delete(group.name);
}

/** Deletes a group with all its events. */
export function removeGroup({ state: { groups, deletedGroups } }: LogGroups, name: string): void {
  if (groups.delete(name)) deletedGroups.add(name);
}

/** Throws `ResourceNotFoundException`. */
export function groupNamed({ kernel, state: { groups } }: LogGroups, name: string): LogGroup {
  const group = groups.get(name);
  if (group === undefined) throw new Fault('ResourceNotFoundException', 'The specified log group does not exist.');
  forgetOldEvents(group, kernel.now);
  return group;
}

/** In the order of their names. */
export function allGroups({ state: { groups } }: LogGroups): readonly LogGroup[] {
  return [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Appends a line; the stream begins with its first line. */
export function appendLine(logs: LogGroups, name: string, logStreamName: string, message: string): void {
  const { now: timestamp } = logs.kernel;
  const group = groupNamed(logs, name);
  if (!group.streams.has(logStreamName)) group.streams.set(logStreamName, timestamp);
  const eventId = String(++logs.state.written).padStart(56, '0');
  group.events.push({ timestamp, message, logStreamName, eventId });
  group.weight += weightOf(message);
  forgetOldEvents(group, timestamp);
}
