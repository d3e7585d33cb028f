/** What an operator can do to a service from the page. */
export const ACTS = ['start', 'rollback', 'abort', 'release', 'acknowledge'] as const;
export type Act = (typeof ACTS)[number];

/** An act, as the page asks for it. */
export interface ActRequest {
  readonly service: string;
  readonly act: Act;
  /** The image that is started, or gone back to; absent for the others. */
  readonly digest?: string;
  readonly reason?: string;
  /** Of what was shown; absent where it is only to be foreseen. */
  readonly fingerprint?: string;
  /** The same for all clicks of one dialog: a double click is one act. */
  readonly requestId?: string;
}

/** What an act would do, for whoever is asked whether to. */
export interface Foreseen {
  /** What the flow would answer: `roll`, `nothing`, `busy`, … */
  readonly word: string;
  readonly message: string;
  /** Whether it may be done at all. */
  readonly isPossible: boolean;
  readonly from: { readonly tag: string | null; readonly digest: string } | null;
  readonly to: { readonly tag: string | null; readonly digest: string } | null;
  /** Paths of the task definition's members that change. */
  readonly changes: readonly string[];
  /** What follows, a sentence each. */
  readonly consequences: readonly string[];
  /** What Preflight would say beside letting it go. */
  readonly cautions: readonly string[];
  /** The same for a terminal, without the reason. */
  readonly command: string;
  /** Changes with whatever of this does. */
  readonly fingerprint: string;
}

/** What came of an act. */
export type ActTold =
  | { readonly kind: 'done'; readonly message: string; readonly rolloutId?: string }
  | { readonly kind: 'changed'; readonly foreseen: Foreseen }
  | { readonly kind: 'refused'; readonly message: string };
