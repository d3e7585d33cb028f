import type { DescribeLogStreamsRequest, DescribeLogStreamsResponse, LogStream } from '@aws-sdk/client-cloudwatch-logs';
import { Fault } from '../service.ts';
import { groupNamed } from './log-groups.ts';
import type { LogGroup, LogGroups } from './model.ts';
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
  const streams = streamsOf(groupNamed(logs, nameOfGroup(request))).filter(({ logStreamName = '' }) =>
    logStreamName.startsWith(logStreamNamePrefix ?? ''),
  );
  if (orderBy === 'LastEventTime') streams.sort((a, b) => a.lastEventTimestamp! - b.lastEventTimestamp!);
  if (descending) streams.reverse();
  const { page, ...token } = paged(streams, limit, nextToken);
  return { logStreams: page, ...token };
}

/** In the order of their names. A stream begins with its first line. */
function streamsOf(group: LogGroup): LogStream[] {
  const lastEventAt = new Map(group.streams);
  for (const { logStreamName, timestamp } of group.events) lastEventAt.set(logStreamName, timestamp);
  return [...group.streams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([logStreamName, createdAt]) => ({
      logStreamName,
      creationTime: createdAt,
      firstEventTimestamp: createdAt,
      lastEventTimestamp: lastEventAt.get(logStreamName)!,
      lastIngestionTime: lastEventAt.get(logStreamName)!,
      arn: `${group.arn}:log-stream:${logStreamName}`,
      // "As of June 17, 2019, this parameter is no longer supported for log streams, and is always reported as zero."
      storedBytes: 0,
    }));
}
