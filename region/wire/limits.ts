import type { IncomingMessage } from 'node:http';
import { Fault } from '../service.ts';

/** The largest body that an API takes is a layer part of 10 MiB (Amazon ECR service quotas), 13.4 MiB in base64. */
export const BODY_BYTES_MAX = 20 * 1024 * 1024;
/**
 * A client that is cut off while it still sends sees a broken connection instead of its refusal, so what follows is read and
 * forgotten; but not for ever.
 */
const UNREAD_BYTES_MAX = 10 * BODY_BYTES_MAX;

/** Collects the body of an API call; `onBody` gets it, or the `Fault` that refuses it, when the request has ended. */
export function collectBody(
  incoming: IncomingMessage,
  onBody: (body: Buffer, refusal: Fault | undefined) => void,
): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    else chunks = [];
    if (bytes > UNREAD_BYTES_MAX) incoming.destroy();
  });
  incoming.on('error', () => {});
  incoming.on('end', () => {
    const refusal = bytes > BODY_BYTES_MAX ? tooLarge(bytes) : undefined;
    onBody(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), refusal);
  });
}

function tooLarge(bytes: number): Fault {
  const text = `The body of the request has ${bytes} bytes; API operations take at most ${BODY_BYTES_MAX}.`;
  return new Fault('RequestEntityTooLargeException', text, 413);
}
