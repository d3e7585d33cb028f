import { parseJson } from '../json.ts';
import { Fault } from '../service.ts';
import { checkedInput, checkedOutput, type Protocol, type WireRequest } from './protocol.ts';
import { isDate, type Leaves } from './schema-walk.ts';
import { queryCompatible } from './query-compatible.ts';
import { dateOf, writtenDate } from './timestamps.ts';

/** Timestamps are numbers of seconds unless a shape says otherwise, blobs are base64. */
const READ: Leaves = {
  timestamp: dateOf,
  blob: (value) => (typeof value === 'string' ? new Uint8Array(Buffer.from(value, 'base64')) : undefined),
};
const WRITE: Leaves = {
  timestamp: (value, format) => (isDate(value) ? writtenDate(value, format) : undefined),
  blob: (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : undefined),
};

/** awsJson1_0 and awsJson1_1, which differ in their content type only: the last part of `X-Amz-Target` is the operation. */
export const jsonProtocol: Protocol = {
  name: 'awsJson',
  operationOf: (request) =>
    String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1)!,
  decode: (request, operation, futureFields) => checkedInput(operation, parsed(request), READ, futureFields),
  encode(_service, operation, output, _requestId, futureFields) {
    const value = checkedOutput(operation, output, WRITE, futureFields);
    return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(value) };
  },
  encodeFault(service, fault, _requestId, request) {
    const headers = { ...JSON_HEADERS, 'x-amzn-errortype': fault.code, ...queryCompatible(service, fault, request) };
    return { status: fault.status, headers, body: JSON.stringify({ __type: fault.code, message: fault.message }) };
  },
};

const JSON_HEADERS = { 'content-type': 'application/x-amz-json-1.1' };

function parsed(request: WireRequest): unknown {
  if (request.body.length === 0) return {};
  try {
    return parseJson(request.body.toString('utf8'));
  } catch (error) {
    throw new Fault('SerializationException', `the body of the request cannot be read: ${(error as Error).message}`);
  }
}
