import type { ParkFate } from '../faults/call-faults.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Caller } from '../service.ts';
import { WIRE_LATENCY_MS } from './timing.ts';

/** A wire call at one of its two parks: before it is applied, or before it is answered. */
export interface ParkedCall {
  /** 1 for the first wire call of the region. */
  readonly sequence: number;
  readonly service: string;
  readonly operation: string;
  readonly accessKeyId: string;
  /** Undefined for an access key that nobody has, and for a call that nobody signed. */
  readonly caller: Caller | undefined;
  readonly phase: 'arrive' | 'answer';
}

/** A call, wherever it is. */
export type IdentifiedCall = Omit<ParkedCall, 'phase'>;

/**
 * Asked when a call enters a park. `drop` is silence, `cut` the end of the connection: at `arrive` the call is never
 * applied, at `answer` it is applied and never answered.
 */
export type OnPark = (call: ParkedCall) => ParkFate;

export interface ParkOptions {
  readonly kernel: Kernel;
  readonly onPark: OnPark;
  /** Called when the answer of a call has been handed to its caller. */
  readonly onAnswered: (call: ParkedCall) => void;
}

/** The two parks that every call passes, whichever way it came in. */
export class Parks {
  readonly #options: ParkOptions;
  #sequence = 0;

  constructor(options: ParkOptions) {
    this.#options = options;
  }

  /** The number of the call that comes now. */
  next(): number {
    return ++this.#sequence;
  }

  /** The next call is the one after so many. */
  continueAfter(sequence: number): void {
    this.#sequence = sequence;
  }

  /** Parks a call, and then acts; or tells `lose` how it was lost. */
  enter(
    call: IdentifiedCall,
    phase: ParkedCall['phase'],
    act: () => void | Promise<void>,
    lose: (how: 'drop' | 'cut') => void,
  ): void {
    const { kernel, onPark } = this.#options;
    const fate = onPark(parked(call, phase));
    if (fate === 'proceed') return void kernel.after(WIRE_LATENCY_MS, phase, labelOf(call), act);
    if (typeof fate === 'object') return void kernel.after(fate.delayMs, phase, labelOf(call), act);
    kernel.trace(fate, `${phase} ${labelOf(call)}`);
    kernel.resumed();
    lose(fate);
  }

  /** Tells that an answer has been handed over. */
  answered(call: IdentifiedCall): void {
    this.#options.onAnswered(parked(call, 'answer'));
  }
}

/** How a call is called in traces: `7 ecs:UpdateService`. */
export function labelOf({ sequence, service, operation }: IdentifiedCall): string {
  return `${sequence} ${service}:${operation}`;
}

function parked(call: IdentifiedCall, phase: ParkedCall['phase']): ParkedCall {
  const { sequence, service, operation, accessKeyId, caller } = call;
  return { sequence, service, operation, accessKeyId, caller, phase };
}
