import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { parseJson } from '../json.ts';
import { Fault, NotModelled } from '../service.ts';
import { accept } from './bus.ts';
import { envelop } from './envelope.ts';
import type { Bus } from './model.ts';

const ENTRIES_MAX = 10;

/** Puts events of one's own on the bus; entries that are refused are told in the answer, the others go through. */
export function putEvents(bus: Bus, request: PutEventsRequest): PutEventsResponse {
  const entries = request.Entries ?? [];
  if (request.EndpointId !== undefined) throw new NotModelled('PutEvents to a global endpoint');
  if (entries.length < 1 || entries.length > ENTRIES_MAX) {
    throw new Fault('ValidationException', `PutEvents takes 1 to ${ENTRIES_MAX} entries, not ${entries.length}`);
  }
  const results = entries.map((entry) => putEntry(bus, entry));
  return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
}

function putEntry(bus: Bus, entry: PutEventsRequestEntry): PutEventsResultEntry {
  if (entry.TraceHeader !== undefined) throw new NotModelled('PutEvents with a TraceHeader');
  const busName = entry.EventBusName?.split('/').at(-1) ?? 'default';
  if (busName !== 'default') throw new NotModelled(`The event bus ${entry.EventBusName}`);
  const { Source = '', DetailType = '' } = entry;
  if (Source === '') return invalid('Source');
  if (DetailType === '') return invalid('DetailType');
  if (Source.startsWith('aws.')) {
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  }
  const detail = parseDetail(entry.Detail);
  if (!detail) return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const event = envelop(bus, {
    source: Source,
    'detail-type': DetailType,
    resources: entry.Resources ?? [],
    ...(entry.Time && { time: entry.Time }),
    detail,
  });
  accept(bus, event);
  return { EventId: event.id };
}

function invalid(name: string): PutEventsResultEntry {
  return {
    ErrorCode: 'InvalidArgument',
    ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
  };
}

function parseDetail(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const detail: unknown = parseJson(text ?? '');
    const isObject = typeof detail === 'object' && detail !== null && !Array.isArray(detail);
    return isObject ? (detail as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
