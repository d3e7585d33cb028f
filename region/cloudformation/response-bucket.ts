import type { RegionContext } from '../service.ts';
import type { WireAnswer, WireRequest } from '../wire/protocol.ts';
import type { PresignedPlace } from '../wire/door.ts';
import { RESPONSE_URL_SECONDS } from './timing.ts';

interface Expected {
  readonly expiresAt: number;
  readonly onResponse: (body: string) => void;
}

/** The one bucket of S3 that is modelled: where functions behind custom resources put their responses, each under its own URL. */
export class ResponseBucket implements PresignedPlace {
  readonly host: string;
  readonly #context: RegionContext;
  /** By path and query. */
  readonly #expected = new Map<string, Expected>();

  constructor(context: RegionContext) {
    this.#context = context;
    this.host = `cloudformation-custom-resource-response-${context.region.replaceAll('-', '')}.s3.amazonaws.com`;
  }

  /** A presigned URL; what is put there goes to `onResponse`, every time. */
  urlFor(key: string, onResponse: (body: string) => void): string {
    const { kernel, region } = this.#context;
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
    this.#expected.set(path, { expiresAt: kernel.now + RESPONSE_URL_SECONDS * 1000, onResponse });
    return `https://${this.host}${path}`;
  }

  receive({ method, path, headers, body }: WireRequest): WireAnswer {
    if (method !== 'PUT') return refusal(501, 'NotModelled', `${method} on ${this.host}`);
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html: the length must be known beforehand.
    if (headers['transfer-encoding'] !== undefined) return refusal(501, 'NotImplemented', NOT_IMPLEMENTED);
    const expected = this.#expected.get(path);
    // AWS's own modules send an empty type: with the older form of these URLs any other breaks the signature.
    if (!expected || (headers['content-type'] ?? '') !== '') return refusal(403, 'SignatureDoesNotMatch', MISMATCH);
    if (expected.expiresAt <= this.#context.kernel.now) return refusal(403, 'AccessDenied', 'Request has expired');
    expected.onResponse(body.toString('utf8'));
    return { status: 200, headers: {}, body: '' };
  }
}

const NOT_IMPLEMENTED = 'A header you provided implies functionality that is not implemented';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.';

function refusal(status: number, code: string, message: string): WireAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}
