import { failureOf, leavingAt } from '../../picture/stages.ts';
import type { Chronicle } from '../../picture/chronicle.ts';
import type { FailedTask, RolloutDocument, RolloutRecord, ServiceDocument } from '../documents.ts';
import { asOf, failedTrials, imageOf, isLaunch, progressOf, servedNow } from './rollout-facts.ts';
import { decisive, stateOf } from './service-state.ts';
import { ago, cause, count, imageName, span } from './words.ts';

/** What a running rollout does, in a sentence. */
export function liveSentence(document: RolloutDocument, now: number): string {
  const chronicle = asOf(document, now);
  const image = chronicle.rollouts[0]!.image ?? 'The image';
  const { counts, desiredCount: desired } = servedNow(chronicle);
  const { word, bakeLeft } = progressOf(document, now);
  const old = imageOf(chronicle, 'proven');
  if (bakeLeft !== undefined)
    return `${image} is healthy on ${counts.trial} of ${desired} tasks and must stay so for ${Math.ceil(bakeLeft)} s more.`;
  if (word === 'Rolling back') return `${image} failed; ${old ?? 'what ran before'} is put back.`;
  if (word === 'Waiting') return `${image} waits for its turn.`;
  if (isLaunch(chronicle)) return `${image} is starting for the first time.`;
  if (desired > 0 && counts.trial >= desired)
    return `${image} serves on ${counts.trial} of ${desired} tasks; ${counts.proven > 0 ? `${counts.proven} of ${old} still serve beside it` : `the last of ${old} are leaving`}.`;
  return `${image} takes over from ${old ?? 'what ran before'}: ${counts.trial} of ${desired} tasks serve it.`;
}

/** What became of an ended rollout, and what runs: in a sentence. */
export function endedSentence({ chronicle, record }: RolloutDocument): string {
  const { outcome, message } = record!;
  const image = chronicle.rollouts[0]!.image ?? 'The image';
  const desired = chronicle.desiredCounts.at(-1)?.count ?? 0;
  if (outcome === 'SUCCEEDED' && desired > 0 && chronicle.tasks.length > 0) {
    const failed = failedTrials(chronicle).length;
    const aside =
      failed === 0 ? '' : `; ${count(failed, 'task')} failed on the way and ${failed === 1 ? 'was' : 'were'} replaced`;
    const stayed = chronicle.rollouts[0]!.states.some(({ name }) => name === 'Bake');
    return `${image} runs on ${desired} of ${desired} tasks${stayed ? ' and stayed healthy for the whole bake' : ', proven'}${aside}.`;
  }
  if (outcome !== 'ROLLED_BACK') return cause({ message });
  const why = whyFailed(chronicle, record!);
  const back = chronicle.deployments.findLast(({ by }) => by === 'rollback')?.image;
  const isBack = / After the rollback: /.test(message);
  const after = back === undefined ? 'what ran before is back' : `${back} is back on ${desired} of ${desired} tasks`;
  return `${image} ${why}; ${after}${isBack && back !== undefined ? ' and healthy' : ''}.`;
}

/** `exited with code 1 after 5.0 s`, or what else went wrong. */
function whyFailed(chronicle: Chronicle, record: RolloutRecord): string {
  const code = record.failedTasks.find(({ exitCode }) => exitCode !== null)?.exitCode;
  const ran = ranSeconds(chronicle, record.failedTasks[0]);
  if (code !== undefined && code !== null)
    return `exited with code ${code}${ran === undefined ? '' : ` after ${span(ran)}`}`;
  return `failed: ${cause(record).replace(/[.]$/, '')}`;
}

/** How long a task ran before it ended by itself; undefined where nobody knows. */
export function ranSeconds({ tasks }: Pick<Chronicle, 'tasks'>, failed: FailedTask | undefined): number | undefined {
  const task = failed && tasks.find(({ taskId }) => failed.taskArn.endsWith(taskId));
  const [from, to] = [task?.startedAt, task && leavingAt(task)];
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from);
}

/** How many of the new tasks failed as this one did. */
export function alike(
  chronicle: Chronicle,
  failed: FailedTask | undefined,
): { readonly same: number; readonly all: number } | undefined {
  const own = failed && chronicle.tasks.find(({ taskId }) => failed.taskArn.endsWith(taskId));
  if (!own) return undefined;
  const tasks = chronicle.tasks.filter(({ deploymentId }) => deploymentId === own.deploymentId);
  const failure = failureOf(own);
  return { same: tasks.filter((task) => failureOf(task) === failure).length, all: tasks.length };
}

const FAILED_WORDS: Readonly<Record<string, string>> = {
  ROLLED_BACK: 'was rolled back',
  ROLLED_BACK_BY_ECS: 'was rolled back by ECS',
  ABORTED: 'was aborted',
  ABORTED_EXTERNAL: 'gave way to someone else’s change',
  REJECTED: 'was rejected',
  FAILED_NO_ROLLBACK_TARGET: 'failed, with nothing to go back to,',
};

/** What somebody should know of a service, in a sentence. */
export function serviceSentence(document: ServiceDocument, now: number): string {
  const { standing, rolling } = document;
  const state = stateOf(document, now);
  if (!standing) return document.trouble ? 'This service cannot be read.' : 'Reading…';
  if (rolling) return liveSentence(rolling, now);
  const { running, pin } = standing;
  const last = decisive(document);
  if (!running) return 'ECS has no such service.';
  if (!last && !standing.rollout) return 'Nothing has been rolled out yet.';
  if (state.group === 'attention') return state.say;
  const name =
    running.tags[0] ??
    (running.digest === null ? 'An image that is not pinned' : imageName({ digest: running.digest, tag: null }));
  const runs = `${name} runs on ${running.runningCount} of ${running.desiredCount} tasks, ${running.proven ? 'proven' : 'not proven by a rollout'}`;
  if (state.group === 'failed') {
    const image = last!.image ? imageName(last!.image) : 'The rollout';
    return `${runs}. ${image} ${FAILED_WORDS[last!.outcome] ?? 'failed'} ${ago(Date.parse(last!.endedAt), now)}: ${cause(last!)}`;
  }
  if (pin) return `${runs}, and pinned: ${state.say}`;
  return `${runs}.`;
}
