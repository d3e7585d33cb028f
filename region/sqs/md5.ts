import { createHash } from 'node:crypto';
import type { MessageAttributeValue } from '@aws-sdk/client-sqs';

const STRING_TYPE = 1;
const BINARY_TYPE = 2;

export function md5OfBody(body: string): string {
  return createHash('md5').update(body).digest('hex');
}

/** Amazon SQS developer guide, "Calculating the MD5 message digest for message attributes". */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttributeValue>>): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  for (const name of names) {
    const { DataType = '', StringValue, BinaryValue } = attributes[name]!;
    hash.update(lengthPrefixed(Buffer.from(name))).update(lengthPrefixed(Buffer.from(DataType)));
    hash.update(Buffer.from([BinaryValue ? BINARY_TYPE : STRING_TYPE]));
    hash.update(lengthPrefixed(Buffer.from(BinaryValue ?? Buffer.from(StringValue ?? ''))));
  }
  return hash.digest('hex');
}

function lengthPrefixed(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
