import type { RolloutConfig } from './config.ts';
import { plainText } from './identifiers.ts';
import type { ServiceFacts } from './service-facts.ts';
import type { TaskDefinitionFacts } from './task-definition-facts.ts';

/** What does not keep a rollout from succeeding, and makes its success say less. */
export interface Caution {
  readonly subject: 'health check' | 'bake time' | 'restart policy' | 'credentials';
  /** One sentence, without its full stop. */
  readonly found: string;
  readonly remedy: string;
}

/** Nobody but time tells whether an image is sound that nothing checks. */
const BAKE_SECONDS_UNCHECKED = 60;

interface Looked {
  readonly service?: Pick<ServiceFacts, 'hasTargets'> | undefined;
  readonly base?: Pick<TaskDefinitionFacts, 'containers'> | undefined;
}

/** Everything that people should know of a service whose rollouts are cleared; doctor and Preflight say the same. */
export function cautionsAbout(
  { service, base }: Looked,
  { containers, bakeTimeSeconds }: Pick<RolloutConfig, 'containers' | 'bakeTimeSeconds'>,
): Caution[] {
  if (!service || !base) return [];
  const ours = base.containers.filter(({ name }) => containers.includes(name));
  const isChecked = service.hasTargets || base.containers.some(({ hasHealthCheck }) => hasHealthCheck);
  return [
    ...(isChecked ? [] : unchecked(bakeTimeSeconds)),
    ...ours.filter(({ restarts }) => restarts).map(({ name }) => restarting(plainText(name))),
    ...ours.filter(({ hasCredentials }) => hasCredentials).map(({ name }) => dropped(plainText(name))),
  ];
}

function unchecked(bakeTimeSeconds: number): Caution[] {
  const health: Caution = {
    subject: 'health check',
    found:
      'No container has a health check, and there is no load balancer, so "healthy" only means that the process runs',
    remedy: 'add a healthCheck to the container in the task definition; later revisions keep it',
  };
  if (bakeTimeSeconds >= BAKE_SECONDS_UNCHECKED) return [health];
  const found = `Nothing checks the tasks, and the bake of ${bakeTimeSeconds} s ends before most crashes`;
  const remedy = `set bakeTimeSeconds to ${BAKE_SECONDS_UNCHECKED} or more, and deploy the cell`;
  return [health, { subject: 'bake time', found, remedy }];
}

/** ECS restarts such a container in its task, which does not stop (ECS developer guide, "Restart individual containers"). */
function restarting(name: string): Caution {
  return {
    subject: 'restart policy',
    found: `The container ${name} has a restartPolicy, behind which a crash loop looks like a task that runs`,
    remedy: 'take the policy from the container, or give it a health check',
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

/** The cautions as sentences, behind what is said anyway. */
export function withCautions(message: string, cautions: readonly Caution[]): string {
  return [message, ...cautions.map(({ found }) => `${found}.`)].join(' ');
}
