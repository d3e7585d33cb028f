/** An enum that a client of the SDK exports, or those of a list's items and of a map's keys and values. */
export type EnumOf = string | { readonly item?: EnumOf; readonly key?: EnumOf; readonly value?: EnumOf };

/** By structure and member. */
export type EnumTable = Readonly<Record<string, Readonly<Record<string, EnumOf>>>>;

/** Numbers are ranges of a number, lengths of a text, or sizes of a list or map. */
export interface Constraint {
  /** A number that need not be whole. */
  readonly isFractional?: true;
  readonly min?: number;
  readonly max?: number;
  /** Matches the whole text. */
  readonly pattern?: string;
  /** Names of the shapes of a list's items and of a map's keys and values, where those are constrained. */
  readonly item?: string;
  readonly key?: string;
  readonly value?: string;
}

/** The constrained shapes of a service, and which members are of them, by structure. */
export interface ConstraintTable {
  readonly shapes: Readonly<Record<string, Constraint>>;
  readonly members: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
