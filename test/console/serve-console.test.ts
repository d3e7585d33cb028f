import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MACHINE_CLOCK } from '../../cli/terminal/clock.ts';
import type { ServiceDocument } from '../../console/documents.ts';
import { serveConsole, type ServedConsole } from '../../console/server/serve-console.ts';
import { givenSource, type GivenSource } from './given-source.ts';

const FILES = { '/': { type: 'text/html', bytes: Buffer.from('page'), gzipped: Buffer.from('zip') } };
const API: ServiceDocument = { service: 'prod/api', history: [] };

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('the gate', () => {
  it('tells nothing of the account to whoever has no code', async () => {
    const { get } = await open();
    for (const path of ['/events', '/rollout?service=prod%2Fapi&id=1', '/foresee?act=start&service=prod%2Fapi']) {
      const { status, body } = await get(path);
      expect([status, JSON.parse(body)]).toEqual([
        401,
        { message: expect.stringContaining('terminal printed') as string },
      ]);
      expect(body).not.toContain('api');
    }
  });

  it('shows the page itself before the code can be traded, as nothing of the account is in it', async () => {
    const { get } = await open();
    expect(await get('/')).toMatchObject({ status: 200, body: 'page' });
  });

  it.each(['localhost:PORT', '127.0.0.1', 'evil.example:PORT', '127.0.0.1:PORT.evil.example', 'user@127.0.0.1:PORT'])(
    'refuses whoever calls it %s before anything else',
    async (host) => {
      const { get, console, cookie } = await openTraded();
      const answer = await get('/', { host: host.replace('PORT', String(console.port)), cookie });
      expect([answer.status, answer.body]).toEqual([
        403,
        expect.stringContaining(`http://127.0.0.1:${console.port} only`),
      ]);
    },
  );

  it('refuses two hosts, and an address of its own in the request line', async () => {
    const { console } = await open();
    const own = `127.0.0.1:${console.port}`;
    expect(await raw(console.port, `GET / HTTP/1.1\r\nHost: ${own}\r\nHost: evil.example\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 (400|403) /,
    );
    expect(await raw(console.port, `GET http://evil.example/ HTTP/1.1\r\nHost: ${own}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 403 /,
    );
  });

  it('refuses another origin with the right cookie, for reading as for changes', async () => {
    const { get, post, cookie, source } = await openTraded();
    const foreign = { cookie, origin: 'http://127.0.0.1:1' };
    expect((await get('/foresee?act=start&service=prod%2Fapi', foreign)).status).toBe(403);
    expect((await post('/act', START, foreign)).status).toBe(403);
    expect((await post('/act', START, { cookie, origin: 'null' })).status).toBe(403);
    expect(source.acted).toEqual([]);
  });

  it.each([
    ['no origin', { origin: undefined }, 403],
    ['no Sec-Fetch-Site', { 'sec-fetch-site': undefined }, 403],
    ['another site', { 'sec-fetch-site': 'same-site' }, 403],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['text', { 'content-type': 'text/plain;application/json' }, 415],
  ])('takes a change from its own page only: %s', async (_, headers, status) => {
    const { post, cookie, source } = await openTraded();
    expect((await post('/act', START, { cookie, ...headers })).status).toBe(status);
    expect(source.acted).toEqual([]);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('knows no %s', async (method) => {
    const { send, cookie } = await openTraded();
    expect((await send(method, '/act', { cookie })).status).toBe(405);
  });

  it('sends every answer, refusals too, so that nothing of others runs in it, frames it or keeps it', async () => {
    const { get, cookie } = await openTraded();
    const answers = [
      await get('/'),
      await get('/events'),
      await get('/', { host: 'evil' }),
      await get('/nothing', { cookie }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 403, 404]);
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
      });
      expect(headers['content-security-policy']).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'$/,
      );
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('the code', () => {
  it('stands in the fragment, and is traded once for a cookie that scripts and other sites do not get', async () => {
    const { post, console } = await open();
    const { hash, origin } = new URL(console.address);
    expect(origin).toBe(`http://127.0.0.1:${console.port}`);
    const code = hash.replace('#code=', '');
    expect(Buffer.from(code, 'base64url')).toHaveLength(32);
    const first = await post('/session', { code });
    expect(first.status).toBe(204);
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(new RegExp(`^rollouts-${console.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`)),
    ]);
    expect(first.headers['set-cookie']![0]).not.toContain(code);
    const second = await post('/session', { code });
    expect([second.status, second.headers['set-cookie']]).toEqual([403, undefined]);
  });

  it('opens nothing in a query or where it is wrong', async () => {
    const { get, post, console } = await open();
    const code = new URL(console.address).hash.replace('#code=', '');
    expect((await get(`/session?code=${code}`)).status).toBe(401);
    expect((await get(`/events?code=${code}`)).status).toBe(401);
    expect((await post('/session', { code: `${code.slice(0, -1)}!` })).status).toBe(403);
    expect((await post('/session', 'no document')).status).toBe(403);
    expect((await post('/session', { code })).status).toBe(204);
  });

  it('is told by no GET, with the cookie or without', async () => {
    const { get, cookie, console } = await openTraded();
    const [code, secret] = [new URL(console.address).hash.replace('#code=', ''), cookie.split('=')[1]!];
    const told = [
      await get('/'),
      await get('/', { cookie }),
      await get('/session', { cookie }),
      await get('/nothing', { cookie }),
    ];
    for (const { body, headers } of told) {
      expect(body + JSON.stringify(headers)).not.toContain(code);
      expect(body + JSON.stringify(headers)).not.toContain(secret);
    }
  });

  it('and its cookie die with the console', async () => {
    const { cookie, get, console } = await openTraded();
    expect((await get('/nothing', { cookie })).status).toBe(404);
    await console.close();
    await expect(get('/nothing', { cookie })).rejects.toThrow('ECONNREFUSED');
    const next = await open(undefined, console.port);
    expect((await next.get('/nothing', { cookie })).status).toBe(401);
  });
});

describe('acts', () => {
  it('are not there in a console that only reads, but for the trade of its code', async () => {
    const { post, cookie, source } = await openTraded(givenSource([API], { isReadOnly: true }));
    const { status, body } = await post('/act', START, { cookie });
    expect([status, body]).toEqual([405, expect.stringContaining('--read-only')]);
    expect(source.acted).toEqual([]);
  });

  it('are done once however often they are clicked', async () => {
    const { post, cookie, source } = await openTraded();
    const answers = await Promise.all([post('/act', START, { cookie }), post('/act', START, { cookie })]);
    expect(answers.map(({ body }) => JSON.parse(body) as unknown)).toEqual(
      Array(2).fill({ kind: 'done', message: 'acted 1' }),
    );
    expect(source.acted).toEqual([START]);
    await post('/act', { ...START, requestId: 'another' }, { cookie });
    expect(source.acted).toHaveLength(2);
  });

  it.each([
    ['of a service that is not there', { service: 'prod/other' }, 'No service prod/other is here.'],
    ['that does not exist', { act: 'delete' }, 'There is no act delete'],
    ['without a reason', { reason: ' ' }, 'names what was shown, and why'],
    ['without having looked', { fingerprint: '' }, 'names what was shown, and why'],
  ])('%s are refused', async (_, changes, message) => {
    const { post, cookie, source } = await openTraded();
    const answer = await post('/act', { ...START, ...changes }, { cookie });
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(message)]);
    expect(source.acted).toEqual([]);
  });
});

