import type { Endpoint } from './compose-services.ts';
import type { FaultsState } from './faults/model.ts';
import type { Kernel, Scheduled } from './kernel/kernel.ts';
import { copyOf } from './deep-copy.ts';
import type { Service } from './service.ts';
import type { Counters, LoggedCall } from './wire/dispatcher.ts';

/** A region at rest, as plain data: any number of regions can begin with it, each with a seed of its own. */
export interface RegionCopy {
  /** Virtual milliseconds since the epoch. */
  readonly now: number;
  /** Of the next act that is scheduled. */
  readonly sequence: number;
  readonly scheduled: readonly Scheduled[];
  /** By service. */
  readonly states: ReadonlyMap<string, object>;
  /** Directories of uploaded assets, by their `Code.S3Key`. */
  readonly assets: ReadonlyMap<string, string>;
  readonly counters: Readonly<Counters>;
  readonly calls: readonly LoggedCall[];
}

/** What of a region is copied, and what must be at rest. */
interface Original {
  readonly kernel: Kernel;
  readonly endpoint: Endpoint;
  readonly assets: ReadonlyMap<string, string>;
  readonly faults: FaultsState;
}

/** Copies a region; throws what in it is no data. */
export function copyRegion(original: Original): RegionCopy {
  const why = unrest(original);
  if (why !== undefined) throw new Error(`a region can only be copied at rest: ${why}`);
  const { kernel, endpoint, assets } = original;
  const { services, counters, calls } = endpoint;
  return {
    now: kernel.now,
    sequence: kernel.sequence,
    scheduled: kernel.scheduled,
    states: copyOf(new Map([...services].map(([id, { state }]) => [id, state]))),
    assets: new Map(assets),
    counters: { ...counters },
    calls: [...calls],
  };
}

/** What in a region is no data, if anything. */
export function unrest({ kernel, endpoint, faults }: Original): string | undefined {
  const [running] = kernel.running;
  if (running !== undefined) return `${running} is running`;
  if (faults.lastId > 0) return 'something went wrong in it';
  const foreign = kernel.scheduled.find((pending) => actOf(endpoint.services.values(), pending) === undefined);
  return foreign && `"${foreign.label}" is scheduled, and no service can schedule it anew`;
}

/** Schedules and remembers in a region what its services, which already know what the copy's knew, do not. */
export function begin({ scheduled, counters, calls }: RegionCopy, kernel: Kernel, endpoint: Endpoint): void {
  for (const pending of scheduled) kernel.scheduleAgain(pending, actOf(endpoint.services.values(), pending)!);
  endpoint.recall(counters, calls);
}

/** What belongs to what was scheduled; undefined where it is no service's. */
function actOf(services: Iterable<Service>, pending: Scheduled): (() => void) | undefined {
  for (const service of services) {
    const act = service.scheduled?.(pending);
    if (act !== undefined) return act;
  }
  return undefined;
}
