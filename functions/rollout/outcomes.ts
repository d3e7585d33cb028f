/** How a rollout can end: the same words in the state machine, the history, notifications, metrics and exit codes. */
export const OUTCOMES = {
  SUCCEEDED: 'The pushed digest was seen healthy in every running task, and stayed so during the bake time.',
  NO_CHANGE: 'Nothing to roll: the selected image already runs, or the event concerns no selected tag.',
  STAGED: 'The service runs zero tasks: the revision is in place, nothing ran and nothing is proven.',
  SUPERSEDED: 'A newer intent took this one over, or the event was older than what is known.',
  HELD: 'Recorded, not rolled: the digest is quarantined, or a person holds the service on another image.',
  REJECTED: 'Refused before any change to the service; the message says what to mend.',
  ROLLED_BACK: 'The new image failed; the last proven revision runs again and was seen healthy.',
  ROLLED_BACK_BY_ECS: "ECS's circuit breaker rolled back; the revision it restored was seen healthy.",
  ABORTED: 'The execution was stopped, timed out or died; a successor closed it.',
  ABORTED_EXTERNAL: 'Someone else changed the service during the rollout; it was left as they made it.',
  FAILED_NO_ROLLBACK_TARGET:
    'The new image failed, and no proven revision ran before it to go back to; a launch is taken back to zero tasks.',
  FAILED_ROLLBACK: 'The new image failed and so did the rollback: a person is needed.',
} as const;

/** One of the words of {@link OUTCOMES}. */
export type Outcome = keyof typeof OUTCOMES;

const ENDING_WELL: readonly Outcome[] = ['SUCCEEDED', 'NO_CHANGE', 'STAGED', 'SUPERSEDED', 'HELD'];

/** True for the outcomes that end the execution as succeeded; all others fail it with `Error` = the outcome. */
export function endsWell(outcome: Outcome): boolean {
  return ENDING_WELL.includes(outcome);
}

/** Outcomes after which the digest is not tried again until a person or a later push asks for it. */
export function blamesImage(outcome: Outcome): boolean {
  return ['ROLLED_BACK', 'ROLLED_BACK_BY_ECS', 'FAILED_NO_ROLLBACK_TARGET', 'FAILED_ROLLBACK'].includes(outcome);
}

/** Outcomes after which the last proven revision runs again. */
export function isBackInPlace(outcome: Outcome): boolean {
  return outcome === 'ROLLED_BACK' || outcome === 'ROLLED_BACK_BY_ECS';
}

/** Outcomes that people are told of; the others are in the history, and would be noise on a repository with many tags. */
export function isAnnounced(outcome: Outcome): boolean {
  return outcome !== 'NO_CHANGE' && outcome !== 'SUPERSEDED';
}
