import { BAKE_SECONDS_UNCHECKED } from './bake.ts';
import { isEcsChoice, isOlder, isRollingBack } from './ecs-comeback.ts';
import {
  endedContainer,
  evidenceOf,
  isUnchecked,
  silentContainer,
  strangeContainer,
  unhealthyContainer,
} from './evidence.ts';
import { failedTask } from './failed-task.ts';
import { causesOf, decisiveCause, isTrouble } from './stop-causes.ts';
import { plainText, revisionName } from './identifiers.ts';
import type { Baseline, Owner } from './ledger.ts';
import { boundOf } from './progress.ts';
import {
  isAlone,
  primaryOf,
  tasksNeeded,
  type DeploymentFacts,
  type Observation,
  type ServiceFacts,
  type TaskFacts,
} from './service-facts.ts';
import type { StopCause } from './stopped-task.ts';
import { verdict, type Verdict } from './verdict.ts';
import type { Watch } from './watch.ts';

/**
 * What the watch knows beside itself: the deployment that comes back when ECS rolls back, all revisions that we rolled, and the
 * deadline that no progress moves.
 */
export type Surroundings = Pick<Owner, 'baseline' | 'targets' | 'deadline'>;

/** Crashes of our tasks that end waiting for the steady state; during a bake, or after a rollback, one is enough. */
const CRASHES_UNTIL_FAILED = 2;

const WAIT = verdict('wait', 'InProgress', 'Nothing is decided yet.');

/**
 * Judges a service against a watch at `now` (milliseconds). Whatever is not recognised waits: an unknown status, a missing
 * count or an unseen deployment never advances towards success.
 */
export function judgeSteadiness(observation: Observation, watch: Watch, around: Surroundings, now: number): Verdict {
  const judged = judge(observation, watch, around, now);
  return watch.kind === 'rollback' && judged.word === 'failed' ? withWhatRuns(judged, observation.service) : judged;
}

/** Of a rollback that failed someone must know at once whether the service is down, or goes on with what it had. */
function withWhatRuns(judged: Verdict, service: ServiceFacts | undefined): Verdict {
  if (!service || judged.reason === 'DeadlineExceeded') return judged;
  const { runningCount, desiredCount } = service;
  const message = `${judged.message.replace(/[.]?$/, '.')} ${runningCount} of ${desiredCount} tasks run.`;
  return { ...judged, message };
}

function judge(observation: Observation, watch: Watch, around: Surroundings, now: number): Verdict {
  const { service } = observation;
  if (service === undefined || ['DRAINING', 'INACTIVE'].includes(service.status)) return vanished(service);
  const primary = primaryOf(service);
  if (primary === undefined || service.status !== 'ACTIVE') return deadlineOr(WAIT, service, watch, around, now);
  const causes = causesOf(observation.tasks?.stopped ?? [], watch);
  if (primary.id !== watch.deploymentId) return judgeOtherPrimary(primary, service, causes, watch, around, now);
  if (primary.taskDefinition !== watch.taskDefinition) return foreign(primary, watch, around);
  return (
    judgeFailures(primary, causes, watch) ??
    deadlineOr(judgeCompletion(observation, service, primary, watch, now), service, watch, around, now)
  );
}

function vanished(service: ServiceFacts | undefined): Verdict {
  return verdict(
    'foreign',
    'ServiceVanished',
    `The service is ${service?.status ?? 'MISSING'}; someone deleted it during the rollout.`,
  );
}

function foreign(primary: DeploymentFacts, watch: Watch, { targets }: Pick<Surroundings, 'targets'>): Verdict {
  const isWatched = primary.taskDefinition === watch.taskDefinition;
  if (isWatched || targets.includes(primary.taskDefinition)) {
    const doing = isWatched ? 'watching' : 'taking back';
    const forced = `Someone forced a new deployment of ${revisionName(primary.taskDefinition)}, which this rollout was ${doing} (${primary.id}); it was left in place and is not proven.`;
    return verdict('foreign', 'ForcedNewDeployment', `${forced} To prove the image: rollouts start, or start with {}.`);
  }
  const message = `Someone else deployed ${revisionName(primary.taskDefinition)} (${primary.id}) during the rollout; it was left in place. To roll the image after all: rollouts start, or start with {}.`;
  return verdict('foreign', 'ForeignDeployment', message);
}

