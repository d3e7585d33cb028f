import type { Region } from '../../region/region.ts';

/** Calls of functions by API, as `ecs ListTasks`. */
export interface CallCounts {
  /** Calls of all APIs. */
  all(): number;
  of(api: string): number;
  /** The APIs that were called, those first that were called most. */
  byApi(): readonly (readonly [api: string, calls: number])[];
  /** Counts no more. */
  stop(): void;
}

/** Counts what functions ask of AWS from now on, each attempt of the SDK by itself. */
export function countCalls(region: Region): CallCounts {
  const counts = new Map<string, number>();
  let isCounting = true;
  region.onPark(({ phase, service, operation, caller }) => {
    if (!isCounting || phase === 'answer' || caller?.kind !== 'role') return 'proceed';
    const api = `${service} ${operation}`;
    counts.set(api, (counts.get(api) ?? 0) + 1);
    return 'proceed';
  });
  return {
    all: () => [...counts.values()].reduce((sum, calls) => sum + calls, 0),
    of: (api) => counts.get(api) ?? 0,
    byApi: () => [...counts].sort(([, one], [, other]) => other - one),
    stop: () => void (isCounting = false),
  };
}
