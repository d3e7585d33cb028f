import type { RolloutConfig } from './config.ts';
import { evidenceOf } from './evidence.ts';
import { digestIn, type ImageDigest } from './identifiers.ts';
import type { ProvenRevision } from './ledger.ts';
import { isAlone, tasksNeeded, type DeploymentFacts, type ServiceFacts, type TaskFacts } from './service-facts.ts';

/**
 * The running revision as a rollback target: COMPLETED, alone as far as its service asks for that, and either verified by an earlier rollout or, adopted from
 * whoever deployed it, with every task sound. Undefined when that cannot be said.
 */
export function provenRevision(
  service: ServiceFacts,
  primary: DeploymentFacts,
  running: readonly TaskFacts[],
  verified: readonly ProvenRevision[],
  config: Pick<RolloutConfig, 'containers' | 'mayEnd'>,
): ProvenRevision | undefined {
  const isFull = service.runningCount >= tasksNeeded(service);
  if (primary.rolloutState !== 'COMPLETED' || !isAlone(service, primary) || !isFull) return undefined;
  const known = verified.find((revision) => revision.taskDefinition === primary.taskDefinition);
  if (known) return { ...known, deploymentId: primary.id };
  return service.desiredCount === 0 ? undefined : adopt(service, primary, running, config);
}

function adopt(
  service: ServiceFacts,
  primary: DeploymentFacts,
  running: readonly TaskFacts[],
  { containers, mayEnd }: Pick<RolloutConfig, 'containers' | 'mayEnd'>,
): ProvenRevision | undefined {
  const ours = running.filter(
    (task) => task.taskDefinition === primary.taskDefinition && task.desiredStatus === 'RUNNING',
  );
  const shown = ours.flatMap((task) => task.containers.filter((container) => containers.includes(container.name)));
  const imageDigests = [...new Set(shown.flatMap((container) => container.imageDigest ?? []))];
  const sound = ours.filter((task) => evidenceOf(task, { containers, imageDigests, mayEnd }) === 'sound');
  const isWhole = sound.length === ours.length || service.earlySuccess !== undefined;
  if (!isWhole || !(sound.length >= tasksNeeded(service))) return undefined;
  const pinned = pinnedDigest(shown.map((container) => container.image));
  return {
    taskDefinition: primary.taskDefinition,
    digest: pinned ?? onlyOf(imageDigests),
    // Tasks of a pinned index may show the index or a child of it.
    imageDigests: pinned && !imageDigests.includes(pinned) ? [pinned, ...imageDigests] : imageDigests,
    containerDigests: Object.fromEntries(
      shown.flatMap(({ name, imageDigest }) => (imageDigest ? [[name, imageDigest] as const] : [])),
    ),
    deploymentId: primary.id,
    at: primary.createdAt,
    keepSlot: undefined,
    rolledBackBy: undefined,
  };
}

/** The digest that all configured containers pin (`repository@sha256:…`), when they pin the same one. */
function pinnedDigest(images: readonly (string | undefined)[]): ImageDigest | undefined {
  return onlyOf([...new Set(images.map(digestIn))]);
}

function onlyOf<Value>(values: readonly Value[]): Value | undefined {
  return values.length === 1 ? values[0] : undefined;
}
