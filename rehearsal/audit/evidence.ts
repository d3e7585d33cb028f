import type { LedgerView, RecordView } from '../cell/ledger-view.ts';
import type { TaskTruth } from '../../region/ecs/ecs.ts';
import type { RunningService } from '../cell/running-service.ts';
import type { Refusal } from '../../timeline/scenario-report.ts';

/** What the auditor holds a world to. Each can be excused by name where a scenario breaks it on purpose. */
export const RULES = {
  record:
    'One record for each rollout that held the service or concluded, written once, and with the outcome that its execution tells.',
  notification:
    'One notification for each outcome that is announced, of a dead rollout and its recovery together, and none for any other.',
  event:
    'An event, or more than one, for each record, saying the same; before it one that says that it started, where ECS took its revision.',
  revision: 'At most one task definition revision for each rollout, and none for a recovery.',
  deadline:
    'The last deadline stands as it was first written, and a rollback gets one of its own, once; only progress moves when a wait ends.',
  lease: 'Only the owner changes the service, and nobody takes it from an owner that lives.',
  'live-image': 'The live image is the one that was proven last, or what it was.',
  outbox: 'Nothing waits in the outbox once no rollout runs.',
  owner: 'Nobody owns the service or waits for it once no rollout runs.',
  service: 'What the last outcome says is what runs, unless somebody else has deployed since.',
  truth: 'What is said to have succeeded truly ran and was sound, in as many tasks as the service wanted.',
  permission: 'IAM refuses the roles nothing.',
  'dead-letter': 'Every event is delivered.',
} as const;

/** One of the names of {@link RULES}. */
export type Rule = keyof typeof RULES;

/** A rule that was broken: which rollout or thing, what is, and what should be. */
export interface Violation {
  readonly rule: Rule;
  readonly sentence: string;
}

/** An execution of the state machine; times are milliseconds since the epoch. */
export interface ExecutionEvidence {
  readonly rolloutId: string;
  /** Step Functions' own. */
  readonly status: string;
  readonly outcome: string;
  /** Whether Conclude ended it, well or badly. */
  readonly hasConcluded: boolean;
  /** Whether it came as far as Conclude. */
  readonly hasBegunToConclude: boolean;
  /** Whether the cell started it itself: the tick, or the tag by which a rollout keeps an image. */
  readonly isOwn: boolean;
  readonly stoppedAt: number | undefined;
  /** When it had ended already, until somebody redrove it. @default never */
  readonly stoodStill?: readonly { readonly from: number; readonly until: number }[];
}

/** One call that AWS applied, or one look at what it did, in the order in which they happened. */
export type TrailEntry = { readonly at: number } & (
  | { readonly kind: 'state'; readonly state: LedgerView }
  | { readonly kind: 'record'; readonly record: RecordView }
  /** By the operator: of a rollout that never ran in this world. */
  | { readonly kind: 'placed-record'; readonly record: RecordView }
  | {
      readonly kind: 'register';
      readonly rolloutId: string | undefined;
      /** The revision of which it is a copy, by its tag; a rollout goes back to it. */
      readonly copyOf?: string | undefined;
      readonly taskDefinition: string;
      readonly images?: readonly string[];
    }
  | { readonly kind: 'update'; readonly isOurs: boolean; readonly taskDefinition: string | undefined }
  /** A task changed: what it truly is, whatever ECS shows of it. */
  | { readonly kind: 'task'; readonly task: TaskTruth }
  | { readonly kind: 'live-image'; readonly isOurs: boolean; readonly image: string }
);

/** A message that carries a rollout's id. */
export interface NotificationEvidence {
  readonly rolloutId: string;
  readonly outcome: string;
  /** The record that it tells of. */
  readonly told: Pick<RecordView, 'rolloutId' | 'outcome' | 'message'>;
}

/** The detail of an event about a rollout, as far as it is looked at. */
export interface StateChangeView {
  readonly rolloutId: string;
  readonly state: string;
  /** Null of a rollout that has started. */
  readonly outcome: string | null;
  readonly message: string;
  /** The revision that it has put on the service. */
  readonly taskDefinition?: string | null | undefined;
}

/** Everything that the auditor knows of a world, all of it seen from AWS's side. */
export interface Evidence {
  /** In the order in which they started. */
  readonly executions: readonly ExecutionEvidence[];
  readonly trail: readonly TrailEntry[];
  /** What was there when the world was opened, and records that the operator put there since. */
  readonly before: { readonly liveImage: string | undefined; readonly rolloutIds: readonly string[] };
  readonly ledger: LedgerView | undefined;
  /** The history, in the order in which the rollouts ended. */
  readonly records: readonly RecordView[];
  readonly notifications: readonly NotificationEvidence[];
  /** Those that the cell put on the bus since the world was opened. */
  readonly stateChanges: readonly StateChangeView[];
  readonly liveImage: string | undefined;
  /** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>` */
  readonly repositoryUri: string;
  /** Names of the configured containers. */
  readonly containers: readonly string[];
  /** Digests of an index's children, by that of the index. */
  readonly children: Readonly<Record<string, readonly string[]>>;
  /** Undefined when there is no such service. */
  readonly service: RunningService | undefined;
  /** Those that the scenario did not ask for. */
  readonly refusals: readonly Refusal[];
  readonly deadLetters: readonly string[];
}
