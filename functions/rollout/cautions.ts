import { BAKE_SECONDS_UNCHECKED, isChecked, type Checked } from './bake.ts';
import type { RolloutConfig } from './config.ts';
import { plainText } from './identifiers.ts';

/** What does not keep a rollout from succeeding, and makes its success say less. */
export interface Caution {
  readonly subject: 'health check' | 'bake time' | 'restart policy' | 'credentials' | 'images';
  /** One sentence, without its full stop. */
  readonly found: string;
  readonly remedy: string;
}

/** Everything that people should know of a service whose rollouts are cleared; doctor and Preflight say the same. */
export function cautionsAbout(
  { service, base }: Checked,
  config: Pick<RolloutConfig, 'containers' | 'bakeTimeSeconds'>,
): Caution[] {
  if (!service || !base) return [];
  const ours = base.containers.filter(({ name }) => config.containers.includes(name));
  return [
    ...(isChecked({ service, base }, config) ? [] : unchecked(config.bakeTimeSeconds)),
    ...ours.filter(({ restarts }) => restarts).map(({ name }) => restarting(plainText(name))),
    ...ours.filter(({ hasCredentials }) => hasCredentials).map(({ name }) => dropped(plainText(name))),
  ];
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

/** The cautions as sentences, behind what is said anyway. */
export function withCautions(message: string, cautions: readonly Caution[]): string {
  return [message, ...cautions.map(({ found }) => `${found}.`)].join(' ');
}