function judgeOtherPrimary(
  primary: DeploymentFacts,
  service: ServiceFacts,
  causes: readonly StopCause[],
  watch: Watch,
  around: Surroundings,
  now: number,
): Verdict {
  const { baseline } = around;
  const isEcs = isEcsChoice(primary, baseline);
  if (!isEcs && !isOurFailed(primary, watch, around)) return foreign(primary, watch, around);
  if (!isEcs || !hasComeBack(primary, watch, baseline)) return deadlineOr(WAIT, service, watch, around, now);
  const message = `ECS rolled back to ${primary.id}: ${primary.rolloutStateReason ?? 'ECS rolled back.'}`;
  const word = watch.kind === 'rollback' ? 'failed' : 'rolled-back-by-ecs';
  return givenUp(verdict(word, 'CircuitBreaker', message), causes, watch);
}

/**
 * ECS counts every task that does not start as a failure, and never says why: its tasks do. Trouble that is not the image's stays
 * that when ECS gives a deployment up for it.
 */
function givenUp(byEcs: Verdict, causes: readonly StopCause[], watch: Watch): Verdict {
  const decisive = decisiveCause(causes, crashesAllowed(watch));
  if (!decisive) return byEcs;
  const message = `${byEcs.message} ${decisive.message}`;
  return { ...byEcs, message, reason: isTrouble(decisive) ? decisive.reason : byEcs.reason, task: decisive.task };
}

/**
 * On the way back a stale read may still show the revision that is being taken back; a deployment of it that is younger than the way
 * back is somebody else's.
 */
function isOurFailed(primary: DeploymentFacts, watch: Watch, { targets }: Surroundings): boolean {
  const isOther = primary.taskDefinition !== watch.taskDefinition;
  const isOfBefore = !(primary.createdAt > watch.since);
  return watch.kind === 'rollback' && isOther && isOfBefore && targets.includes(primary.taskDefinition);
}

/**
 * One of before is PRIMARY either because this read is stale or because ECS rolled back to it, which resets its createdAt; 0 is an
 * age that ECS did not tell.
 */
function hasComeBack(primary: DeploymentFacts, watch: Watch, baseline: Baseline | undefined): boolean {
  // It may have come back before, for the failure that we roll back ourselves: only what ECS did since then counts.
  if (watch.kind === 'rollback') return primary.createdAt > watch.since;
  if (isRollingBack(primary)) return true;
  if (isOlder(primary.id, baseline)) return primary.createdAt > watch.since;
  const createdAt = baseline?.createdAt ?? 0;
  return createdAt > 0 && primary.createdAt > createdAt;
}

function judgeFailures(primary: DeploymentFacts, causes: readonly StopCause[], watch: Watch): Verdict | undefined {
  if (primary.rolloutState === 'FAILED') {
    const message = primary.rolloutStateReason ?? 'ECS failed the deployment.';
    return givenUp(verdict('failed', 'DeploymentFailed', message), causes, watch);
  }
  const deterministic = causes.find((cause) => cause.blame === 'deterministic');
  if (deterministic) return verdict('failed', deterministic.reason, deterministic.message, deterministic.task);
  const crashes = causes.filter((cause) => cause.blame === 'crash');
  const last = crashes.at(-1);
  if (!last || crashes.length < crashesAllowed(watch)) return undefined;
  return verdict('failed', last.reason, `${last.message}${suspicionOf(last, watch)}`, last.task);
}

/**
 * A new image that never passes its health checks often listens on another port than the task definition says; one that never
 * passes those of its container may lack what their command calls, or need longer.
 */
function suspicionOf({ reason, message }: StopCause, { kind, port }: Watch): string {
  if (reason !== 'FailedHealthChecks' || kind !== 'steady') return '';
  const expected = port === undefined ? 'the port that the task definition maps' : `port ${port}, as configured`;
  const inContainer = /container health checks/i.test(message)
    ? ", and does its health check's command succeed in it within startPeriod and retries"
    : '';
  return `. Does the image listen on ${expected}${inContainer}?`;
}

