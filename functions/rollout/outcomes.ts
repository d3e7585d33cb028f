/** The states from which the machine goes to Conclude. */
export type Step =
  | 'AcceptIntent'
  | 'AwaitTurn'
  | 'Preflight'
  | 'RegisterRevision'
  | 'RollService'
  | 'AwaitSteadyState'
  | 'Bake'
  | 'RollBack'
  | 'AwaitRollback';

/** Words by the step that says them last; `error` where the step was caught. */
type Endings = Readonly<Partial<Record<Step, readonly string[]>>>;

/** What follows from an outcome, wherever it is asked for: a new outcome is a row here, and the place that says its word. */
export interface OutcomeRow {
  /** One sentence, for the documentation. */
  readonly meaning: string;
  /** How a rollout ends that ends so; of the two that end with a steady rollback, its cause decides (outcomeOf). */
  readonly endings: Endings;
  /** Whether the execution succeeds; otherwise it fails with `Error` = the outcome. */
  readonly endsWell: boolean;
  /** Whether people are told; the others are in the history, and would be noise on a repository with many tags. */
  readonly isAnnounced: boolean;
  /** Whether the digest is not tried again until a person or a later push asks for it. */
  readonly blamesImage: boolean;
  /** Whether the last proven revision runs again. */
  readonly isBack: boolean;
  /** What a verb that awaited the rollout ends with. 1 is left to failed runs and 2 to misuse; below 20 nothing failed. */
  readonly exitCode: number;
  /** What someone has to see to at any hour, when the service is left without anything proven; null where a message will do. */
  readonly needs: string | null;
}

const TOUCHING: readonly Step[] = ['RollService', 'AwaitSteadyState', 'Bake', 'RollBack', 'AwaitRollback'];
/** The same end of every step that touches the service. */
const ofTouching = (word: string): Endings => Object.fromEntries(TOUCHING.map((step) => [step, [word]]));

/** How a rollout can end: the same words in the state machine, the history, notifications, metrics and exit codes. */
export const OUTCOMES = {
  SUCCEEDED: {
    meaning: 'The pushed digest was seen healthy in every running task, and stayed so during the bake time.',
    endings: { AwaitSteadyState: ['steady'], Bake: ['steady'] },
    endsWell: true,
    isAnnounced: true,
    blamesImage: false,
    isBack: false,
    exitCode: 0,
    needs: null,
  },
  NO_CHANGE: {
    meaning: 'Nothing to roll: the selected image already runs, or the event concerns no selected tag.',
    endings: { AcceptIntent: ['nothing'] },
    endsWell: true,
    isAnnounced: false,
    blamesImage: false,
    isBack: false,
    exitCode: 0,
    needs: null,
  },
  STAGED: {
    meaning: 'The service runs zero tasks: the revision is in place, nothing ran and nothing is proven.',
    endings: { AwaitSteadyState: ['staged'], Bake: ['staged'] },
    endsWell: true,
    isAnnounced: true,
    blamesImage: false,
    isBack: false,
    exitCode: 10,
    needs: null,
  },
  SUPERSEDED: {
    meaning: 'A newer intent took this one over, or the event was older than what is known.',
    endings: { AcceptIntent: ['stale'], AwaitTurn: ['superseded'] },
    endsWell: true,
    isAnnounced: false,
    blamesImage: false,
    isBack: false,
    exitCode: 11,
    needs: null,
  },
  HELD: {
    meaning: 'Recorded, not rolled: the digest is quarantined, or a person holds the service on another image.',
    endings: { AcceptIntent: ['held'] },
    endsWell: true,
    isAnnounced: true,
    blamesImage: false,
    isBack: false,
    exitCode: 12,
    needs: null,
  },
  REJECTED: {
    meaning: 'Refused before any change to the service; the message says what to fix.',
    endings: {
      // Only a state machine of an earlier release ends with `let-finish`, which it does not know; the tick comes back to the image.
      AcceptIntent: ['rejected', 'let-finish'],
      Preflight: ['reject', 'error'],
      RegisterRevision: ['error'],
      RollService: ['refused'],
      RollBack: ['untouched'],
    },
    endsWell: false,
    isAnnounced: true,
    blamesImage: false,
    isBack: false,
    exitCode: 20,
    needs: null,
  },
  ROLLED_BACK: {
    meaning: 'The rollout failed or died; the last proven revision runs again and was seen healthy.',
    endings: {},
    endsWell: false,
    isAnnounced: true,
    blamesImage: true,
    isBack: true,
    exitCode: 21,
    needs: null,
  },
  ROLLED_BACK_BY_ECS: {
    meaning: "ECS's circuit breaker rolled back; the revision it restored was seen healthy.",
    endings: {},
    endsWell: false,
    isAnnounced: true,
    blamesImage: true,
    isBack: true,
    exitCode: 22,
    needs: null,
  },
  ABORTED: {
    meaning: 'The execution was stopped, timed out or died; a successor closed it.',
    endings: ofTouching('lost'),
    endsWell: false,
    isAnnounced: true,
    blamesImage: false,
    isBack: false,
    exitCode: 23,
    needs: null,
  },
  ABORTED_EXTERNAL: {
    meaning: 'Someone else changed the service during the rollout; it was left as they made it.',
    endings: ofTouching('foreign'),
    endsWell: false,
    isAnnounced: true,
    blamesImage: false,
    isBack: false,
    exitCode: 24,
    needs: null,
  },
  FAILED_NO_ROLLBACK_TARGET: {
    meaning:
      'The new image failed, and no proven revision ran before it to go back to; a launch is taken back to zero tasks.',
    endings: {
      RollService: ['error'],
      AwaitSteadyState: ['failed', 'error', 'rolled-back-by-ecs'],
      Bake: ['failed', 'error', 'rolled-back-by-ecs'],
      RollBack: ['no-target'],
    },
    endsWell: false,
    isAnnounced: true,
    blamesImage: true,
    isBack: false,
    exitCode: 25,
    needs: 'A new image failed, and nothing proven was there to go back to: push a good image.',
  },
  FAILED_ROLLBACK: {
    meaning:
      'The rollout failed and so did its rollback: someone must look at the service now. Where AWS was in the way, the tick puts the proven revision back for a day, unless someone deploys or a newer rollout begins.',
    endings: { RollBack: ['refused', 'error'], AwaitRollback: ['failed', 'error'] },
    endsWell: false,
    isAnnounced: true,
    blamesImage: true,
    isBack: false,
    exitCode: 26,
    needs: 'A rollout failed, and so did its rollback: look at the service now.',
  },
} as const satisfies Record<string, OutcomeRow>;

/** One of the words of {@link OUTCOMES}. */
export type Outcome = keyof typeof OUTCOMES;

/** Every outcome, in the order of the table. */
export const EVERY_OUTCOME = Object.keys(OUTCOMES) as readonly Outcome[];

/** Whether a word is an outcome: an execution that could not conclude ends with an error of another name. */
export function isOutcome(word: string): word is Outcome {
  return Object.hasOwn(OUTCOMES, word);
}
