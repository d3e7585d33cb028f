/**
 * Task definitions as ECS's raw JSON. They are never parsed into a type: every member that ECS knows today or tomorrow
 * must survive, and nothing of them may be logged.
 */
export type RawTaskDefinition = Readonly<Record<string, unknown>>;

/** An ECS tag as the API spells it. */
export interface RawTag {
  readonly key: string;
  readonly value?: string;
}

/** Images by the name of their container. */
export type ContainerImages = Readonly<Record<string, string>>;

/** Tag that carries the rollout's id: ECS offers no idempotency token, so this finds an earlier attempt. */
export const ROLLOUT_TAG = 'rollouts:rollout-id';

/** Tag that carries the revision of which another one is a copy, pinned so that a rollback can put it back. */
export const COPY_TAG = 'rollouts:pinned-copy-of';

/** What DescribeTaskDefinition answers and RegisterTaskDefinition refuses (diff of the two shapes in the ECS API model). */
const OUTPUT_ONLY = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
  // Not in the API's shape, but consoles and tools write the tags there; they travel beside the definition.
  'tags',
] as const;

/** What changes from one revision to the next. */
export interface RevisionChange {
  readonly containers: readonly string[];
  /** `registry/repository@sha256:…` */
  readonly image: string;
  readonly rolloutId: string;
}

/**
 * The registration of the next revision: the current one with another image in the named containers, and our tag. Credentials for
 * another registry fall there: ECS refuses them beside an image of ECR.
 */
export function nextRevision(
  current: RawTaskDefinition,
  tags: readonly RawTag[],
  change: RevisionChange,
): RawTaskDefinition {
  const images = Object.fromEntries(change.containers.map((name) => [name, change.image]));
  const pulled = {
    ...current,
    containerDefinitions: containersOf(current).map((each) => withoutCredentials(each, images)),
  };
  return registration(pulled, tags, images, { key: ROLLOUT_TAG, value: change.rolloutId });
}

/** The sentence for the record of a rollout whose revision does without the credentials that the present one has. */
export function droppedCredentials(current: RawTaskDefinition, containers: readonly string[]): string | undefined {
  const having = containersOf(current).filter(({ name, repositoryCredentials }) => {
    return containers.includes(String(name)) && repositoryCredentials !== undefined && repositoryCredentials !== null;
  });
  if (having.length === 0) return undefined;
  return `The new revision has no repositoryCredentials for ${having.map(({ name }) => String(name)).join(', ')}, as its image is in ECR.`;
}

/** The registration of a copy of a revision with these images, by container, tagged as what it is. */
export function pinnedCopy(
  original: RawTaskDefinition,
  tags: readonly RawTag[],
  images: ContainerImages,
): RawTaskDefinition {
  return registration(original, tags, images, { key: COPY_TAG, value: String(original['taskDefinitionArn']) });
}

function registration(
  current: RawTaskDefinition,
  tags: readonly RawTag[],
  images: ContainerImages,
  tag: RawTag,
): RawTaskDefinition {
  const kept = Object.fromEntries(
    Object.entries(withoutNulls(current)).filter(([member]) => !(OUTPUT_ONLY as readonly string[]).includes(member)),
  );
  const containerDefinitions = containersOf(kept).map((container) => withImage(container, images));
  return { ...kept, containerDefinitions, tags: [...carriedTags(tags), tag] };
}

/** Whether the named containers of a revision have these images. */
export function hasImages(revision: RawTaskDefinition, images: ContainerImages): boolean {
  const found = Object.fromEntries(containersOf(revision).map(({ name, image }) => [String(name), image]));
  return Object.entries(images).every(([name, image]) => found[name] === image);
}

/** Members whose registered value differs from the wanted one: empty when the round trip lost nothing. */
export function lostMembers(wanted: RawTaskDefinition, registered: RawTaskDefinition): string[] {
  return Object.keys(wanted).filter((member) => member !== 'tags' && !contains(registered[member], wanted[member]));
}

/** ECS adds defaults of its own, so the registered value may say more than the wanted one, never less. */
function contains(actual: unknown, wanted: unknown): boolean {
  if (isEmpty(wanted)) return actual === undefined || actual === null || isEmpty(actual) || actual === wanted;
  if (Array.isArray(wanted)) return Array.isArray(actual) && containsItems(actual, wanted);
  if (isObject(wanted))
    return isObject(actual) && Object.entries(wanted).every(([key, value]) => contains(actual[key], value));
  // ECS answers cpu and memory as normalised integers in strings: "1 vCPU" comes back as "1024".
  const isUnit = typeof wanted === 'string' && /^[\d.]+ ?(?:vCPU|GB)$/i.test(wanted);
  return actual === wanted || (isUnit && typeof actual === 'string' && /^\d+$/.test(actual));
}

/** Every wanted item is there: ECS answers environment variables in an order of its own (aws/aws-sdk-java issue 3043). */
function containsItems(actual: readonly unknown[], wanted: readonly unknown[]): boolean {
  return (
    actual.length >= wanted.length && wanted.every((item) => actual.some((candidate) => contains(candidate, item)))
  );
}

function isEmpty(value: unknown): boolean {
  return (
    value === '' ||
    value === false ||
    value === 0 ||
    value === null ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

function carriedTags(tags: readonly RawTag[]): RawTag[] {
  // `aws:` keys are written by AWS (CloudFormation) and refused on input (RegisterTaskDefinition API reference, tags).
  return tags.filter(({ key }) => !key.startsWith('aws:') && key !== ROLLOUT_TAG && key !== COPY_TAG);
}

function containersOf(taskDefinition: RawTaskDefinition): RawTaskDefinition[] {
  const containers = taskDefinition['containerDefinitions'];
  return Array.isArray(containers) ? containers.filter(isObject) : [];
}

function withoutCredentials(container: RawTaskDefinition, images: ContainerImages): RawTaskDefinition {
  if (!Object.hasOwn(images, String(container['name']))) return container;
  const { repositoryCredentials: _dropped, ...rest } = container;
  return rest;
}

function withImage(container: RawTaskDefinition, images: ContainerImages): RawTaskDefinition {
  const { name } = container;
  return typeof name === 'string' && Object.hasOwn(images, name) ? { ...container, image: images[name] } : container;
}

/** Explicit nulls, which consoles and tools write at every level, mean nothing and may be refused. */
function withoutNulls(members: RawTaskDefinition): RawTaskDefinition {
  const entries = Object.entries(members).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([member, value]) => [member, withoutNullsInside(value)]));
}

function withoutNullsInside(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNullsInside);
  return isObject(value) ? withoutNulls(value) : value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
