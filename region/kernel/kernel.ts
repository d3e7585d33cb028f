import { Agenda, type ActKind, type Pending, type TimerId } from './agenda.ts';
import { reasonOf, type Defect, type DefectPolicy } from './defects.ts';
import { seededRandom, type Random } from './random.ts';

export type { ActKind, Pending, TimerId } from './agenda.ts';

/** An act that waits, without what it does. */
export type Scheduled = Omit<Pending, 'act'>;

/** Chooses which of the acts that are due at the same instant goes next; the list is ordered by `sequence`, never empty. */
export type Policy = (ready: readonly Pending[], random: Random) => Pending;

/** Default policy: first in, first out. Faults and interleavings are only other policies. */
export const firstInFirstOut: Policy = (ready) => ready[0]!;

/** One line of the trace: what happened, at which virtual millisecond. */
export interface TraceLine {
  readonly at: number;
  readonly kind: string;
  readonly label: string;
}

/** A source of work that the kernel cannot see (a running handler); virtual time stands still until it is settled. */
export interface Activity {
  readonly label: string;
  /** True when it is parked in a wire call, waits for a virtual timer, or has ended. */
  isSettled(): boolean;
}

export interface KernelOptions {
  /** @default 1 */
  readonly seed?: number;
  /** Virtual start, milliseconds since the epoch. @default 2026-01-05T09:00:00Z */
  readonly startAt?: number;
  /** Of the first act that is scheduled. @default 0 */
  readonly firstSequence?: number;
  /** @default firstInFirstOut */
  readonly policy?: Policy;
  /** What becomes of what an act should never have thrown. @default 'end' */
  readonly defects?: DefectPolicy;
  /** Receives every line as it happens. */
  readonly onTrace?: (line: TraceLine) => void;
}

/** Deliveries that take longer wait to be tried again. */
const PROMPT_DELIVERY_MS = 1_000;

/** Turns of the event loop without any change after which a settled world is believed to be at rest. */
const QUIET_TURNS = 3;
/** Turns after which an activity that neither parks nor ends is a defect of the region, reported by name. */
const MAX_TURNS = 20_000;

/**
 * The one scheduler: it owns virtual time, both parks of every wire call, all timers and all deliveries.
 * Acts run one at a time, each to its end; time advances only when every activity is settled and nothing is due.
 */
export class Kernel {
  #random: Random;
  readonly #policy: Policy;
  readonly #onTrace: ((line: TraceLine) => void) | undefined;
  readonly #agenda = new Agenda();
  readonly #activities = new Set<Activity>();
  readonly #changeListeners = new Set<() => void>();
  readonly #defects: DefectPolicy;
  readonly #defectListeners = new Set<(defect: Defect) => void>();
  readonly #actListeners = new Set<() => void>();
  #now: number;
  #sequence = 0;
  /** Whether code may run that the kernel does not see: then the event loop has to drain before anything else happens. */
  #hasResumed = true;

  constructor(options: KernelOptions = {}) {
    this.#random = seededRandom(options.seed ?? 1);
    this.#policy = options.policy ?? firstInFirstOut;
    this.#defects = options.defects ?? 'end';
    this.#onTrace = options.onTrace;
    this.#now = options.startAt ?? Date.UTC(2026, 0, 5, 9);
    this.#sequence = options.firstSequence ?? 0;
  }

  /** Where whatever happens by chance comes from. */
  get random(): Random {
    return this.#random;
  }

  /** From now on chance has that seed. */
  reseed(seed: number): void {
    this.#random = seededRandom(seed);
  }

