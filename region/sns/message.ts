import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { parseJson } from '../json.ts';
import { Fault } from '../service.ts';

/** What is published. */
export interface Message {
  readonly message: string;
  /** With `json`, the message is an object that holds a body for each protocol. */
  readonly structure?: string;
  readonly subject?: string;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
}

/** What a message says to whom. */
export interface Bodies {
  /** To whoever has no body of their own. */
  readonly message: string;
  /** To the subscribers by a protocol. */
  readonly bodies?: Readonly<Record<string, string>>;
}

const MESSAGE_BYTES_MAX = 262_144;
/** "less than 100 characters long" */
const SUBJECT_CHARACTERS_MAX = 99;

/** Refuses what Publish refuses (Amazon SNS API reference, Publish). */
export function checkMessage({ message, subject, attributes = {} }: Message): void {
  if (message === '') throw invalid('Message', 'Empty message');
  if (Buffer.byteLength(message) > MESSAGE_BYTES_MAX) throw invalid('Message', 'Message too long');
  if (subject !== undefined) checkSubject(subject);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    const isType = /^(?:String|Number|Binary)(?:\.|$)|^String\.Array$/.test(DataType ?? '');
    if (!isType || (!StringValue && !BinaryValue?.length)) {
      throw new Fault('InvalidParameterValue', `The message attribute '${name}' must contain a type and a value.`);
    }
  }
}

/** ASCII that begins with a letter, a number or punctuation: e-mail clients see what is written. */
function checkSubject(subject: string): void {
  const isPrintable = /^[\x21-\x7e][\x20-\x7e]*$/.test(subject);
  if (!isPrintable || subject.length > SUBJECT_CHARACTERS_MAX) throw invalid('Subject', `'${subject}'`);
}

/** Amazon SNS API reference, Subscribe; what is written for anything else is ignored. */
const PROTOCOLS = ['http', 'https', 'email', 'email-json', 'sms', 'sqs', 'application', 'lambda', 'firehose'];
const STRUCTURE = 'Invalid parameter: Message Structure -';

/**
 * The bodies of a message (Amazon SNS API reference, Publish, "JSON-specific constraints"): the object needs a `default`, values
 * other than strings are ignored, and so are keys that are no protocols. Throws for what SNS refuses as a whole.
 */
export function bodiesOf({ message, structure }: Message): Bodies {
  if (structure === undefined) return { message };
  if (structure !== 'json') throw new Fault('InvalidParameter', `${STRUCTURE} '${structure}'`);
  const entries = Object.entries(objectIn(message)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const byDefault = entries.find(([key]) => key === 'default');
  if (!byDefault) throw new Fault('InvalidParameter', `${STRUCTURE} No default entry in JSON message body`);
  const bodies = Object.fromEntries(entries.filter(([key]) => PROTOCOLS.includes(key)));
  return { message: byDefault[1], bodies };
}

function objectIn(message: string): object {
  const unreadable = new Fault('InvalidParameter', `${STRUCTURE} JSON message body failed to parse`);
  try {
    const parsed: unknown = parseJson(message);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) && !hasTwins(message)) return parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw unreadable;
}

/** Whether a JSON object has a key twice, of which `JSON.parse` would take the last. */
function hasTwins(json: string): boolean {
  const keys = new Set<string>();
  let depth = 0;
  for (const [, text, colon, sign] of json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?|([{}[\]])/g)) {
    if (sign !== undefined) depth += '{['.includes(sign) ? 1 : -1;
    if (depth !== 1 || text === undefined || colon === undefined) continue;
    const key = JSON.parse(text) as string;
    if (keys.has(key)) return true;
    keys.add(key);
  }
  return false;
}

function invalid(member: string, reason: string): Fault {
  return new Fault('InvalidParameter', `Invalid parameter: ${member} Reason: ${reason}`);
}
