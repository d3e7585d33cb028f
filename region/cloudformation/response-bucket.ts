import type { PresignedPlace } from '../wire/door.ts';
import type { WireAnswer, WireRequest } from '../wire/protocol.ts';
import type { AwaitedResponse, CloudFormation } from './model.ts';
import { RESPONSE_URL_SECONDS } from './timing.ts';

/** The one bucket of S3 that is modelled: where functions behind custom resources put their responses, each under its own URL. */
export function responseBucket(custom: CloudFormation): PresignedPlace {
  const host = hostOf(custom);
  return { host, receive: (request) => receive(custom, host, request) };
}

/** A response to wait for, and the presigned URL at which it may be put. */
export function awaitResponse(custom: CloudFormation, key: string): { url: string; response: AwaitedResponse } {
  const { kernel, region, state } = custom;
  const date = new Date(kernel.now).toISOString().replace(/[-:]|\.\d+/g, '');
  const query = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Date': date,
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Expires': String(RESPONSE_URL_SECONDS),
    'X-Amz-Credential': `AKIACLOUDFORMATION/${date.slice(0, 8)}/${region}/s3/aws4_request`,
    'X-Amz-Signature': kernel.random.hex(64),
  });
  const path = `/${encodeURIComponent(key)}?${query.toString()}`;
  const response = { expiresAt: kernel.now + RESPONSE_URL_SECONDS * 1000, body: undefined };
  state.responses.set(path, response);
  return { url: `https://${hostOf(custom)}${path}`, response };
}

function receive(
  { kernel, state }: CloudFormation,
  host: string,
  { method, path, headers, body }: WireRequest,
): WireAnswer {
  if (method !== 'PUT') return refusal(501, 'NotModelled', `${method} on ${host}`);
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: the length must be known beforehand.
  if (headers['transfer-encoding'] !== undefined) return refusal(501, 'NotImplemented', NOT_IMPLEMENTED);
  const response = state.responses.get(path);
  // AWS's own modules send an empty type: with the older form of these URLs any other breaks the signature.
  if (!response || (headers['content-type'] ?? '') !== '') return refusal(403, 'SignatureDoesNotMatch', MISMATCH);
  if (response.expiresAt <= kernel.now) return refusal(403, 'AccessDenied', 'Request has expired');
  response.body ??= body.toString('utf8');
  return { status: 200, headers: {}, body: '' };
}

function hostOf({ region }: CloudFormation): string {
  return `cloudformation-custom-resource-response-${region.replaceAll('-', '')}.s3.amazonaws.com`;
}

const NOT_IMPLEMENTED = 'A header you provided implies functionality that is not implemented';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.';

function refusal(status: number, code: string, message: string): WireAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}
