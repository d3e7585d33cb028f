import type {
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { refuseRest } from '../given.ts';
import { Fault, operation, type Operation, type PermissionRequest } from '../service.ts';
import { matchesFilter } from './filter-pattern.ts';
import { describeLogStreams } from './log-streams.ts';
import { allGroups, groupNamed, readableEvents } from './log-groups.ts';
import type { LogEvent, LogGroup, LogGroups } from './model.ts';
import { invalidToken, nameOfGroup, paged, withoutGroup } from './requests.ts';
import { partitionOf } from '../partition.ts';

const EVENTS_MAX = 10_000;
const GROUPS_MAX = 50;

/** What the AWS CLI reads logs with. */
export function logsOperations(logs: LogGroups): Record<string, Operation> {
  // IAM sees every group as the ARN of a stream, with an empty name where the request names none.
  const asks = (action: string, group = '', stream = ''): readonly PermissionRequest[] => {
    const arn = `arn:${partitionOf(logs.region)}:logs:${logs.region}:${logs.account}:log-group:${group}:log-stream:${stream}`;
    return [{ action, resource: arn }];
  };
  return {
    DescribeLogGroups: operation({
      permissions: () => asks('logs:DescribeLogGroups'),
      apply: (request: DescribeLogGroupsRequest) => describeLogGroups(logs, request),
    }),
    DescribeLogStreams: operation({
      permissions: (request: DescribeLogStreamsRequest) => asks('logs:DescribeLogStreams', nameOfGroup(request)),
      apply: (request): DescribeLogStreamsResponse => describeLogStreams(logs, request),
    }),
    FilterLogEvents: operation({
      permissions: (request: FilterLogEventsRequest) => asks('logs:FilterLogEvents', nameOfGroup(request)),
      apply: (request) => filterLogEvents(logs, request),
    }),
    GetLogEvents: operation({
      permissions: (request: GetLogEventsRequest) =>
        asks('logs:GetLogEvents', nameOfGroup(request), request.logStreamName),
      apply: (request) => getLogEvents(logs, request),
    }),
  };
}

function describeLogGroups(logs: LogGroups, request: DescribeLogGroupsRequest): DescribeLogGroupsResponse {
  const { logGroupNamePrefix = '', limit = GROUPS_MAX, nextToken, ...rest } = request;
  refuseRest('DescribeLogGroups', rest);
  const matching = allGroups(logs).filter(({ name }) => name.startsWith(logGroupNamePrefix));
  const { page, ...token } = paged(matching, limit, nextToken);
  return { logGroups: page.map((group) => describe(group, readableEvents(logs, group))), ...token };
}

function describe({ name, arn, createdAt, retentionInDays }: LogGroup, events: readonly LogEvent[]): object {
  const storedBytes = events.reduce((bytes, { message }) => bytes + Buffer.byteLength(message), 0);
  const retention = retentionInDays === undefined ? {} : { retentionInDays };
  const identity = { logGroupName: name, arn: `${arn}:*`, logGroupArn: arn, logGroupClass: 'STANDARD' };
  return { ...identity, creationTime: createdAt, metricFilterCount: 0, storedBytes, ...retention };
}

function filterLogEvents(logs: LogGroups, request: FilterLogEventsRequest): FilterLogEventsResponse {
  const { logStreamNames, logStreamNamePrefix = '', filterPattern, ...others } = withoutGroup(request);
  const { startTime = 0, endTime = Infinity, limit = EVENTS_MAX, nextToken, interleaved: _, ...rest } = others;
  refuseRest('FilterLogEvents', rest);
  if (logStreamNames !== undefined && logStreamNamePrefix !== '')
    throw new Fault('InvalidParameterException', 'Cannot specify both logStreamNames and logStreamNamePrefix.');
  const matches = matchesFilter(filterPattern ?? '');
  const all = readableEvents(logs, groupNamed(logs, nameOfGroup(request)));
  const events = all.filter(
    ({ timestamp, message, logStreamName }) =>
      timestamp >= startTime &&
      timestamp <= endTime &&
      matches(message) &&
      logStreamName.startsWith(logStreamNamePrefix) &&
      (logStreamNames === undefined || logStreamNames.includes(logStreamName)),
  );
  const { page, ...token } = paged(events, limit, nextToken);
  return {
    events: page.map(({ ingestedAt, ...event }) => ({ ...event, ingestionTime: ingestedAt })),
    searchedLogStreams: [],
    ...token,
  };
}

function getLogEvents(logs: LogGroups, request: GetLogEventsRequest): GetLogEventsResponse {
  const { logStreamName = '', startTime = 0, endTime = Infinity, ...others } = withoutGroup(request);
  const { limit = EVENTS_MAX, nextToken, startFromHead = false, ...rest } = others;
  refuseRest('GetLogEvents', rest);
  const group = groupNamed(logs, nameOfGroup(request));
  if (!group.streams.has(logStreamName)) {
    throw new Fault('ResourceNotFoundException', 'The specified log stream does not exist.');
  }
  // Unlike FilterLogEvents, this excludes what happened at the end of the span.
  const events = readableEvents(logs, group).filter(
    (event) => event.logStreamName === logStreamName && event.timestamp >= startTime && event.timestamp < endTime,
  );
  const [start, end] = range(events.length, limit, nextToken, startFromHead);
  return {
    events: events
      .slice(start, end)
      .map(({ timestamp, message, ingestedAt }) => ({ timestamp, message, ingestionTime: ingestedAt })),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  };
}

/** Tokens name the place between two events; at either end of a stream AWS answers the token that it was given. */
function range(length: number, limit: number, token: string | undefined, fromHead: boolean): [number, number] {
  const [, direction, place] = /^([fb])\/(\d+)$/.exec(token ?? (fromHead ? 'f/0' : `b/${length}`)) ?? [];
  if (place === undefined) throw invalidToken();
  const at = Math.min(Number(place), length);
  return direction === 'f' ? [at, Math.min(at + limit, length)] : [Math.max(0, at - limit), at];
}
