import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { Fault } from '../service.ts';

/** What is published. */
export interface Message {
  readonly message: string;
  readonly subject?: string;
  readonly attributes?: Readonly<Record<string, MessageAttributeValue>>;
}

const MESSAGE_BYTES_MAX = 262_144;
const SUBJECT_CHARACTERS_MAX = 100;

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

/** Stricter than the API reference, which by now takes any UTF-8 text without line breaks or control characters. */
function checkSubject(subject: string): void {
  const isPrintable = /^[\x21-\x7e][\x20-\x7e]*$/.test(subject);
  if (!isPrintable || subject.length > SUBJECT_CHARACTERS_MAX) throw invalid('Subject', `'${subject}'`);
}

function invalid(member: string, reason: string): Fault {
  return new Fault('InvalidParameter', `Invalid parameter: ${member} Reason: ${reason}`);
}
