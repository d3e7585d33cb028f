import type { IncomingMessage } from 'node:http';
import type { InitiateLayerUploadResponse } from '@aws-sdk/client-ecr';
import { PART_BYTES_MIN } from '../ecr/layers.ts';
import { EcrFault, RegistryError } from './errors.ts';
import type { Exchange, Handler, RegistryAnswer } from './exchange.ts';

/**
 * `POST /v2/<name>/blobs/uploads/`: begins an upload, and ends it at once when the digest comes with it. A `mount` is answered as
 * a plain beginning, which the specification allows.
 */
export const beginUpload: Handler = async (exchange) => {
  const { ecr, repositoryName, query } = exchange;
  const { uploadId } = await ecr<InitiateLayerUploadResponse>('InitiateLayerUpload', { repositoryName });
  const begun = { ...exchange, reference: uploadId! };
  return query.has('digest') ? endUpload(begun) : progress(begun, 202);
};

/** `PATCH <location>`: takes the next bytes. */
export const continueUpload: Handler = async (exchange) => {
  await receive(exchange);
  return progress(exchange, 202);
};

/** `GET <location>`: says how much has come. */
export const describeUpload: Handler = async (exchange) => {
  received(exchange);
  return progress(exchange, 204);
};

/** `PUT <location>?digest=<digest>`: takes the last bytes, if any, and ends the upload. */
export const endUpload: Handler = async (exchange) => {
  const { ecr, repositoryName, reference: uploadId, query } = exchange;
  const digest = query.get('digest');
  if (digest === null)
    throw new RegistryError(400, 'DIGEST_INVALID', 'The query names no digest, by which uploads end');
  await receive(exchange);
  try {
    await ecr('CompleteLayerUpload', { repositoryName, uploadId, layerDigests: [digest] });
  } catch (error) {
    // Two may push the same layer at once.
    if (!(error instanceof EcrFault && error.code === 'LayerAlreadyExistsException')) throw error;
  }
  const headers = { location: `/v2/${repositoryName}/blobs/${digest}`, 'docker-content-digest': digest };
  return { status: 201, headers };
};

/** Hands a body on part by part, as it comes: no more than one part of a layer is ever held. */
async function receive(exchange: Exchange): Promise<void> {
  const { ecr, repositoryName, reference: uploadId, incoming } = exchange;
  let partFirstByte = received(exchange);
  refuseOtherRange(exchange, partFirstByte);
  for await (const part of partsOf(incoming)) {
    const partLastByte = partFirstByte + part.length - 1;
    const layerPartBlob = part.toString('base64');
    await ecr('UploadLayerPart', { repositoryName, uploadId, partFirstByte, partLastByte, layerPartBlob });
    partFirstByte = partLastByte + 1;
  }
}

function received({ registry, repositoryName, reference: uploadId }: Exchange): number {
  const bytes = registry.bytesReceived(repositoryName, uploadId);
  if (bytes !== undefined) return bytes;
  const text = `The upload '${uploadId}' has ended, or was never begun, in the repository '${repositoryName}'`;
  throw new RegistryError(404, 'BLOB_UPLOAD_UNKNOWN', text);
}

/** `Content-Range: 0-99`; some write `bytes 0-99/100`. Without one, a body follows what has come. */
function refuseOtherRange(exchange: Exchange, bytes: number): void {
  const range = exchange.incoming.headers['content-range'];
  if (range === undefined) return;
  const [, first, last] = /^(?:bytes[ =])?(\d+)-(\d+)(?:\/.*)?$/.exec(range) ?? [];
  const length = exchange.incoming.headers['content-length'];
  const isWhole = length === undefined || Number(last) - Number(first) + 1 === Number(length);
  if (Number(first) === bytes && isWhole) return;
  const text = `The range ${range} does not follow the ${bytes} bytes that have come${isWhole ? '' : `, or is not ${length} bytes long`}`;
  throw new RegistryError(416, 'BLOB_UPLOAD_INVALID', text, progress(exchange, 416).headers);
}

/** Parts as small as ECR takes them, and the rest. */
async function* partsOf(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes < PART_BYTES_MIN) continue;
    let whole = Buffer.concat(chunks);
    for (; whole.length >= PART_BYTES_MIN; whole = whole.subarray(PART_BYTES_MIN))
      yield whole.subarray(0, PART_BYTES_MIN);
    [chunks, bytes] = [[whole], whole.length];
  }
  if (bytes > 0) yield Buffer.concat(chunks);
}

/** Where the upload goes on. A range includes its last byte, so that of nothing cannot be written: `0-0`, as everybody does. */
function progress(exchange: Exchange, status: number): RegistryAnswer {
  const { repositoryName, reference: uploadId } = exchange;
  const headers = {
    location: `/v2/${repositoryName}/blobs/uploads/${uploadId}`,
    range: `0-${Math.max(0, received(exchange) - 1)}`,
    'docker-upload-uuid': uploadId,
    'oci-chunk-min-length': String(PART_BYTES_MIN),
  };
  return { status, headers };
}
