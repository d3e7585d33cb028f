import type { DescribeLogStreamsRequest, DescribeLogStreamsResponse, LogStream } from '@aws-sdk/client-cloudwatch-logs';
import { Fault } from '../service.ts';
import { groupNamed, readableEvents } from './log-groups.ts';
import type { LogEvent, LogGroup, LogGroups } from './model.ts';
import { refuseRest } from '../given.ts';
import { nameOfGroup, paged, withoutGroup } from './requests.ts';

const STREAMS_MAX = 50;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
export function describeLogStreams(logs: LogGroups, request: DescribeLogStreamsRequest): DescribeLogStreamsResponse {
  const { logStreamNamePrefix, orderBy = 'LogStreamName', descending = false, ...others } = withoutGroup(request);
  const { limit = STREAMS_MAX, nextToken, ...rest } = others;
  refuseRest('DescribeLogStreams', rest);
  if (orderBy === 'LastEventTime' && logStreamNamePrefix !== undefined)
    throw new Fault('InvalidParameterException', 'Cannot order by LastEventTime with a logStreamNamePrefix.');
  const streams = streamsOf(logs, groupNamed(logs, nameOfGroup(request))).filter(({ logStreamName = '' }) =>
    logStreamName.startsWith(logStreamNamePrefix ?? ''),
  );
  if (orderBy === 'LastEventTime') streams.sort((a, b) => lastEventOf(a) - lastEventOf(b));
  if (descending) streams.reverse();
  const { page, ...token } = paged(streams, limit, nextToken);
  return { logStreams: page, ...token };
}

function lastEventOf({ lastEventTimestamp, creationTime }: LogStream): number {
  return lastEventTimestamp ?? creationTime!;
}

/** In the order of their names. One without a readable event has no times of events. */
function streamsOf(logs: LogGroups, group: LogGroup): LogStream[] {
  const events = new Map<string, { readonly first: LogEvent; last: LogEvent }>();
  for (const event of readableEvents(logs, group)) {
    const known = events.get(event.logStreamName);
    if (known) known.last = event;
    else events.set(event.logStreamName, { first: event, last: event });
  }
  return [...group.streams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([logStreamName, createdAt]) => ({
      logStreamName,
      creationTime: createdAt,
      ...timesOf(events.get(logStreamName)),
      arn: `${group.arn}:log-stream:${logStreamName}`,
      // "As of June 17, 2019, this parameter is no longer supported for log streams, and is always reported as zero."
      storedBytes: 0,
    }));
}

function timesOf(of: { readonly first: LogEvent; readonly last: LogEvent } | undefined): Partial<LogStream> {
  if (of === undefined) return {};
  const { first, last } = of;
  return {
    firstEventTimestamp: first.timestamp,
    lastEventTimestamp: last.timestamp,
    lastIngestionTime: last.ingestedAt,
  };
}
