import type { TestEventPatternRequest, TestEventPatternResponse } from '@aws-sdk/client-eventbridge';
import { parseJson } from '../json.ts';
import { Fault } from '../service.ts';
import { matchesPattern, parsePattern } from './pattern.ts';

/** Members that an event must have (API reference, TestEventPattern). */
const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'];

/** Whether a pattern matches an event; both are JSON text. */
export function testEventPattern({ EventPattern = '', Event = '' }: TestEventPatternRequest): TestEventPatternResponse {
  const pattern = parsePattern(
    parsed(
      EventPattern,
      () => new Fault('InvalidEventPatternException', 'Event pattern is not valid. Reason: not JSON'),
    ),
  );
  const event = parsed(Event, () => invalidEvent('Event is not valid JSON.'));
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw invalidEvent('it is not a JSON object');
  const missing = REQUIRED.filter((name) => !Object.hasOwn(event, name));
  if (missing.length > 0) throw invalidEvent(`${missing.join(', ')} is missing`);
  return { Result: matchesPattern(pattern, event as Record<string, unknown>) };
}

function parsed(text: string, refusal: () => Fault): unknown {
  try {
    return parseJson(text);
  } catch {
    throw refusal();
  }
}

function invalidEvent(reason: string): Fault {
  return new Fault('ValidationException', `Parameter Event is not valid. Reason: ${reason}`);
}
