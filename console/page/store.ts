import { visible } from '../../picture/visible.ts';
import type { Place, RolloutDocument, ServiceDocument, Snapshot } from '../documents.ts';

/** Whether the console tells what happens: from there, not any more, or not to this browser. */
export type Link = 'opening' | 'live' | 'stale' | 'locked';

/** All that a page knows. */
export interface PageState {
  readonly link: Link;
  /** What to do about a link that is locked. */
  readonly lockedBy?: string;
  readonly place: Place;
  /** Undefined until the first snapshot. */
  readonly services?: readonly ServiceDocument[];
  /** Ended rollouts that were asked for, by id; a string says why one cannot be shown. */
  readonly rollouts: ReadonlyMap<string, RolloutDocument | string>;
  /** AWS's time less this page's own clock, milliseconds. */
  readonly ahead: number;
  /** When the console said something last, by this page's own clock. */
  readonly heardAt: number;
}

let state: PageState = {
  link: 'opening',
  place: { isReadOnly: true },
  rollouts: new Map(),
  ahead: 0,
  heardAt: 0,
};
const listeners = new Set<() => void>();

/** All that is known. */
export function current(): PageState {
  return state;
}

/** Learns something, and tells whoever shows it. */
export function learn(news: Partial<PageState>): void {
  state = { ...state, ...news };
  listeners.forEach((tell) => tell());
}

/** Calls back when something was learnt, until the answered function is called. */
export function onNews(tell: () => void): () => void {
  listeners.add(tell);
  return () => void listeners.delete(tell);
}

/** Whatever came from outside, with nothing in it that is not seen: as tags, reasons and log lines are other people's text. */
export function parsed<Document>(json: string): Document {
  return JSON.parse(json, (_, value: unknown) => (typeof value === 'string' ? visible(value) : value)) as Document;
}

/** AWS's present time: that of the newest look, and what has passed since. */
export function nowThere(): number {
  return performance.now() + state.ahead;
}

/** Takes everything at once: whoever only took what is new would miss what happened while nobody listened. */
export function takeSnapshot({ place, services }: Snapshot): void {
  learn({ place, link: 'live', ...(services && { services }), ...heard(services ?? []) });
}

/** Takes one service as it is now. */
export function takeService(document: ServiceDocument): void {
  const services = (state.services ?? []).map((one) => (one.service === document.service ? document : one));
  learn({ services, link: 'live', ...heard([document]) });
}

function heard(documents: readonly ServiceDocument[]): Pick<PageState, 'ahead' | 'heardAt'> {
  const here = performance.now();
  const read = documents.flatMap(({ readAt }) => (readAt === undefined ? [] : [Date.parse(readAt) - here]));
  return { heardAt: here, ahead: Math.max(state.ahead, ...read) };
}