function judgeCompletion(
  observation: Observation,
  service: ServiceFacts,
  primary: DeploymentFacts,
  watch: Watch,
  now: number,
): Verdict {
  if (primary.rolloutState !== 'COMPLETED') return hindrance(observation, service, primary, watch);
  if (!isAlone(service, primary)) return WAIT;
  if (service.desiredCount === 0) return withoutTasks(watch);
  const running = observation.tasks?.running ?? [];
  const ours = running.filter((task) => task.startedBy === primary.id && task.desiredStatus === 'RUNNING');
  const others = running.filter((task) => task.startedBy !== primary.id && task.desiredStatus === 'RUNNING');
  if (others.length > 0 && !service.earlySuccess?.isDeferred) return WAIT;
  const wrong = ours.find((task) => evidenceOf(task, watch) === 'wrong-digest');
  if (wrong) {
    const message = `Task ${wrong.taskArn} runs another image than the one that was pushed.`;
    return verdict('failed', 'WrongDigest', message, failedTask(wrong, strangeContainer(wrong, watch)));
  }
  const unsound = judgeUnsound(ours, service, watch);
  if (unsound) return unsound;
  if (watch.until !== undefined && now < bakedAt(watch.until, ours, service, watch)) return WAIT;
  const sound = ours.filter((task) => evidenceOf(task, watch) === 'sound').length;
  const evidence = `${sound} of ${service.desiredCount} tasks run exactly the expected digest and are healthy.`;
  return verdict('steady', 'EvidenceComplete', `${evidence}${earlyRemark(service, sound, others.length)}`);
}

/** What a success lacks that is one by the service's own criteria. */
function earlyRemark({ desiredCount, earlySuccess }: ServiceFacts, sound: number, others: number): string {
  if (!earlySuccess || (sound >= desiredCount && others === 0)) return '';
  const left = others > 0 ? `; ${others} of another revision still run until ECS has cleaned up` : '';
  return ` By the early success criteria of the service that is enough${left}.`;
}

/**
 * When a bake has passed. A task that came in for another one meanwhile gets as long as the others where nothing checks it; those
 * that come later still do not count, or a service that scales would never be done.
 */
function bakedAt(until: number, ours: readonly TaskFacts[], { hasTargets }: ServiceFacts, watch: Watch): number {
  const unchecked = hasTargets ? [] : ours.filter((task) => isUnchecked(task, watch));
  const lastStarted = Math.max(0, ...unchecked.map(({ startedAt = 0 }) => Math.min(startedAt, until)));
  return Math.max(until, lastStarted + BAKE_SECONDS_UNCHECKED * 1000);
}

/** What keeps a deployment from its tasks though none of its own doing: where it lasts until the deadline, it is the reason. */
function hindrance({ tasks }: Observation, service: ServiceFacts, primary: DeploymentFacts, watch: Watch): Verdict {
  const newest = causesOf(tasks?.stopped ?? [], watch).findLast(({ blame }) => blame !== 'ordinary');
  if (newest && isTrouble(newest))
    return verdict('wait', newest.reason, `Tasks cannot start: ${newest.message}`, newest.task);
  const trouble = primary.runningCount + primary.pendingCount === 0 ? troubleOf(service, watch) : '';
  return /unable to place/.test(trouble) ? verdict('wait', 'TasksNotPlaced', trouble.trim()) : WAIT;
}

/** Tasks that ECS counts as running while a configured container does not; one alone may be an accident where there are others. */
function judgeUnsound(ours: readonly TaskFacts[], service: ServiceFacts, watch: Watch): Verdict | undefined {
  const failed = ours.filter((task) => evidenceOf(task, watch) === 'failed');
  if (failed.length > 0 && failed.length >= Math.min(crashesAllowed(watch), ours.length))
    return exited('failed', failed[0]!, watch);
  // ECS never replaces such a task: by the deadline it is no accident any more.
  if (failed.length > 0) return exited('wait', failed[0]!, watch);
  const ended = ours.find((task) => evidenceOf(task, watch) === 'ended');
  if (ended) {
    const message = `The task runs on, but ${describeEnd(ended, watch)}, and no other configured container runs beside it. If it is meant to end, set mayEnd in the configuration`;
    return verdict('wait', 'ContainerEnded', `${message}.`, failedTask(ended, endedContainer(ended, watch)));
  }
  const unhealthy = ours.find((task) => task.healthStatus !== 'UNHEALTHY' && unhealthyContainer(task, watch));
  if (unhealthy) {
    const container = unhealthyContainer(unhealthy, watch)!;
    const message = `The task counts as healthy, but container ${plainText(container.name)}, which is not essential, fails its health check.`;
    return verdict('wait', 'ContainerUnhealthy', message, failedTask(unhealthy, container));
  }
  const silent = ours.find((task) => task.lastStatus === 'RUNNING' && silentContainer(task, watch) !== undefined);
  if (silent) {
    const name = silentContainer(silent, watch)!;
    const container = silent.containers.find((one) => one.name === name);
    const message = `ECS does not show which image container ${plainText(name)} of task ${silent.taskArn} runs, so nothing is proven.`;
    return verdict('wait', 'DigestUnknown', message, failedTask(silent, container));
  }
  const sound = ours.filter((task) => evidenceOf(task, watch) === 'sound');
  // Tasks that an early success does not wait for may still be starting.
  const isWhole = sound.length === ours.length || service.earlySuccess !== undefined;
  return isWhole && sound.length >= tasksNeeded(service) ? undefined : WAIT;
}

