import type { Chronicle } from '../picture/chronicle.ts';

/** What the page is told; all of it came from AWS and from people, so that all of it is text. Times are ISO 8601 in UTC. */
export interface Snapshot {
  readonly place: Place;
  /** By name; absent until somebody could look which there are. */
  readonly services?: readonly ServiceDocument[];
}

/** Where the console looks, and as whom. */
export interface Place {
  /** Twelve digits; absent until somebody answered. */
  readonly account?: string;
  readonly region?: string;
  /** Who acts: `assumed-role/oncall/mara`. */
  readonly caller?: string;
  readonly isReadOnly: boolean;
  /** Why nothing at all can be read; absent while something can. */
  readonly trouble?: Trouble;
}

/** Why something could not be read. */
export interface Trouble {
  /** `denied`: not with these permissions; `credentials`: they ended or are unknown; `silent`: AWS does not answer; `absent`: not deployed there. */
  readonly kind: 'denied' | 'credentials' | 'silent' | 'absent' | 'other';
  /** A sentence with its remedy. */
  readonly message: string;
  readonly since: string;
}

/** One service, as it was read last. */
export interface ServiceDocument {
  /** `cluster/service` */
  readonly service: string;
  /** When what is here was read; absent before the first look succeeded. */
  readonly readAt?: string;
  /** Why the newest look failed; what was read before stays. */
  readonly trouble?: Trouble;
  readonly standing?: Standing;
  /** Ended rollouts, the newest first. */
  readonly history: readonly RolloutRecord[];
  /** The rollout that holds the service, as it goes. */
  readonly rolling?: RolloutDocument;
}

/** What `rollouts status --json` says, as far as the page shows it. */
export interface Standing {
  readonly account: string;
  readonly region: string;
  readonly running: Running | null;
  readonly rollout: RunningRollout | null;
  readonly pending: { readonly rolloutId: string; readonly startedAt: string; readonly image: Image | null } | null;
  readonly pin: { readonly rolloutId: string; readonly since: string } | null;
  readonly held: Image | null;
  readonly selected: { readonly image: Image; readonly comesAgain: boolean; readonly message: string } | null;
  /** What needs someone; null or absent where nothing does. */
  readonly needsSomeone?: Need | null | undefined;
  readonly quarantine: readonly Quarantined[];
  readonly last: RolloutRecord | null;
  /** Images that were proven here and may be gone back to, the newest first. */
  readonly proven?: readonly ProvenImage[];
}

/** An image by its digest, and the tag by which it was selected. */
export interface Image {
  readonly digest: string;
  readonly tag: string | null;
}

/** What a service runs. */
export interface Running {
  /** ARN of the revision of the PRIMARY deployment. */
  readonly taskDefinition: string;
  readonly digest: string | null;
  readonly tags: readonly string[];
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly since: string;
  readonly proven: boolean;
}

/** The rollout that holds a service. */
export interface RunningRollout {
  readonly rolloutId: string;
  readonly executionArn: string;
  /** Not `RUNNING`: its execution is dead, and the tick closes it. */
  readonly executionStatus: string;
  readonly purpose: 'roll' | 'recover';
  readonly request: Request | null;
  readonly image: Image;
  readonly startedAt: string;
  /** When waiting turns into failure, unless there is progress. */
  readonly deadline: string;
  /** Why what ran before is put back; null while the image is rolled. */
  readonly cause: { readonly reason: string; readonly message: string } | null;
}

/** What a person asked for. */
export interface Request {
  readonly tag?: string | undefined;
  readonly digest?: string | undefined;
  readonly rollback?: true | { readonly to: string } | undefined;
  readonly force?: true | undefined;
  readonly acknowledge?: { readonly by: string } | undefined;
  readonly reason?: string | undefined;
}

/** An image that failed here. */
export interface Quarantined {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly reason: string;
  readonly rolloutId: string;
  readonly since: string;
}

/** An image that was proven here. */
export interface ProvenImage {
  readonly digest: string;
  readonly tag: string | null;
  readonly provenAt: string;
}

/** An ended rollout, as `rollouts history --json` tells it. */
export interface RolloutRecord {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly outcome: string;
  readonly reason: string;
  readonly message: string;
  readonly intent: 'push' | 'replayed' | 'tick' | 'start' | 'rollback' | 'acknowledge';
  readonly request: Request | null;
  readonly image: Image | null;
  readonly taskDefinition: string | null;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly detectionLagSeconds: number | null;
  readonly failedTasks: readonly FailedTask[];
  /** Where its execution was; null or absent where that was not kept. */
  readonly states?: readonly RecordedStay[] | null | undefined;
  /** What its steps decided; null or absent where that was not kept. */
  readonly decisions?: readonly RecordedDecision[] | null | undefined;
}

/** A stay in one state of the machine, as a record keeps it. */
export interface RecordedStay {
  readonly name: string;
  readonly enteredAt: string;
  readonly leftAt: string;
}

/** A decision of a step, as a record keeps it. */
export interface RecordedDecision {
  readonly at: string;
  readonly state: string;
  readonly word: string;
  readonly reason: string | null;
  readonly message: string | null;
}

/** A task that a verdict names. */
export interface FailedTask {
  readonly taskArn: string;
  readonly container: string | null;
  readonly exitCode: number | null;
  readonly stopCode: string | null;
  readonly reason: string | null;
  /** What its container wrote last, oldest first; null or absent where none could be kept. */
  readonly logLines?: readonly string[] | null | undefined;
  /** Why there are none. */
  readonly logNote?: string | null | undefined;
  /** What reads them, for a shell. */
  readonly logCommand?: string | null | undefined;
}

/** One rollout, with all that is known of how it went. */
export interface RolloutDocument {
  readonly rolloutId: string;
  readonly executionArn: string;
  readonly service: string;
  /** Its end; absent while it runs. */
  readonly record?: RolloutRecord;
  readonly chronicle: Chronicle;
  /** In the order in which they were made. */
  readonly decisions: readonly Decision[];
  /** What is missing from the chronicle, a sentence each: Step Functions and ECS forget. */
  readonly gaps: readonly string[];
  readonly bake?: Bake;
  readonly deadline?: string;
}

/** What a step of the state machine decided. */
export interface Decision {
  readonly at: string;
  /** Name of the state. */
  readonly state: string;
  readonly word: string;
  readonly reason?: string;
  readonly message?: string;
}

/** How long a rollout must stay healthy. */
export interface Bake {
  readonly seconds: number;
  readonly startedAt?: string;
}

/** A rollout that left a service so that somebody has to look. */
export interface Need {
  readonly rolloutId: string;
  readonly outcome: string;
  readonly since: string;
  readonly acknowledged: { readonly by: string; readonly at: string; readonly reason: string } | null;
}
