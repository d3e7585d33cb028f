import { Fault } from '../service.ts';
import { forgetOldEvents, weightOf } from './forget-events.ts';
import type { LogEvent, LogGroup, LogGroups } from './model.ts';

/** Throws `ResourceAlreadyExistsException`. */
export function addGroup({ state: { groups, deletedGroups } }: LogGroups, group: LogGroup): void {
  if (groups.has(group.name)) {
    throw new Fault('ResourceAlreadyExistsException', 'The specified log group already exists');
  }
  groups.set(group.name, group);
  deletedGroups.delete(group.name);
}

/** Deletes a group with all its events and its filters. */
export function removeGroup({ state: { groups, deletedGroups, metricFilters } }: LogGroups, name: string): void {
  if (groups.delete(name)) deletedGroups.add(name);
  for (const filter of metricFilters.values()) if (filter.logGroupName === name) metricFilters.delete(filter.name);
}

/** Throws `ResourceNotFoundException`. */
export function groupNamed({ kernel, state: { groups } }: LogGroups, name: string): LogGroup {
  const group = groups.get(name);
  if (group === undefined) throw new Fault('ResourceNotFoundException', 'The specified log group does not exist.');
  forgetOldEvents(group, kernel.now);
  return group;
}

/** The events of a group that can be read by now. */
export function readableEvents({ kernel }: LogGroups, { events }: LogGroup): readonly LogEvent[] {
  return events.filter(({ ingestedAt }) => ingestedAt <= kernel.now);
}

/** In the order of their names. */
export function allGroups({ state: { groups } }: LogGroups): readonly LogGroup[] {
  return [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Streams that a group remembers: AWS keeps them all, also when their events are gone. */
const STREAMS_MAX = 10_000;

/** Creates a stream unless it is there. */
export function openStream({ kernel }: LogGroups, { streams }: LogGroup, logStreamName: string): void {
  if (streams.has(logStreamName)) return;
  streams.set(logStreamName, kernel.now);
  if (streams.size > STREAMS_MAX) streams.delete(streams.keys().next().value!);
}

/** Appends a line, which can be read `lagMs` later; a stream that is not there begins with it. */
export function appendLine(logs: LogGroups, name: string, logStreamName: string, message: string, lagMs: number): void {
  const { now: timestamp } = logs.kernel;
  const group = groupNamed(logs, name);
  openStream(logs, group, logStreamName);
  const eventId = String(++logs.state.written).padStart(56, '0');
  group.events.push({ timestamp, ingestedAt: timestamp + lagMs, message, logStreamName, eventId });
  group.weight += weightOf(message);
  forgetOldEvents(group, timestamp);
}
