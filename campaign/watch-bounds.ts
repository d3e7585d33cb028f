import type { World } from '../rehearsal/world.ts';

/** What a world has cost. */
export interface Work {
  /** Events in the history of each execution, by its name. */
  readonly historyEvents: ReadonlyMap<string, number>;
  /** Calls of AWS that the stack's roles made, and that were applied. */
  readonly calls: number;
  readonly virtualHours: number;
}

/** A tenth of what Step Functions allows; hours of trouble came to 800. */
const HISTORY_EVENTS_MAX = 2_500;
/** Two hundred were met where tasks crash all along. */
const CALLS_FOR_EACH_ROLLOUT = 400;
/** A tick each minute, and looks at whatever happens meanwhile. */
const CALLS_FOR_EACH_HOUR = 400;

/** Counts what a world costs from now on; the answer says which bounds that broke. */
export function watchBounds(world: World): () => string[] {
  const { region } = world;
  const begunAt = region.kernel.now;
  let calls = 0;
  region.onApplied(({ caller }) => {
    if (caller?.kind === 'role') calls++;
  });
  return () => {
    const executions = world.rollouts().map(({ executionArn }) => region.states.view(executionArn));
    const historyEvents = new Map(executions.map((view) => [view.name, view.historyEvents]));
    return excessive({ historyEvents, calls, virtualHours: (region.kernel.now - begunAt) / 3_600_000 });
  };
}

/** What grew beyond all bounds. */
export function excessive({ historyEvents, calls, virtualHours }: Work): string[] {
  const most = Math.round(CALLS_FOR_EACH_ROLLOUT * historyEvents.size + CALLS_FOR_EACH_HOUR * virtualHours);
  const long = [...historyEvents].filter(([, events]) => events > HISTORY_EVENTS_MAX);
  return [
    ...long.map(
      ([name, events]) => `bounds: Rollout ${name} has ${events} events in its history, not ${HISTORY_EVENTS_MAX}.`,
    ),
    ...(calls > most
      ? [
          `bounds: ${historyEvents.size} rollouts and ${Math.round(virtualHours)} hours cost ${calls} calls, not ${most}.`,
        ]
      : []),
  ];
}
