import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { Fault } from '../service.ts';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Why a request that came over loopback is refused; undefined when it may pass. A page in a browser reaches 127.0.0.1 too,
 * by a name of its own that it rebinds to it, and nothing here checks signatures: so only tools are served, by the names
 * that mean this machine. `allowedHosts` are further names, with a port or for any.
 */
export function loopbackRefusal(
  headers: IncomingHttpHeaders,
  port: number,
  allowedHosts: readonly string[],
): Fault | undefined {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (!isOurs(host.toLowerCase(), port, allowedHosts)) return refused(hostText(host, port));
  if (origin !== undefined)
    return refused(`The region serves no web pages: a request with an Origin header (${origin}) is refused.`);
  // Only a page's requests have a site; `none` is a person who typed the address.
  if (site === undefined || site === 'none' || site === 'same-origin') return undefined;
  return refused(`The region serves no web pages: a ${String(site)} request (Sec-Fetch-Site) is refused.`);
}

function isOurs(host: string, port: number, allowedHosts: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, '');
  if (allowedHosts.some((allowed) => [host, name].includes(allowed.toLowerCase()))) return true;
  // A client leaves the port away where it is HTTP's own.
  return LOOPBACK_NAMES.includes(name) && host === (host === name && port === 80 ? name : `${name}:${port}`);
}

function hostText(host: string, port: number): string {
  const seen = host === '' ? 'A request without a Host header' : `The host "${host}"`;
  const name = /^[\w.-]+(?=:\d+$|$)/.exec(host)?.[0];
  const isLoopback = name === undefined || LOOPBACK_NAMES.includes(name.toLowerCase());
  const remedy = isLoopback ? '' : `, or allow that name with --allow-host ${name}`;
  return `${seen} is refused: use http://127.0.0.1:${port}${remedy}.`;
}

function refused(text: string): Fault {
  return new Fault('AccessDeniedException', text, 403);
}

/** The first byte of a TLS handshake, and what a client begins with that speaks HTTP/2 without asking (RFC 9113, section 3.4). */
const TLS_HANDSHAKE = 0x16;
const HTTP2_PREFACE = 'PRI * HTTP/2';

/** Answers what node's parser could not read as HTTP, and hangs up. */
export function answerNoHttp(
  error: Error & { readonly code?: string; readonly rawPacket?: Buffer },
  socket: Duplex,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  const [status, text] = noHttpText(error);
  const head = [
    `HTTP/1.1 ${status}`,
    'connection: close',
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
  // Bytes that nobody reads would make the system reset the connection before the client has read the answer.
  socket.resume();
}

function noHttpText({ code, message, rawPacket }: Parameters<typeof answerNoHttp>[0]): [status: string, text: string] {
  if (code === 'HPE_HEADER_OVERFLOW')
    return ['431 Request Header Fields Too Large', 'The headers of the request are too large.\n'];
  if (rawPacket?.[0] === TLS_HANDSHAKE)
    return ['400 Bad Request', 'This port speaks HTTP, not HTTPS: use an endpoint that begins with http://.\n'];
  if (rawPacket?.subarray(0, HTTP2_PREFACE.length).toString('latin1') === HTTP2_PREFACE)
    return ['400 Bad Request', 'This port speaks HTTP/1.1, not HTTP/2.\n'];
  return ['400 Bad Request', `This is not an HTTP request that the region can read: ${message}.\n`];
}
