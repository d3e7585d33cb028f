import type { EcsReader } from '../aws/client-kinds.ts';
import { describeRaw, listNewestRevisions, type RawDescription } from '../aws/task-definitions.ts';
import { hasImages, type ContainerImages } from '../rollout/next-revision.ts';
import type { TaskDefinitionArn } from '../rollout/identifiers.ts';

/** What was looked at for one rollout, each thing once; it holds for as long as nobody registers a revision for it. */
export interface Looks {
  describe(taskDefinition: TaskDefinitionArn): Promise<RawDescription | undefined>;
  /** ARNs of the family's newest ACTIVE revisions, newest first. */
  newestOf(family: string): Promise<TaskDefinitionArn[]>;
  /** Does something that need not be done again. */
  once(name: string, act: () => Promise<void>): Promise<void>;
  /** To be called before a registration is sent whose end may stay unknown: what was listed is then no longer all. */
  forgetLists(): void;
}

/** Nothing was looked at yet. What fails is not remembered. */
export function newLooks(ecs: EcsReader): Looks {
  const described = new Map<string, RawDescription | undefined>();
  const lists = new Map<string, TaskDefinitionArn[]>();
  const done = new Map<string, void>();
  return {
    describe: (taskDefinition) => recalled(described, taskDefinition, () => describeRaw(ecs, taskDefinition)),
    newestOf: (family) => recalled(lists, family, () => listNewestRevisions(ecs, family)),
    once: (name, act) => recalled(done, name, act),
    forgetLists: () => lists.clear(),
  };
}

async function recalled<Value>(known: Map<string, Value>, key: string, look: () => Promise<Value>): Promise<Value> {
  if (!known.has(key)) known.set(key, await look());
  return known.get(key)!;
}

/** By what a revision of ours is known. */
export interface RevisionMark {
  readonly tag: string;
  readonly value: string;
  readonly images: ContainerImages;
}

/** The first of these revisions that has the tag and the images. */
export async function findRevision(
  looks: Looks,
  revisions: readonly TaskDefinitionArn[],
  { tag, value, images }: RevisionMark,
): Promise<TaskDefinitionArn | undefined> {
  for (const arn of revisions) {
    const found = await looks.describe(arn);
    const isMarked = found?.tags.some((each) => each.key === tag && each.value === value);
    if (isMarked && hasImages(found!.taskDefinition, images)) return arn;
  }
  return undefined;
}
