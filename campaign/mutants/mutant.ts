/** A small fault of the product, planted on purpose: a campaign that does not find it does not look there. */
export interface Mutant {
  /** What it is called on the command line. */
  readonly name: string;
  /** What no longer holds, in a sentence. */
  readonly breaks: string;
  /** Below the root. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  /** Stands there instead. */
  readonly replace: string;
  /** Absent for one that has to die. */
  readonly lives?: Alive;
}

/** Why a campaign cannot find a mutant: nothing that AWS shows changes, or nothing that a campaign plays depends on it. */
export interface Alive {
  readonly as: 'equivalent' | 'blind spot';
  /** A sentence; of a blind spot it names what guards the promise instead. */
  readonly because: string;
}
