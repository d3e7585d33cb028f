import { expect } from 'vitest';
import type { TaskTruth } from '../../../region/ecs/ecs.ts';
import type { EcsRegion } from './ecs-fixture.ts';

/** What listeners have been told of the tasks that have not stopped: the latest of each. */
export class TruthMirror {
  readonly #region: EcsRegion;
  readonly #told = new Map<string, TaskTruth>();

  constructor(region: EcsRegion) {
    this.#region = region;
    for (const truth of region.ecs.truth()) this.#told.set(truth.taskArn, truth);
    region.ecs.onTruth((truth) => {
      if (truth.lastStatus === 'STOPPED') this.#told.delete(truth.taskArn);
      else this.#told.set(truth.taskArn, truth);
    });
  }

  /** Nothing about a task changes without its listeners hearing of it at once. */
  check(note: unknown): void {
    const timeless = (truths: Iterable<TaskTruth>) =>
      [...truths].map(({ at: _at, desiredCount: _desiredCount, ...rest }) => rest);
    expect(timeless(this.#told.values()), String(note)).toEqual(timeless(this.#region.ecs.truth()));
  }
}
