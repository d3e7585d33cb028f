import type { DescribeTaskDefinitionResponse, UpdateServiceRequest } from '@aws-sdk/client-ecs';
import type { RecordView } from '../rehearsal/cell/ledger-view.ts';
import { operate } from '../rehearsal/cell/operator.ts';
import type { World } from '../rehearsal/world.ts';

/** A revision that a rollout put on the service, and the images that it has in the configured containers. */
export interface Put {
  readonly at: number;
  readonly revision: string;
  readonly isBack: boolean;
  readonly images: readonly string[];
}

/** What a revision has that was provisioned before any image was pushed. */
const NO_IMAGE = /\.invalid\//;

/** Follows which revisions roles put on the service, from now on. */
export function followRevisions({ region, config, cell }: World): () => Promise<Put[]> {
  const puts: Omit<Put, 'images'>[] = [];
  const goingBack = new Set<string>();
  region.states.onStateEntered(({ executionArn, stateMachineArn, state }) => {
    if (stateMachineArn !== cell.outputs['StateMachineArn']) return;
    if (state === 'RollBack') goingBack.add(executionArn);
    else goingBack.delete(executionArn);
  });
  region.onApplied(({ at, caller, service, operation, input }) => {
    const { service: name, taskDefinition } = input as UpdateServiceRequest;
    if (caller?.kind !== 'role' || service !== 'ecs' || operation !== 'UpdateService' || !taskDefinition) return;
    if (name?.split('/').at(-1) === config.serviceName)
      puts.push({ at, revision: taskDefinition, isBack: goingBack.size > 0 });
  });
  return async () => {
    const images = new Map<string, readonly string[]>();
    for (const { revision } of puts) {
      if (images.has(revision)) continue;
      const request = { taskDefinition: revision };
      const answer = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', request);
      const own = answer.taskDefinition?.containerDefinitions?.filter(({ name }) =>
        config.containers.includes(name ?? ''),
      );
      images.set(revision, own?.map(({ image = '' }) => image) ?? []);
    }
    return puts.map((put) => ({ ...put, images: images.get(put.revision)! }));
  };
}

/** Revisions whose images may be others tomorrow. */
export function unpinned(puts: readonly Put[]): string[] {
  return puts.flatMap(({ revision, images }) => {
    const moving = images.filter((image) => !image.includes('@') && !NO_IMAGE.test(image));
    return moving.length === 0
      ? []
      : [`back: A rollout put ${revision} on the service, which names ${moving.join(', ')}.`];
  });
}

/** What was put back, and is not what succeeded last before. */
export function wrongWayBack(
  puts: readonly Put[],
  records: readonly Pick<RecordView, 'outcome' | 'endedAt' | 'image'>[],
): string[] {
  return puts.flatMap(({ at, revision, isBack, images }) => {
    const last = records.findLast(({ outcome, endedAt }) => outcome === 'SUCCEEDED' && endedAt <= at);
    const digest = last?.image?.digest;
    if (!isBack || digest === undefined || images.every((image) => image.endsWith(`@${digest}`))) return [];
    return [`back: A rollout put ${revision} back (${images.join(', ')}), and ${digest} had succeeded last.`];
  });
}
