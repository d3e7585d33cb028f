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
import { allGroups, groupNamed } from './log-groups.ts';
import type { LogEvent, LogGroup, LogGroups } from './model.ts';
import { nameOfGroup, paged, withoutGroup } from './requests.ts';
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
  return { logGroups: page.map(describe), ...token };
}

function describe({ name, arn, createdAt, retentionInDays, events }: LogGroup): object {
  const storedBytes = events.reduce((bytes, { message }) => bytes + message.length, 0);
  const retention = retentionInDays === undefined ? {} : { retentionInDays };
  const identity = { logGroupName: name, arn: `${arn}:*`, logGroupArn: arn, logGroupClass: 'STANDARD' };
  return { ...identity, creationTime: createdAt, metricFilterCount: 0, storedBytes, ...retention };
}

function filterLogEvents(logs: LogGroups, request: FilterLogEventsRequest): FilterLogEventsResponse {
  const { logStreamNames, logStreamNamePrefix = '', filterPattern, ...others } = withoutGroup(request);
  const { startTime, endTime, limit = EVENTS_MAX, nextToken, interleaved: _, ...rest } = others;
  refuseRest('FilterLogEvents', rest);
  if (logStreamNames !== undefined && logStreamNamePrefix !== '')
    throw new Fault('InvalidParameterException', 'Cannot specify both logStreamNames and logStreamNamePrefix.');
  const matches = matchesFilter(filterPattern ?? '');
  const events = between(groupNamed(logs, nameOfGroup(request)), startTime, endTime).filter(
    ({ message, logStreamName }) =>
      matches(message) &&
      logStreamName.startsWith(logStreamNamePrefix) &&
      (logStreamNames === undefined || logStreamNames.includes(logStreamName)),
  );
  const { page, ...token } = paged(events, limit, nextToken);
  return {
    events: page.map((event) => ({ ...event, ingestionTime: event.timestamp })),
    searchedLogStreams: [],
    ...token,
  };
}

function getLogEvents(logs: LogGroups, request: GetLogEventsRequest): GetLogEventsResponse {
  const { logStreamName = '', startTime, endTime, limit = EVENTS_MAX, ...others } = withoutGroup(request);
  const { nextToken, startFromHead = false, ...rest } = others;
  refuseRest('GetLogEvents', rest);
  const group = groupNamed(logs, nameOfGroup(request));
  if (!group.streams.has(logStreamName)) {
    throw new Fault('ResourceNotFoundException', 'The specified log stream does not exist.');
  }
  const events = between(group, startTime, endTime).filter((event) => event.logStreamName === logStreamName);
  const [start, end] = range(events.length, limit, nextToken, startFromHead);
  return {
    events: events
      .slice(start, end)
      .map(({ timestamp, message }) => ({ timestamp, message, ingestionTime: timestamp })),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  };
}

/** Tokens name the place between two events; at either end of a stream AWS answers the token that it was given. */
function range(length: number, limit: number, token: string | undefined, fromHead: boolean): [number, number] {
  const [, direction = fromHead ? 'f' : 'b', place = fromHead ? '0' : String(length)] =
    /^([fb])\/(\d+)$/.exec(token ?? '') ?? [];
  const at = Math.min(Number(place), length);
  return direction === 'f' ? [at, Math.min(at + limit, length)] : [Math.max(0, at - limit), at];
}

function between({ events }: LogGroup, startTime = 0, endTime = Number.POSITIVE_INFINITY): LogEvent[] {
  return events.filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime);
}
