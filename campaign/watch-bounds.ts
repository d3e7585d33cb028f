import type { World } from '../rehearsal/world.ts';

/** What a world has cost. */
export interface Work {
  /** How long each execution ran, and how many events its history has. */
  readonly executions: readonly { readonly name: string; readonly hours: number; readonly historyEvents: number }[];
  /** Calls of AWS that the stack's roles made, and that were applied. */
  readonly calls: number;
  readonly virtualHours: number;
}

/** Step Functions allows 25,000; steps that are tried again came to 160 within minutes, and trouble for hours to 320 in each. */
const EVENTS_AT_ONCE = 300;
const EVENTS_FOR_EACH_HOUR = 400;
/** Two hundred were met where tasks crash all along. */
const CALLS_FOR_EACH_ROLLOUT = 400;
/** A tick each minute, and looks at whatever happens meanwhile. */
const CALLS_FOR_EACH_HOUR = 400;

/** What grows so far beyond its bound is not played to its end, which may be hours away. */
const TIMES_MAX = 3;
const LOOKED_AT_EACH = 100;

/** A world that would go on for long, and is ended; the message is what it broke. */
export class Unbounded extends Error {
  override readonly name = 'Unbounded';
}

/** Counts what a world costs from now on; the answer says which bounds that broke. */
export function watchBounds(world: World): () => string[] {
  const { region } = world;
  const begunAt = region.kernel.now;
  let calls = 0;
  region.onApplied(({ caller }) => {
    if (caller?.kind === 'role') calls++;
  });
  endWhatLoops(world);
  return () => {
    const executions = world.rollouts().map(({ executionArn }) => {
      const { name, startedAt, stoppedAt = region.kernel.now, historyEvents } = region.states.view(executionArn);
      return { name, hours: (stoppedAt - startedAt) / HOUR_MS, historyEvents };
    });
    return excessive({ executions, calls, virtualHours: (region.kernel.now - begunAt) / HOUR_MS });
  };
}

/** Throws {@link Unbounded} from what the world is doing, as soon as an execution has by far too many events. */
function endWhatLoops({ region }: World): void {
  const entered = new Map<string, number>();
  region.states.onStateEntered(({ executionArn, at }) => {
    const times = (entered.get(executionArn) ?? 0) + 1;
    entered.set(executionArn, times);
    if (times % LOOKED_AT_EACH !== 0) return;
    const { name, startedAt, historyEvents } = region.states.view(executionArn);
    const most = mostEvents((at - startedAt) / HOUR_MS);
    if (historyEvents > TIMES_MAX * most)
      throw new Unbounded(
        `bounds: Rollout ${name} has ${historyEvents} events in its history, not ${most}, and goes on.`,
      );
  });
}

function mostEvents(hours: number): number {
  return Math.round(EVENTS_AT_ONCE + EVENTS_FOR_EACH_HOUR * hours);
}

/** What grew beyond all bounds. */
export function excessive({ executions, calls, virtualHours }: Work): string[] {
  const mostCalls = Math.round(CALLS_FOR_EACH_ROLLOUT * executions.length + CALLS_FOR_EACH_HOUR * virtualHours);
  const histories = executions.flatMap(({ name, hours, historyEvents }) => {
    const most = mostEvents(hours);
    const excess = `bounds: Rollout ${name} has ${historyEvents} events in its history, not ${most}.`;
    return historyEvents > most ? [excess] : [];
  });
  const what = `${executions.length} rollouts and ${Math.round(virtualHours)} hours`;
  return [...histories, ...(calls > mostCalls ? [`bounds: ${what} cost ${calls} calls, not ${mostCalls}.`] : [])];
}

const HOUR_MS = 3_600_000;
