import type { Place, ServiceDocument, Snapshot } from '../documents.ts';
import type { Source } from './source.ts';

/** The present time and the passing of it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Ends after `ms` milliseconds, or at once when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What open pages are told. */
export type Message =
  | { readonly event: 'snapshot'; readonly data: Snapshot }
  | { readonly event: 'service'; readonly data: ServiceDocument }
  | { readonly event: 'place'; readonly data: Place };

/** One reader of the account for all open pages: it looks only while somebody does. */
export interface Hub {
  /** Tells everything that is known, and then whatever changes, until the answered function is called. */
  subscribe(tell: (message: Message) => void): () => void;
  /** Looks at a service at once: something was done to it. */
  hurry(service: string): void;
  close(): void;
}

/** Milliseconds between looks at a service: while something rolls as `watch` looks, else seldom, and the more seldom the more services there are; and for new services. */
const PACE_MS = { first: 2000, longest: 10_000, growth: 1.5, idle: 30_000, perService: 1000, discovery: 300_000 };

/** Opens the hub; nothing is read until the first page opens. */
export function openHub(source: Source, clock: Clock): Hub {
  const pages = new Set<(message: Message) => void>();
  const tellAll = (message: Message): void => pages.forEach((tell) => tell(message));
  const looking = lookingAt(source, clock, tellAll);
  let stop: AbortController | undefined;
  const end = (): void => {
    stop?.abort();
    stop = undefined;
  };
  return {
    subscribe(tell) {
      pages.add(tell);
      tell({ event: 'snapshot', data: looking.snapshot() });
      if (!stop) {
        stop = new AbortController();
        void looking.begin(stop.signal);
      }
      return () => {
        pages.delete(tell);
        if (pages.size === 0) end();
      };
    },
    hurry: looking.hurry,
    close: end,
  };
}

/** Looks at what there is, and at each of it, for as long as a signal lets it; it remembers what it saw. */
function lookingAt(source: Source, clock: Clock, tellAll: (message: Message) => void) {
  const known = new Map<string, ServiceDocument>();
  const wakers = new Map<string, AbortController>();
  let toldPlace = '';
  const tellPlace = (): void => {
    const place = JSON.stringify(source.place);
    if (place !== toldPlace) tellAll({ event: 'place', data: source.place });
    toldPlace = place;
  };
  const snapshot = (): Snapshot => {
    const documents = source.services()?.map((service) => known.get(service) ?? { service, history: [] });
    return { place: source.place, ...(documents && { services: documents }) };
  };
  const follow = async (service: string, signal: AbortSignal): Promise<void> => {
    let waitMs = PACE_MS.first;
    while (!signal.aborted) {
      const before = known.get(service);
      const document = await source.look(service);
      known.set(service, document);
      tellPlace();
      tellAll({ event: 'service', data: document });
      const isNews = withoutTime(before) !== withoutTime(document);
      waitMs = isNews ? PACE_MS.first : Math.min(PACE_MS.longest, waitMs * PACE_MS.growth);
      const idleMs = Math.max(PACE_MS.idle, (source.services()?.length ?? 0) * PACE_MS.perService);
      const waker = new AbortController();
      wakers.set(service, waker);
      await clock.sleep(isMoving(document) ? waitMs : idleMs, AbortSignal.any([signal, waker.signal]));
    }
  };
  const begin = async (signal: AbortSignal): Promise<void> => {
    const followed = new Set<string>();
    let waitMs = PACE_MS.first;
    toldPlace = JSON.stringify(source.place);
    while (!signal.aborted) {
      await source.discover();
      if (signal.aborted) return;
      tellPlace();
      const names = source.services();
      const fresh = names?.filter((service) => !followed.has(service)) ?? [];
      if (fresh.length > 0 || names?.length === 0) tellAll({ event: 'snapshot', data: snapshot() });
      for (const service of fresh) void follow(service, signal);
      fresh.forEach((service) => followed.add(service));
      waitMs = Math.min(PACE_MS.longest, waitMs * PACE_MS.growth);
      await clock.sleep(source.place.trouble ? waitMs : PACE_MS.discovery, signal);
    }
  };
  return { snapshot, begin, hurry: (service: string): void => wakers.get(service)?.abort() };
}

/** Something rolls, or waits to, or nobody knows. */
function isMoving({ standing, rolling, trouble }: ServiceDocument): boolean {
  const isUnknown = trouble?.kind === 'silent' || trouble?.kind === 'credentials';
  return (
    isUnknown || rolling !== undefined || (standing !== undefined && (standing.rollout ?? standing.pending) !== null)
  );
}

/** A look that found the same at another moment brings no news. */
function withoutTime(document: ServiceDocument | undefined): string {
  return JSON.stringify(document, (member, value: unknown) =>
    member === 'readAt' || member === 'endedAt' ? undefined : value,
  );
}