describe('looks', () => {
  it('are taken only while a page is open, and once however many are', async () => {
    const { listen, source, until } = await openTraded();
    expect(source.looks).toEqual([]);
    const [one, other] = [listen(), listen()];
    await until(
      () =>
        [one, other].every(({ text }) => text().includes('event: snapshot')) &&
        (one.text() + other.text()).includes('event: service'),
    );
    expect(source.looks).toEqual(['prod/api']);
    expect(one.text()).toMatch(/^event: snapshot\ndata: \{"place":\{"account":"123456789012".*\nid: 1\n\n/);
    expect(one.text() + other.text()).toContain('event: service\ndata: {"service":"prod/api","history":[]}\n');
    one.leave();
    other.leave();
  });
});

const START = { service: 'prod/api', act: 'start', reason: 'because', fingerprint: 'f', requestId: 'r' };

interface Opened {
  readonly console: ServedConsole;
  readonly source: GivenSource;
  send(method: string, path: string, headers?: Headers, body?: string): Promise<Answer>;
  get(path: string, headers?: Headers): Promise<Answer>;
  /** As the page itself sends it, but for these headers. */
  post(path: string, body: unknown, headers?: Headers): Promise<Answer>;
}
type Headers = Readonly<Record<string, string | undefined>>;

async function open(source = givenSource([API]), port = 0): Promise<Opened> {
  const console = await serveConsole({ source, port, clock: MACHINE_CLOCK, files: FILES });
  onTestFinished(() => console.close().catch(() => {}));
  const send: Opened['send'] = (method, path, headers = {}, body = '') =>
    new Promise((resolve, reject) => {
      const known = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
      const sent = httpRequest(
        { agent: false, host: '127.0.0.1', port: console.port, method, path, headers: known as Record<string, string> },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.on('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: text }));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    console,
    source,
    send,
    get: (path, headers) => send('GET', path, headers),
    post: (path, body, headers) =>
      send(
        'POST',
        path,
        {
          origin: `http://127.0.0.1:${console.port}`,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/json',
          ...headers,
        },
        JSON.stringify(body),
      ),
  };
}

/** A console whose code was traded, and the cookie. */
async function openTraded(source?: GivenSource) {
  const opened = await open(source);
  const code = new URL(opened.console.address).hash.replace('#code=', '');
  const { headers } = await opened.post('/session', { code });
  const cookie = headers['set-cookie']![0]!.split(';')[0]!;
  return {
    ...opened,
    cookie,
    /** Opens the stream of events, as a page does. */
    listen() {
      let text = '';
      const sent = httpRequest(
        { host: '127.0.0.1', port: opened.console.port, path: '/events', headers: { cookie } },
        (answer) => {
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.on('error', () => {});
        },
      );
      sent.on('error', () => {});
      sent.end();
      return { text: () => text, leave: () => sent.destroy() };
    },
    async until(isSo: () => boolean) {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
    },
  };
}

/** What comes back for bytes that no client would send. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      socket.end();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
