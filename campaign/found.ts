/** What became of a mutant that was played. */
export interface Found {
  /** Of the mutant. */
  readonly name: string;
  /** Worlds and rollouts that were played until then, with the one that broke a rule. */
  readonly worlds: number;
  readonly rollouts: number;
  /** Processor time of those worlds, milliseconds. */
  readonly cpuMs: number;
  /** What the first world that was unsound broke; undefined where all were sound. */
  readonly rule?: string;
  readonly sentence?: string;
  /** Of that world's plan. */
  readonly seed?: number | undefined;
}
