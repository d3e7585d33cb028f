import type { TaskFacts } from './service-facts.ts';
import type { Watch } from './watch.ts';

/** What one task proves: `sound` for the expected digest, `wrong-digest` against it, `unproven` anything in between. */
export type TaskEvidence = 'sound' | 'wrong-digest' | 'unproven';

/** Health that does not speak against a task: it has no health check (`UNKNOWN`) or passes it. Words of the future do. */
const HEALTHY_ENOUGH: readonly (string | undefined)[] = [undefined, 'UNKNOWN', 'HEALTHY'];

/** Looks at the configured containers of one task: RUNNING, healthy as far as ECS knows, and showing an expected digest. */
export function evidenceOf(task: TaskFacts, watch: Pick<Watch, 'containers' | 'imageDigests'>): TaskEvidence {
  const digests = watch.containers.map(
    (name) => task.containers.find((container) => container.name === name)?.imageDigest,
  );
  if (digests.some((digest) => digest !== undefined && !watch.imageDigests.includes(digest))) {
    return 'wrong-digest';
  }
  const isRunning = task.lastStatus === 'RUNNING' && HEALTHY_ENOUGH.includes(task.healthStatus);
  const isShown = digests.length > 0 && digests.every((digest) => digest !== undefined);
  return isRunning && isShown ? 'sound' : 'unproven';
}
