/**
 * A way in which ECS misbehaves for a while. Each is plain data; nothing is drawn for it, so a world without any is the world
 * that it was. Where it names no service it is about all.
 */
export type Disturbance =
  PrematureCompletion | OtherImage | HiddenDigests | UnknownWords | MissingCapacity | FailedPulls | ImpairedZone;

/** One that has begun. */
export type BegunDisturbance = Disturbance & {
  /** How often it has made a difference: what ECS did, showed or said was another thing by it. */
  acted: number;
};

interface OfService {
  /** Name. @default every service */
  readonly service?: string;
}

/**
 * A deployment that is IN_PROGRESS is shown and announced as COMPLETED from the moment at which it is taken up: alone, with
 * full counts. Its tasks are shown as they are: the new ones missing, the old ones still there.
 */
export interface PrematureCompletion extends OfService {
  readonly kind: 'premature-completion';
}

/** The next tasks that pull run another image than their task definition names. */
export interface OtherImage extends OfService {
  readonly kind: 'other-image';
  /** What they run, by tag or digest. */
  readonly image: string;
  /** @default every container */
  readonly container?: string;
  /** How many tasks. */
  tasks: number;
}

/** Containers show no digest. */
export interface HiddenDigests extends OfService {
  readonly kind: 'hidden-digests';
}

/** Words that no client knows yet are shown in place of known ones, in answers and events. */
export interface UnknownWords extends OfService {
  readonly kind: 'unknown-words';
  readonly words: Readonly<Partial<Record<WordMember, Readonly<Record<string, string>>>>>;
}

/** A member whose words may be replaced: of a service, a deployment, a task and its containers, or an event. */
export type WordMember =
  | 'serviceStatus'
  | 'deploymentStatus'
  | 'rolloutState'
  | 'lastStatus'
  | 'desiredStatus'
  | 'healthStatus'
  | 'stopCode'
  | 'eventName';

/** No task can be placed; services say so and try again every minute. No task appears that could fail. */
export interface MissingCapacity extends OfService {
  readonly kind: 'no-capacity';
  /** Whether Fargate has none, or the account's quota of vCPUs is used up. @default capacity */
  readonly cause?: 'capacity' | 'vcpu-quota';
}

/** Images cannot be pulled, whatever the registry has of them; their tasks fail to start. */
export interface FailedPulls extends OfService {
  readonly kind: 'failed-pulls';
  /** What the agent says behind `CannotPullContainerError: `. */
  readonly cause: string;
}

/** No task is placed in an Availability Zone; what runs there stays. */
export interface ImpairedZone {
  readonly kind: 'impaired-zone';
  /** `us-east-1a` */
  readonly zone: string;
}
