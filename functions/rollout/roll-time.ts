import type { ServiceFacts } from './service-facts.ts';
import type { TaskDefinitionFacts } from './task-definition-facts.ts';

/** What a roll may take at worst, batch by batch; all in seconds. */
export interface RollTime {
  readonly tasks: number;
  /** Tasks that ECS replaces at the same time. */
  readonly atOnce: number;
  /** Until a task runs and has been checked once. */
  readonly startSeconds: number;
  /** What it may take to become healthy beyond that. */
  readonly graceSeconds: number;
  /** Until the task that it replaces is gone. */
  readonly drainingSeconds: number;
  readonly batchSeconds: number;
  readonly totalSeconds: number;
}

/** Capacity, a network interface and the pull: no setting says how long they take on Fargate. */
const PROVISION_SECONDS = 60;

/** A target group's deregistration delay, unless somebody changed it: whoever rolls may not read its attributes (ELB, TargetGroupAttribute). */
const DEREGISTRATION_SECONDS = 300;

type Rolled = Partial<
  Pick<ServiceFacts, 'desiredCount' | 'minimumHealthyPercent' | 'maximumPercent' | 'hasTargets' | 'graceSeconds'>
>;

/**
 * The sum of what settings allow a roll to take; most are far faster. Undefined where nothing is replaced, or nothing can be.
 * ECS keeps between minimum and maximum running, and replaces as many at once as that leaves room for.
 */
export function longestRoll(
  service: Rolled,
  { containers }: Pick<TaskDefinitionFacts, 'containers'>,
): RollTime | undefined {
  const { desiredCount: tasks = 0, minimumHealthyPercent = 100, maximumPercent = 200, hasTargets = false } = service;
  const [atLeast, atMost] = [
    Math.ceil((minimumHealthyPercent / 100) * tasks),
    Math.floor((maximumPercent / 100) * tasks),
  ];
  const atOnce = Math.min(tasks, atMost - atLeast);
  if (!(atOnce > 0)) return undefined;
  const longest = (seconds: readonly (number | undefined)[]): number =>
    Math.max(0, ...seconds.map((each) => each ?? 0));
  const startSeconds = PROVISION_SECONDS + longest(containers.map(({ checkSeconds }) => checkSeconds));
  const graceSeconds = longest([service.graceSeconds, ...containers.map((container) => container.startPeriodSeconds)]);
  const stopSeconds = longest(containers.map((container) => container.stopSeconds));
  const drainingSeconds = stopSeconds + (hasTargets ? DEREGISTRATION_SECONDS : 0);
  const batchSeconds = startSeconds + graceSeconds + drainingSeconds;
  const totalSeconds = Math.ceil(tasks / atOnce) * batchSeconds;
  return { tasks, atOnce, startSeconds, graceSeconds, drainingSeconds, batchSeconds, totalSeconds };
}
