/** What a scheduled act is: parks of wire calls, timers of the region and of handlers, deliveries of events. */
export type ActKind = 'arrive' | 'answer' | 'timer' | 'delivery';

/** Names a scheduled act, to cancel it; a number, so that what holds it stays plain data. */
export type TimerId = number;

/** One act that waits for its turn. */
export interface Pending {
  readonly dueAt: number;
  /** Order of scheduling; makes first in, first out well defined, and names the act. */
  readonly sequence: TimerId;
  readonly kind: ActKind;
  readonly label: string;
  readonly act: () => void | Promise<void>;
}

/** The acts that wait, the earliest first: a binary heap, so that a region of hundreds of services finds its next act at once. */
export class Agenda {
  readonly #byId = new Map<TimerId, Pending>();
  /** Those that were dropped stay until they come to the top. */
  #heap: Pending[] = [];

  /** All that wait, in the order in which they were added. */
  values(): Iterable<Pending> {
    return this.#byId.values();
  }

  add(pending: Pending): void {
    this.#byId.set(pending.sequence, pending);
    this.#push(pending);
  }

  /** Drops one; nothing happens when it does not wait. */
  drop(id: TimerId): void {
    this.#byId.delete(id);
    // Timers that are dropped before they are due, such as time-outs, must not pile up.
    if (this.#heap.length > 2 * this.#byId.size + SLACK) this.#rebuild();
  }

  /** When the earliest is due; undefined when none waits. */
  get nextDueAt(): number | undefined {
    return this.#top()?.dueAt;
  }

  /** All that are due at `dueAt` or before, in the order in which they were added; they still wait. */
  dueBy(dueAt: number): Pending[] {
    const due: Pending[] = [];
    for (let top = this.#top(); top !== undefined && top.dueAt <= dueAt; top = this.#top()) {
      due.push(top);
      this.#pop();
    }
    for (const pending of due) this.#push(pending);
    return due.sort((one, other) => one.sequence - other.sequence);
  }

  #top(): Pending | undefined {
    while (this.#heap.length > 0 && !this.#byId.has(this.#heap[0]!.sequence)) this.#pop();
    return this.#heap[0];
  }

  #push(pending: Pending): void {
    const heap = this.#heap;
    let at = heap.push(pending) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(pending, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = pending;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }

  #rebuild(): void {
    this.#heap = [];
    for (const pending of this.#byId.values()) this.#push(pending);
  }
}

const SLACK = 64;

function isBefore(one: Pending, other: Pending): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.sequence < other.sequence);
}
