/** A command as a shell completes it. */
export interface CompletedVerb {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** The words that may follow it, beside its flags. */
  readonly words: readonly string[];
  readonly flags: readonly CompletedFlag[];
}

/** A flag as a shell completes it. */
export interface CompletedFlag {
  /** Without its hyphens. */
  readonly name: string;
  readonly summary: string;
  /** What follows it; only the shell knows paths, and nobody a text. */
  readonly value: 'none' | 'path' | 'text';
  readonly placeholder: string;
  /** Whether it may be repeated. */
  readonly multiple: boolean;
}