function exited(word: 'wait' | 'failed', task: TaskFacts, watch: Watch): Verdict {
  const message = `The task runs on, but ${describeEnd(task, watch)}.`;
  return verdict(word, 'ContainerExited', message, failedTask(task, endedContainer(task, watch)));
}

function describeEnd(task: TaskFacts, watch: Watch): string {
  const { name, exitCode, reason } = endedContainer(task, watch)!;
  return plainText(`container ${name} exited with code ${exitCode}${reason === undefined ? '' : ` (${reason})`}`);
}

function crashesAllowed({ kind }: Watch): number {
  return kind === 'steady' ? CRASHES_UNTIL_FAILED : 1;
}

function withoutTasks(watch: Watch): Verdict {
  if (watch.kind === 'rollback')
    return verdict('steady', 'NothingRuns', 'The service runs zero tasks on the rollback target.');
  return verdict(
    'staged',
    'DesiredCountZero',
    'The service wants zero tasks, so nothing was proven: set its desired count to run the revision.',
  );
}

function deadlineOr(word: Verdict, service: ServiceFacts, watch: Watch, around: Surroundings, now: number): Verdict {
  if (word.word !== 'wait' || now < watch.deadline) return word;
  if (word.reason !== WAIT.reason) return { ...word, word: 'failed' };
  const { late, remedy } = latenessOf(watch, around);
  return verdict(
    'failed',
    'DeadlineExceeded',
    `${late}: ${howFar(service, watch)}.${troubleOf(service, watch)}${remedy}`,
  );
}

/** What was too late, and the setting that would have waited longer; a bake has none. */
function latenessOf(watch: Watch, around: Surroundings): { readonly late: string; readonly remedy: string } {
  if (watch.kind === 'bake') return { late: 'The service was not whole again in time after its bake', remedy: '' };
  const bound = boundOf(watch, around);
  const isStalled = bound === 'progressSeconds';
  const late = isStalled ? `No progress for ${watch.progressSeconds} s` : 'No steady state by the deadline';
  return { late, remedy: ` If it only needs longer, raise ${bound}.` };
}

/** Releases before progress was counted did not keep how many were healthy. */
function howFar(
  { runningCount, pendingCount, desiredCount }: ServiceFacts,
  { progressSeconds, progress }: Watch,
): string {
  const counts = `${runningCount} running, ${pendingCount} pending of ${desiredCount} desired`;
  return progressSeconds === undefined
    ? counts
    : `at most ${progress?.healthy ?? 0} of ${desiredCount} new tasks were healthy (${counts} in all)`;
}

/** Events that tell of trouble, such as tasks that cannot be placed (ECS developer guide, "Amazon ECS service event messages"). */
const TROUBLE = /unable to|unsuccessful|failed|impaired|reached the limit|throttl|not able to|cannot|can't/i;

/**
 * The newest event of this watch's time that tells of trouble, without the service's name and the pointer at the documentation:
 * of tasks that were never placed ECS speaks nowhere else.
 */
function troubleOf({ events }: ServiceFacts, { since }: Watch): string {
  const trouble = events.find(({ at, message }) => at >= since && TROUBLE.test(message));
  if (!trouble) return '';
  const words = trouble.message.replace(/^\(service [^)]*\) /, '').replace(/ For more information, see .*$/, '');
  const said = plainText(words.startsWith('was ') ? `ECS says that it ${words}` : `ECS says: ${words}`);
  return ` ${said.replace(/\.?$/, '.')}`;
}
