/** Which calls a rule is about: all members must hold, an absent one holds for every call. */
export interface CallMatch {
  /** Signing name: `ecs`, `dynamodb`. */
  readonly service?: string;
  /** `UpdateService`, or several. */
  readonly operation?: string | readonly string[];
  /** Kind of the caller. Who only looks at the region is an operator, and so is spared. @default 'role' */
  readonly caller?: 'role' | 'operator' | 'service' | 'anyone';
  readonly roleArn?: string;
}

/** Which invocations of functions a rule is about. */
export interface InvocationMatch {
  readonly functionName?: string;
  readonly mode?: 'synchronous' | 'asynchronous';
}

/** Which events, on their way to the targets of one rule, a rule is about. */
export interface DeliveryMatch {
  /** `aws.ecs` */
  readonly source?: string;
  readonly detailType?: string;
  /** Of the rule of EventBridge. */
  readonly ruleName?: string;
}

/** When a rule acts among all that it matches. */
export interface When {
  /** The first one of all matches that it may act on, counted from 1. @default 1 */
  readonly nth?: number;
  /** How often it acts at most. @default without end */
  readonly times?: number;
  /** How long after its start it begins to match, seconds. @default 0 */
  readonly afterSeconds?: number;
  /** How long it then matches, seconds. @default without end */
  readonly lastsSeconds?: number;
  /** In (0, 1]; drawn from the faults' own seed. @default 1 */
  readonly probability?: number;
}

/** An error that a service answers on its own behalf: its usual word for it, or another. */
export type ServiceError =
  'throttling' | 'server-error' | { readonly code: string; readonly message: string; readonly status: number };

/** A time drawn anew each time, milliseconds: evenly between the two, or with `tailProbability` as long as `tailMs`. */
export interface Spread {
  readonly minMs: number;
  readonly maxMs: number;
  readonly tailProbability?: number;
  readonly tailMs?: number;
}

/** What becomes of a call. */
export type CallFault =
  /** An error is answered; `isApplied` tells whether the operation took effect nevertheless. */
  | { readonly kind: 'error'; readonly error: ServiceError; readonly isApplied: boolean }
  /** No answer: the connection is cut, or silent until the caller gives up. */
  | { readonly kind: 'lost'; readonly connection: 'cut' | 'silent'; readonly isApplied: boolean }
  /** One way, or each, takes that long instead of the usual time. */
  | { readonly kind: 'latency'; readonly way?: 'arrive' | 'answer'; readonly spread: Spread }
  /** The function dies in the call; `later` applies it when who invoked the function knows that it is dead. */
  | { readonly kind: 'kill'; readonly applied: 'never' | 'at-once' | 'later'; readonly laterMs?: number }
  /** A read answers what was true some time ago. */
  | { readonly kind: 'stale'; readonly spread: Spread };

/** An error of Lambda, or of the client that Step Functions has of it, as Retry and Catch name it, without `Lambda.`. */
export type InvocationError =
  | 'ServiceException'
  | 'AWSLambdaException'
  | 'SdkClientException'
  | 'TooManyRequestsException'
  | 'ClientExecutionTimeoutException'
  | 'Unknown';

/** What becomes of an invocation. */
export type InvocationFault =
  /**
   * Who waits for it hears of that error: it is not accepted (`never`), it ran and its answer is lost (`before`), or it
   * runs on, unheard of (`meanwhile`), `toldAfterMs` after it was accepted. Events are only ever not accepted, and go back
   * to their queue.
   */
  | {
      readonly kind: 'error';
      readonly error: InvocationError;
      readonly runs: 'never' | 'before' | 'meanwhile';
      readonly toldAfterMs?: number;
    }
  /** The function never gets to its first line, and is stopped at its time-out. */
  | { readonly kind: 'timeout' }
  /** An event is handed over a second time, so much later. Synchronous ones never are. */
  | { readonly kind: 'twice'; readonly laterMs: number };

/** What becomes of an event. */
export type DeliveryFault =
  | { readonly kind: 'lose' }
  /** It comes once more than it should, so much later. */
  | { readonly kind: 'double'; readonly later: Spread }
  /** It comes later; events with different delays overtake each other. */
  | { readonly kind: 'delay'; readonly by: Spread };

/** One rule: what it is about, when it acts, and what it does. Plain data. */
export type FaultRule =
  | { readonly at: 'call'; readonly match?: CallMatch; readonly when?: When; readonly does: CallFault }
  | {
      readonly at: 'invocation';
      readonly match?: InvocationMatch;
      readonly when?: When;
      readonly does: InvocationFault;
    }
  | { readonly at: 'delivery'; readonly match?: DeliveryMatch; readonly when?: When; readonly does: DeliveryFault };

/** A rule that has been started. */
export interface StartedRule {
  readonly id: number;
  readonly rule: FaultRule;
  /** Virtual milliseconds since the epoch. */
  readonly fromMs: number;
  /** Exclusive; undefined for no end. */
  readonly untilMs: number | undefined;
  /** How many matches it has seen. */
  matched: number;
  /** How often it has acted. */
  acted: number;
}

/** What a service knew. */
export interface Snapshot {
  /** Until when it was so, virtual milliseconds since the epoch. */
  readonly untilMs: number;
  readonly state: object;
}

/** All that the faults know. */
export interface FaultsState {
  readonly rules: Map<number, StartedRule>;
  readonly seed: number;
  /** How many numbers were drawn of the seed: with it the source of randomness is plain data. */
  draws: number;
  /** By service, oldest first; kept only while a stale read could be due. */
  readonly snapshots: Map<string, Snapshot[]>;
  lastId: number;
}

/** No fault. */
export function newFaultsState(seed: number): FaultsState {
  return { rules: new Map(), seed, draws: 0, snapshots: new Map(), lastId: 0 };
}
