import { Hono, type Context } from 'hono';
import { streamSSE, type SSEStreamingApi } from 'hono/streaming';
import { ACTS, type Act, type ActRequest } from '../acts.ts';
import { SAFE_HEADERS, SESSION_PATH } from './gate.ts';
import type { Clock, Hub, Message } from './hub.ts';
import type { PageFiles } from './page-files.ts';
import type { Session } from './session.ts';
import type { Source } from './source.ts';

/** What the routes are made of. */
export interface ConsoleParts {
  readonly source: Source;
  readonly hub: Hub;
  readonly session: Session;
  readonly files: PageFiles;
  /** Of this machine: a page is told by it that the console is there, whatever time it is in the account. */
  readonly clock: Clock;
  /** Ends all streams. */
  readonly stop: AbortSignal;
}

/** The page's own sign that somebody is there; after 25 seconds without one it calls what it shows stale. */
const BEAT_MS = 10_000;

const UNKNOWN = 'Open the address that the terminal printed: without its code nothing is shown, not even names.';

/** The routes of the console; whatever reaches them has passed the gate. */
export function consoleApp(parts: ConsoleParts): Hono {
  const { files, session } = parts;
  const app = new Hono();
  app.use('*', async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(SAFE_HEADERS)) context.res.headers.set(name, value);
  });
  // The page itself holds nothing of the account: it must be there before the code can be traded.
  for (const [path, file] of Object.entries(files))
    app.get(path, (context) => {
      const isGzip = /\bgzip\b/.test(context.req.header('accept-encoding') ?? '');
      return new Response(isGzip ? file.gzipped : file.bytes, {
        headers: { 'content-type': file.type, vary: 'accept-encoding', ...(isGzip && { 'content-encoding': 'gzip' }) },
      });
    });
  app.post(SESSION_PATH, async (context) => {
    const { code } = await bodyOf(context);
    const cookie = session.trade(typeof code === 'string' ? code : '');
    if (cookie === undefined)
      return context.json(
        { message: 'This address was used before, or is not of this console. It works once: start the console again.' },
        403,
      );
    return new Response(null, { status: 204, headers: { 'set-cookie': cookie } });
  });
  app.use('*', async (context, next) => {
    if (!session.knows(context.req.header('cookie'))) return context.json({ message: UNKNOWN }, 401);
    return await next();
  });
  // Whether the cookie is known, for a page whose stream cannot tell that from trouble.
  app.get(SESSION_PATH, () => new Response(null, { status: 204 }));
  addReads(app, parts);
  addActs(app, parts);
  app.notFound((context) => context.json({ message: 'There is no such thing here.' }, 404));
  app.onError((error, context) => context.json({ message: error.message }, 502));
  return app;
}

function addReads(app: Hono, { source, hub, clock, stop }: ConsoleParts): void {
  app.get('/events', (context) => streamSSE(context, (stream) => stayTelling(stream, hub, clock, stop)));
  app.get('/rollout', async (context) => {
    const { service = '', id = '' } = context.req.query();
    if (!source.services()?.includes(service)) return context.json({ message: `No service ${service} is here.` }, 404);
    const document = await source.rollout(service, id);
    return document
      ? context.json(document)
      : context.json({ message: `No rollout ${id} of ${service} is known.` }, 404);
  });
}

/** A page is told of everything until it leaves or the console ends, each message once and in order. */
async function stayTelling(stream: SSEStreamingApi, hub: Hub, clock: Clock, stop: AbortSignal): Promise<void> {
  let id = 0;
  let sent = Promise.resolve();
  const send = (event: string, data: unknown): void => {
    sent = sent.then(() => stream.writeSSE({ id: String(++id), event, data: JSON.stringify(data) })).catch(() => {});
  };
  const left = new AbortController();
  stream.onAbort(() => left.abort());
  const ended = AbortSignal.any([left.signal, stop]);
  const leave = hub.subscribe(({ event, data }: Message) => send(event, data));
  while (!ended.aborted) {
    await clock.sleep(BEAT_MS, ended);
    if (!ended.aborted) send('beat', {});
  }
  leave();
  await sent;
}

function addActs(app: Hono, { source, hub }: ConsoleParts): void {
  const done = new Map<string, Promise<Response>>();
  app.get('/foresee', async (context) => {
    const request = actRequest(context.req.query(), source);
    return typeof request === 'string'
      ? context.json({ message: request }, 400)
      : context.json(await source.foresee(request));
  });
  app.post('/act', async (context) => {
    const request = actRequest(await bodyOf(context), source);
    if (typeof request === 'string') return context.json({ message: request }, 400);
    const { requestId = '', reason = '', fingerprint } = request;
    if (requestId === '' || fingerprint === undefined || reason.trim() === '')
      return context.json({ message: 'An act names what was shown, and why.' }, 400);
    // The second click of a double click gets the answer of the first.
    const answer = done.get(requestId) ?? source.act(request).then((told) => context.json(told));
    done.set(requestId, answer);
    const response = (await answer).clone();
    hub.hurry(request.service);
    return response;
  });
}

/** The request, or what is wrong with it. */
function actRequest(given: Readonly<Record<string, unknown>>, source: Source): ActRequest | string {
  const { act, service } = given;
  if (!ACTS.includes(act as Act)) return `There is no act ${String(act)}; there are ${ACTS.join(', ')}.`;
  if (typeof service !== 'string' || !source.services()?.includes(service))
    return `No service ${String(service)} is here.`;
  const text = (member: keyof ActRequest): object => {
    const value = given[member];
    return typeof value === 'string' && value !== '' ? { [member]: value } : {};
  };
  return {
    service,
    act: act as Act,
    ...text('digest'),
    ...text('reason'),
    ...text('fingerprint'),
    ...text('requestId'),
  };
}

async function bodyOf(context: Context): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await context.req.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}
