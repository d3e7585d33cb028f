/** One line of a scenario's timeline. */
export interface TimelineEntry {
  /** Virtual seconds since the scenario's story began. */
  readonly virtualSeconds: number;
  readonly kind: TimelineKind;
  readonly text: string;
}

/** What a line tells: a push, a state entered, task counts, an ECS event, a decision, the end of a rollout. */
export type TimelineKind = 'push' | 'state' | 'tasks' | 'ecs' | 'decided' | 'ended';

/** One permission that IAM refused a role of the stack. */
export interface Refusal {
  /** The role's name. */
  readonly role: string;
  /** `ecs:UpdateService` */
  readonly action: string;
  /** The ARN that the action was refused on. */
  readonly resource: string;
}

/** The outcome of a scenario whose story was not played to an end: `differences` say why. */
export const NOT_PLAYED = 'NOT_PLAYED';

/** How an image that failed was taken back; seconds count from when the story began. */
export interface WayBack {
  /** When the image was judged to have failed. */
  readonly noticedSeconds: number;
  /** When what was proven was seen to run again. */
  readonly backSeconds: number;
  /** The fewest healthy tasks, none of the failed image among them, that there ever were meanwhile. */
  readonly fewestServing: number;
  /** How many were wanted. */
  readonly desiredCount: number;
}

/** How one scenario ended, beside how its story says that it should. */
export interface ScenarioReport {
  readonly name: string;
  /** The service that was rolled: `cluster/service`. */
  readonly service: string;
  /** One sentence: what happens in this story. */
  readonly title: string;
  readonly outcome: string;
  /** Why it ended so, in a sentence; absent when nobody said. */
  readonly message?: string;
  readonly expected: string;
  /** Names of the faults under which it was played. */
  readonly faults: readonly string[];
  /** Outcomes that are as good as the expected one under them. */
  readonly mayAlsoEnd: readonly string[];
  /** The states of the rollout in the order in which they were entered. */
  readonly path: readonly string[];
  /** The story's path; a state that waits and is entered again counts once. */
  readonly expectedPath: readonly string[];
  /** What the world looks like against the story; empty when it is as the story says. */
  readonly differences: readonly string[];
  /** What IAM refused the stack's roles meanwhile. */
  readonly refusals: readonly Refusal[];
  /** From the start of the execution to its end. */
  readonly virtualSeconds: number;
  readonly stateTransitions: number;
  /** AWS calls of all handlers between start and end, bake time included. */
  readonly awsCalls: number;
  /** From the moment that ECS knew to our verdict; absent when no ECS event decided. */
  readonly detectionLagSeconds?: number;
  /** Absent when no image failed and was taken back. */
  readonly wayBack?: WayBack;
  readonly timeline: readonly TimelineEntry[];
  /** The entry in the history of the rollout, as it was written; absent where there is none. */
  readonly entry?: object;
}

/** US dollars per state transition of a Standard workflow in us-east-1 (AWS Step Functions pricing: $0.025 per 1,000). */
export const USD_PER_STATE_TRANSITION = 0.025 / 1000;

/** True when outcome, path and world are what the story says; under faults, when the outcome is honest and the world sound. */
export function hasPassed(report: ScenarioReport): boolean {
  const isAsTold = isOutcomeAsTold(report) && isPathAsTold(report);
  return isAsTold && report.differences.length === 0 && report.refusals.length === 0;
}

/** True when the outcome is the story's own, or one that the faults may lead to. */
export function isOutcomeAsTold({ outcome, expected, mayAlsoEnd }: ScenarioReport): boolean {
  return outcome === expected || mayAlsoEnd.includes(outcome);
}

/** How often a state waits before it goes on depends on timing, and is no part of a story; under faults no path is. */
export function isPathAsTold({ path, expectedPath, faults }: ScenarioReport): boolean {
  if (faults.length > 0) return true;
  const once = path.filter((state, index) => state !== path[index - 1]);
  return once.join() === expectedPath.join();
}

/** What its state transitions cost, in US dollars. */
export function transitionsPriceUsd(report: ScenarioReport): number {
  return Math.round(report.stateTransitions * USD_PER_STATE_TRANSITION * 1e6) / 1e6;
}
