/**
 * What happened to one service, as plain data: all that a picture is drawn from. Times are seconds since `beganAt`; a time
 * that nobody saw is absent.
 */
export interface Chronicle {
  /** `cluster/service` */
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly beganAt: number;
  readonly endedAt: number;
  /** In the order in which they started. */
  readonly rollouts: readonly ChronicledRollout[];
  /** In the order in which they began. */
  readonly deployments: readonly ChronicledDeployment[];
  readonly tasks: readonly ChronicledTask[];
  /** How many tasks the service wants from then on. */
  readonly desiredCounts: readonly { readonly at: number; readonly count: number }[];
  /** In the order in which they happened. */
  readonly events: readonly ChronicledEvent[];
}

/** One execution of the state machine. */
export interface ChronicledRollout {
  readonly id: string;
  readonly startedAt: number;
  /** Absent while it runs. */
  readonly endedAt?: number;
  readonly outcome: string;
  /** Why it ended so, in a sentence. */
  readonly message?: string;
  /** What it wanted to roll, in a word: a tag, or twelve digits of a digest. */
  readonly image?: string;
  readonly states: readonly ChronicledState[];
}

/** A stay in one state of the machine. */
export interface ChronicledState {
  readonly name: string;
  readonly enteredAt: number;
  /** Absent while it is there. */
  readonly leftAt?: number;
}

/** Who made ECS deploy: it `ran before`, a rollout rolled it or put it back, ECS itself went back, or somebody else did it. */
export type Deployer = 'before' | 'rollout' | 'rollback' | 'ecs' | 'someone else';

/** One ECS deployment. */
export interface ChronicledDeployment {
  readonly id: string;
  /** `api:42` */
  readonly revision: string;
  /** A tag, or twelve digits of a digest; absent where nobody knows. */
  readonly image?: string;
  readonly by: Deployer;
  readonly beganAt: number;
}

/** One task; `healthyAt` and the two of draining are when they were seen, all others are ECS's own. */
export interface ChronicledTask {
  readonly taskId: string;
  readonly deploymentId: string;
  readonly createdAt?: number;
  readonly pullStartedAt?: number;
  readonly pullStoppedAt?: number;
  readonly startedAt?: number;
  /** Up, and past every check that it has. */
  readonly healthyAt?: number;
  /** When it was told to stop, or its container ended by itself. */
  readonly stoppingAt?: number;
  readonly drainingAt?: number;
  readonly drainedAt?: number;
  readonly executionStoppedAt?: number;
  readonly stoppedAt?: number;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers: readonly ChronicledContainer[];
}

/** How one container of a task ended. */
export interface ChronicledContainer {
  readonly name: string;
  readonly exitCode?: number;
  readonly reason?: string;
}

/** What kind of thing happened: an image came, somebody did something, AWS misbehaved, the product decided or kept something, ECS said something. */
export type EventKind = 'push' | 'kept' | 'deed' | 'foreign' | 'fault' | 'decided' | 'ecs' | 'ended';

/** Something that happened at a moment, or from a moment on. */
export interface ChronicledEvent {
  readonly at: number;
  /** When it was over; absent for what has no length. */
  readonly until?: number;
  readonly kind: EventKind;
  readonly text: string;
}