  /** Of the next act that is scheduled. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Labels of the activities. */
  get running(): string[] {
    return [...this.#activities].map(({ label }) => label);
  }

  /** All that is scheduled, in the order in which it was, as plain data. */
  get scheduled(): Scheduled[] {
    return [...this.#agenda.values()].map(({ dueAt, sequence, kind, label }) => ({ dueAt, sequence, kind, label }));
  }

  /** Schedules an act as it was scheduled in the region that this one is a copy of. */
  scheduleAgain(scheduled: Scheduled, act: () => void): void {
    this.#agenda.add({ ...scheduled, act });
  }

  /** Virtual time, milliseconds since the epoch. */
  get now(): number {
    return this.#now;
  }

  /** When the next act is due, or undefined when nothing is pending. */
  get nextDueAt(): number | undefined {
    return this.#agenda.nextDueAt;
  }

  /** Whether a wire call is on its way, at one of its two parks, or a delivery that takes no longer than most. */
  get isCarrying(): boolean {
    for (const { kind, dueAt } of this.#agenda.values()) {
      if (kind === 'arrive' || kind === 'answer') return true;
      if (kind === 'delivery' && dueAt - this.#now <= PROMPT_DELIVERY_MS) return true;
    }
    return false;
  }

  /** Schedules `act` after `delayMs` of virtual time; the answer is for `cancel`. */
  after(delayMs: number, kind: ActKind, label: string, act: () => void | Promise<void>): TimerId {
    const sequence = this.#sequence++;
    const dueAt = this.#now + Math.max(0, delayMs);
    this.#agenda.add({ dueAt, sequence, kind, label, act });
    for (const listener of this.#changeListeners) listener();
    return sequence;
  }

  /** Drops a scheduled act; nothing happens when it has run, was dropped before, or there is none. */
  cancel(timer: TimerId | undefined): void {
    if (timer !== undefined) this.#agenda.drop(timer);
  }

  /** Registers an activity; the answer removes it. */
  track(activity: Activity): () => void {
    this.resumed();
    this.#activities.add(activity);
    return () => this.#activities.delete(activity);
  }

  /**
   * Says that the present act has started or resumed code in process, which goes on in later turns of the event loop. Answers
   * always do; acts that only change data cost no turn.
   */
  resumed(): void {
    this.#hasResumed = true;
  }

  /** Calls `listener` whenever an act is scheduled; a paced run uses it to notice callers from outside. */
  onScheduled(listener: () => void): () => void {
    this.#changeListeners.add(listener);
    return () => this.#changeListeners.delete(listener);
  }

  /**
   * Takes what should never have been thrown at `where`. Throws it again where defects end the run; else tells the listeners
   * and answers the reason with which to stop what it struck.
   */
  contain(error: unknown, where: string): string {
    if (this.#defects === 'end') throw error;
    const reason = reasonOf(error);
    this.trace('defect', `${where}: ${reason}`);
    for (const listener of this.#defectListeners) listener({ at: this.#now, where, reason, error });
    return reason;
  }

  /** Calls `listener` with every defect that was contained; the answer removes it. */
  onDefect(listener: (defect: Defect) => void): () => void {
    this.#defectListeners.add(listener);
    return () => this.#defectListeners.delete(listener);
  }

  /** Calls `listener` before each act, at its time and while nothing else happens; the answer ends that. */
  onAct(listener: () => void): () => void {
    this.#actListeners.add(listener);
    return () => this.#actListeners.delete(listener);
  }

  trace(kind: string, label: string): void {
    this.#onTrace?.({ at: this.#now, kind, label });
  }

  /**
   * Runs one act: the next that is due, advancing the clock to it, never past `untilMs`.
   * False when nothing is due by then; the clock then stands at `untilMs` when that is finite.
   */
  async step(untilMs: number = Number.POSITIVE_INFINITY): Promise<boolean> {
    // Nobody knows what whoever lets time pass has done before.
    this.resumed();
    return this.#next(untilMs);
  }

  async #next(untilMs: number): Promise<boolean> {
    if (this.#hasResumed) await this.#settle();
    const dueAt = this.nextDueAt;
    if (dueAt === undefined || dueAt > untilMs) {
      if (Number.isFinite(untilMs)) this.#now = Math.max(this.#now, untilMs);
      return false;
    }
    this.#now = Math.max(this.#now, dueAt);
    const next = this.#policy(this.#agenda.dueBy(dueAt), this.random);
    this.#agenda.drop(next.sequence);
    if (next.kind === 'answer') this.resumed();
    this.trace(next.kind, next.label);
    for (const listener of this.#actListeners) listener();
    try {
      await next.act();
    } catch (error) {
      this.contain(error, next.label);
    }
    return true;
  }

  /** Runs until `isDone`, or throws when `limitMs` of virtual time have passed or nothing is left to do. */
  async runUntil(isDone: () => boolean, what: string, limitMs: number): Promise<void> {
    const deadline = this.#now + limitMs;
    this.resumed();
    while (!isDone()) {
      if (await this.#next(deadline)) continue;
      if (isDone()) return;
      throw new Error(`${what} did not happen within ${limitMs / 1000} s of virtual time`);
    }
    if (this.#hasResumed) await this.#settle();
  }

  /** Runs everything that is due within the next `durationMs` and leaves the clock there. */
  async runFor(durationMs: number): Promise<void> {
    const end = this.#now + durationMs;
    this.resumed();
    while (await this.#next(end));
  }

  /** Lets the event loop drain until every activity is settled and nothing new was scheduled for some turns. */
  async #settle(): Promise<void> {
    if (this.#activities.size === 0) return void (this.#hasResumed = false);
    let quiet = 0;
    let seen = this.#sequence;
    for (let turn = 0; quiet < QUIET_TURNS; turn++) {
      if (turn > MAX_TURNS) return this.#forgetUnsettled();
      await new Promise<void>((resolve) => setImmediate(resolve));
      const isQuiet = seen === this.#sequence && this.#isSettled();
      quiet = isQuiet ? quiet + 1 : 0;
      seen = this.#sequence;
    }
    this.#hasResumed = false;
  }

  /** Nothing that never settles may stop the clock of a region that goes on. */
  #forgetUnsettled(): void {
    this.contain(new Error(`never settled: ${this.#unsettled().join(', ')}`), 'kernel waits');
    for (const activity of this.#activities) if (!activity.isSettled()) this.#activities.delete(activity);
  }

  #isSettled(): boolean {
    for (const activity of this.#activities) if (!activity.isSettled()) return false;
    return true;
  }

  #unsettled(): string[] {
    return [...this.#activities].filter((activity) => !activity.isSettled()).map((activity) => activity.label);
  }
}
