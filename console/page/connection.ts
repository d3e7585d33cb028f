import type { Place, RolloutDocument, ServiceDocument, Snapshot } from '../documents.ts';
import { current, learn, parsed, takeService, takeSnapshot } from './store.ts';

/** So long without a sign of life, and what is shown is stale, whatever the connection says of itself. */
const SILENCE_MS = 25_000;
const RETRY_MS = { first: 1000, longest: 10_000 };

let stream: EventSource | undefined;
let retryMs = RETRY_MS.first;

/** Trades the address's code, listens, and listens anew after every trouble. */
export async function connect(): Promise<void> {
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  // Gone from the address and from the browser's history before anything else can see it.
  if (code !== undefined) history.replaceState(null, '', '#/');
  const refused = code === undefined ? undefined : await trade(code);
  if (!(await isLetIn())) return learn({ link: 'locked', ...(refused !== undefined && { lockedBy: refused }) });
  listen();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') listen();
  });
  setInterval(() => {
    const { link, heardAt } = current();
    if (link === 'live' && performance.now() - heardAt > SILENCE_MS) learn({ link: 'stale' });
  }, 1000);
}

async function trade(code: string): Promise<string | undefined> {
  const answer = await fetch('/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  return answer.ok ? undefined : parsed<{ message: string }>(await answer.text()).message;
}

/** Undefined where nobody answers. */
async function isLetIn(): Promise<boolean | undefined> {
  return await fetch('/session').then(
    ({ status }) => status !== 401,
    () => undefined,
  );
}

/** Opens a stream in place of the one before; its snapshot tells all that was missed. */
function listen(): void {
  stream?.close();
  const opened = new EventSource('/events');
  stream = opened;
  const on = <Data>(event: string, take: (data: Data) => void): void =>
    opened.addEventListener(event, ({ data }: MessageEvent<string>) => {
      if (stream !== opened) return;
      retryMs = RETRY_MS.first;
      take(parsed<Data>(data));
    });
  on<Snapshot>('snapshot', takeSnapshot);
  on<ServiceDocument>('service', takeService);
  on<Place>('place', (place) => learn({ place }));
  on('beat', () => learn({ link: 'live', heardAt: performance.now() }));
  opened.addEventListener('error', () => {
    if (stream === opened) void recover(opened);
  });
}

/** A stream that broke is never trusted to go on. */
async function recover(broken: EventSource): Promise<void> {
  broken.close();
  learn({ link: 'stale' });
  if ((await isLetIn()) === false) return learn({ link: 'locked' });
  setTimeout(() => {
    if (stream === broken) listen();
  }, retryMs);
  retryMs = Math.min(RETRY_MS.longest, retryMs * 2);
}

/** Asks for a rollout that is over, unless it was told before. */
export async function askRollout(service: string, id: string): Promise<void> {
  if (current().rollouts.has(id)) return;
  const told = await fetch(`/rollout?${new URLSearchParams({ service, id })}`).then(
    async (answer) => {
      const text = await answer.text();
      return answer.ok ? parsed<RolloutDocument>(text) : parsed<{ message: string }>(text).message;
    },
    () => undefined,
  );
  // Nobody answered: it is asked for anew when the console does.
  if (told !== undefined) learn({ rollouts: new Map(current().rollouts).set(id, told) });
}
