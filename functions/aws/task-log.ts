import { GetLogEventsCommand, type GetLogEventsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import type { LogPlace } from '../rollout/task-log.ts';
import type { LogsClient } from './client-kinds.ts';

/** Pages that are followed back: "This operation can return empty results while there are more log events available." */
const PAGES_MAX = 10;

/** Which events are meant, and until when they are wanted. */
export interface LastEvents extends Pick<LogPlace, 'group' | 'stream'> {
  readonly count: number;
  readonly abortSignal?: AbortSignal | undefined;
}

/**
 * The messages of the last events of a log stream, oldest first, as whoever wrote them wrote them; rejects where there is no such
 * group or stream.
 */
export async function lastMessages(client: LogsClient, last: LastEvents): Promise<string[]> {
  const { group: logGroupName, stream: logStreamName, count, abortSignal } = last;
  const options = abortSignal ? { abortSignal } : {};
  const messages: string[] = [];
  let nextToken: string | undefined;
  for (let page = 0; page < PAGES_MAX && messages.length < count; page++) {
    const limit = count - messages.length;
    const answer: GetLogEventsCommandOutput = await client.send(
      new GetLogEventsCommand({ logGroupName, logStreamName, limit, nextToken }),
      options,
    );
    messages.unshift(...(answer.events ?? []).map(({ message = '' }) => message));
    // "If you have reached the end of the stream, it returns the same token you passed in."
    if (!answer.nextBackwardToken || answer.nextBackwardToken === nextToken) break;
    nextToken = answer.nextBackwardToken;
  }
  return messages;
}
