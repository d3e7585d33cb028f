/** What became of a mutant that was played. */
export interface Found {
  /** Of the mutant. */
  readonly name: string;
  /** Worlds and rollouts that were played until then, with the one that broke a rule. */
  readonly worlds: number;
  readonly rollouts: number;
  /** Processor time of those worlds, milliseconds. */
  readonly cpuMs: number;
  /** Why it could not be played to its end, with the stack; undefined where it was. */
  readonly failure?: string;
  /** What the first world that was unsound broke; undefined where all were sound. */
  readonly rule?: string;
  readonly sentence?: string;
  /** Of that world's plan. */
  readonly seed?: number | undefined;
}

/** What became of a mutant that nobody could play. */
export function unplayable(name: string, failure: string): Found {
  return { name, worlds: 0, rollouts: 0, cpuMs: 0, failure };
}
