import { BAKE_SECONDS_UNCHECKED, isChecked, type Checked } from './bake.ts';
import type { RolloutConfig } from './config.ts';
import { plainText } from './identifiers.ts';
import { longestRoll } from './roll-time.ts';
import type { ServiceFacts } from './service-facts.ts';

/** What does not keep a rollout from succeeding, and makes its success say less. */
export interface Caution {
  readonly subject:
    'health check' | 'bake time' | 'restart policy' | 'credentials' | 'images' | 'progress' | 'deadline';
  /** One sentence, without its full stop. */
  readonly found: string;
  readonly remedy: string;
}

/** What decides whether anything checks the tasks, and how long a roll may take. */
interface Looked extends Checked {
  readonly service?: (Pick<ServiceFacts, 'hasTargets'> & Partial<ServiceFacts>) | undefined;
}

/** Everything that people should know of a service whose rollouts are cleared; doctor and Preflight say the same. */
export function cautionsAbout(
  { service, base }: Looked,
  config: Pick<RolloutConfig, 'containers' | 'bakeTimeSeconds'> & Times,
): Caution[] {
  if (!service || !base) return [];
  const ours = base.containers.filter(({ name }) => config.containers.includes(name));
  return [
    ...(isChecked({ service, base }, config) ? [] : unchecked(config.bakeTimeSeconds)),
    ...ours.filter(({ restarts }) => restarts).map(({ name }) => restarting(plainText(name))),
    ...ours.filter(({ hasCredentials }) => hasCredentials).map(({ name }) => dropped(plainText(name))),
    ...timeCautions({ service, base }, config),
  ];
}

type Times = Pick<RolloutConfig, 'progressSeconds' | 'deadlineSeconds'>;

/** Whether a roll that goes as slowly as its settings allow would be taken back for that; what to give instead. */
export function timeCautions({ service, base }: Looked, { progressSeconds, deadlineSeconds }: Times): Caution[] {
  const time = service && base && longestRoll(service, base);
  if (!time) return [];
  const { tasks, atOnce, batchSeconds, totalSeconds } = time;
  const batch = `start ${time.startSeconds} s, grace ${time.graceSeconds} s, draining ${time.drainingSeconds} s`;
  const cautions: Caution[] = [];
  if (batchSeconds > (progressSeconds ?? Infinity)) {
    const found = `Replacing ${atOnce} of ${tasks} tasks may take ${batchSeconds} s (${batch}), and progressSeconds is ${progressSeconds}`;
    cautions.push({ subject: 'progress', found, remedy: raise('progressSeconds', batchSeconds) });
  }
  if (totalSeconds > deadlineSeconds) {
    const found = `Replacing ${tasks} tasks, ${atOnce} at a time, may take ${totalSeconds} s (each time ${batch}), and deadlineSeconds is ${deadlineSeconds}`;
    cautions.push({ subject: 'deadline', found, remedy: raise('deadlineSeconds', totalSeconds) });
  }
  return cautions;
}

/** The longest that either setting may be. */
const SECONDS_MAX = 604_800;

function raise(setting: string, seconds: number): string {
  const enough = Math.ceil(seconds / 300) * 300;
  if (enough > SECONDS_MAX) return 'let ECS replace more tasks at once: widen minimumHealthyPercent or maximumPercent';
  return `set ${setting} to ${enough} or more, and deploy the cell`;
}

function unchecked(bakeTimeSeconds: number): Caution[] {
  const health: Caution = {
    subject: 'health check',
    found:
      'No container that takes the image has a health check, and there is no load balancer, so "healthy" only means that the process runs',
    remedy: 'add a healthCheck to the container in the task definition; later revisions keep it',
  };
  if (bakeTimeSeconds >= BAKE_SECONDS_UNCHECKED) return [health];
  const found = `Nothing checks the tasks, so the rollout bakes ${BAKE_SECONDS_UNCHECKED} s instead of the configured ${bakeTimeSeconds} s`;
  const remedy = `nothing to do; a container with a healthCheck bakes as configured`;
  return [health, { subject: 'bake time', found, remedy }];
}

/**
 * ECS restarts such a container in its task, which does not stop, once it has run for `restartAttemptPeriod`. DescribeTasks tells
 * neither that nor how often: only Container Insights and the task's own metadata endpoint do (ECS developer guide, "Restart
 * individual containers in Amazon ECS tasks").
 */
function restarting(name: string): Caution {
  return {
    subject: 'restart policy',
    found: `The container ${name} has a restartPolicy, behind which a crash loop looks like a task that runs`,
    remedy: 'take the policy from the container, or give it a health check; Container Insights counts its restarts',
  };
}

/** ECS refuses them beside an image of ECR, which it pulls with the execution role. */
function dropped(name: string): Caution {
  return {
    subject: 'credentials',
    found: `The container ${name} has repositoryCredentials, which the next revision does without`,
    remedy: 'nothing to do: ECS pulls from ECR with the execution role',
  };
}

/** Other registries cannot be looked into, and ECR may refuse to tell of an image, or be in trouble. */
export function unseen(images: readonly string[]): Caution[] {
  if (images.length === 0) return [];
  const shown = images.slice(0, UNSEEN_SHOWN).join(', ');
  const more = images.length > UNSEEN_SHOWN ? ` and ${images.length - UNSEEN_SHOWN} more` : '';
  return [
    {
      subject: 'images',
      found: `Nobody looked up ${shown}${more}, and no task starts without each of its images`,
      remedy: 'see that they are there',
    },
  ];
}

/** How many images are named before the rest is counted. */
const UNSEEN_SHOWN = 4;

/** What the record is to say of the time that a roll may take; undefined where that is enough. */
export function timeRemark(looked: Looked, times: Times): string | undefined {
  const cautions = timeCautions(looked, times);
  return cautions.length === 0 ? undefined : cautions.map(({ found, remedy }) => `${found}: ${remedy}.`).join(' ');
}

/** The cautions as sentences, behind what is said anyway. */
export function withCautions(message: string, cautions: readonly Caution[]): string {
  return [message, ...cautions.map(({ found }) => `${found}.`)].join(' ');
}
