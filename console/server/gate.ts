import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/**
 * Headers of every answer. Scripts, styles and connections are our own or none; the page can be framed, cached and referred
 * to by nobody.
 */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** What the gate goes by: the one origin at which the console is. */
export interface Gate {
  /** `127.0.0.1:40123` */
  readonly host: string;
  readonly isReadOnly: boolean;
}

/** A refusal: its status, and a sentence for whoever reads the answer. */
export interface Refusal {
  readonly status: 403 | 405 | 415;
  readonly message: string;
}

/** The only change that a console without acts knows: the exchange of the code. */
export const SESSION_PATH = '/session';

/**
 * Looks at a request before anything else does. Loopback keeps no web page out: a name that resolves to 127.0.0.1 brings its
 * own Host, and a form of another site its own Origin.
 */
export function refusalOf(
  { method = '', url = '', headers, rawHeaders }: IncomingMessage,
  gate: Gate,
): Refusal | undefined {
  if (countOf('host', rawHeaders) !== 1 || headers.host !== gate.host || !url.startsWith('/'))
    return refused(`This console answers at http://${gate.host} only.`);
  const own = `http://${gate.host}`;
  const { origin } = headers;
  if (origin !== undefined && origin !== own) return refused('Another site may not ask this console.');
  if (method === 'GET' || method === 'HEAD') return undefined;
  if (method !== 'POST') return { status: 405, message: `${method} is not known here.` };
  if (gate.isReadOnly && url !== SESSION_PATH)
    return { status: 405, message: 'This console was started with --read-only: it changes nothing.' };
  if (origin === undefined || headers['sec-fetch-site'] !== 'same-origin')
    return refused('Changes come from the page of this console only.');
  if (!/^application\/json(;|$)/.test(headers['content-type'] ?? ''))
    return { status: 415, message: 'Changes are sent as application/json.' };
  return undefined;
}

function refused(message: string): Refusal {
  return { status: 403, message };
}

/** Node keeps the first of several Host headers and drops the others. */
function countOf(name: string, rawHeaders: readonly string[]): number {
  return rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === name).length;
}

/** Whether two secrets are one, in a time that does not tell how much of them is. */
export function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
