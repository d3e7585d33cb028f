import type { BatchGetImageResponse, DescribeImagesResponse, DescribeRepositoriesResponse } from '@aws-sdk/client-ecr';
import type {
  DescribeServicesResponse,
  DescribeTaskDefinitionResponse,
  RegisterTaskDefinitionResponse,
  Service,
  UpdateServiceResponse,
} from '@aws-sdk/client-ecs';
import { marshall } from '@aws-sdk/util-dynamodb';
import {
  BASELINE_SLOT,
  KEEP_TAG_PREFIX,
  PLACEHOLDER_IMAGE,
  type RolloutConfig,
} from '../../functions/rollout/config.ts';
import type { DeploymentId, ImageDigest, TaskDefinitionArn } from '../../functions/rollout/identifiers.ts';
import {
  EMPTY_LEDGER,
  LEDGER_SCHEMA,
  type LedgerState,
  type ProvenRevision,
  type RolloutRecord,
  type SelectedImage,
} from '../../functions/rollout/ledger.ts';
import {
  nextRevision,
  pinnedCopy,
  type RawTag,
  type RawTaskDefinition,
} from '../../functions/rollout/next-revision.ts';
import { copiedImages } from '../../functions/rollout/put-back.ts';
import { taskDefinitionFacts } from '../../functions/rollout/task-definition-facts.ts';
import { historyKey } from '../../functions/rollout/history-key.ts';
import type { CellConfig } from '../../rehearsal/cell/cell-config.ts';
import { operate } from '../../rehearsal/cell/operator.ts';
import type { World } from '../../rehearsal/world.ts';

/** Virtual time for tasks that were replaced to go, and for events that reach nobody. */
const AFTERMATH_SECONDS = 180;
const STEADY_LIMIT_MS = 30 * 60_000;

/**
 * Pushes a healthy image and leaves the world as a rollout that proved it leaves it, though none ran: the operator makes the
 * calls of the handlers, and no event reaches the stack. `proven-image.test.ts` holds the two equal. Done again, the next
 * image is proven on top of the one before. Answers its digest.
 */
export async function proveAnImage(world: World): Promise<string> {
  const { region } = world;
  region.events.setDelivery(() => 'never');
  const digest = (await world.push()) as ImageDigest;
  const rolloutId = region.kernel.random.uuid();
  const startedAt = region.kernel.now;
  const image: SelectedImage = { digest, tag: await tagOf(world, digest), selectedAt: startedAt };
  const state = ((await world.ledgerState()) as LedgerState | undefined) ?? EMPTY_LEDGER;
  const [baseline] = (await world.service()).imageDigests;
  if (state.verified.length === 0 && baseline !== undefined) await keepImage(world, baseline, BASELINE_SLOT);
  if (state.verified.length === 0) await copyBaseline(world);
  const rolled = await roll(world, await registerPinned(world, digest, rolloutId));
  const proven: ProvenRevision = {
    taskDefinition: rolled.taskDefinition,
    deploymentId: rolled.deploymentId,
    digest,
    imageDigests: [digest],
    at: region.kernel.now,
    keepSlot: state.verified.length + 1,
    rolledBackBy: undefined,
  };
  await writeEntry(world, 'state', withProven(state, image, proven));
  const record = recordOf(world, { rolloutId, image, startedAt, proven, ...rolled });
  await writeEntry(world, historyKey(record), record);
  await publish(world, proven);
  await world.advance(AFTERMATH_SECONDS);
  region.events.setDelivery(() => 'once');
  return digest;
}

function withProven(state: LedgerState, seen: SelectedImage, proven: ProvenRevision): LedgerState {
  return {
    ...state,
    version: state.version + 1,
    updatedAt: proven.at,
    generation: state.generation + 1,
    seen,
    firstLook: state.firstLook ?? { at: seen.selectedAt },
    verified: [proven, ...state.verified],
    lastTargets: [proven.taskDefinition],
  };
}

function recordOf(
  { cell, config }: World,
  of: {
    readonly rolloutId: string;
    readonly image: SelectedImage;
    readonly startedAt: number;
    readonly proven: ProvenRevision;
    readonly runningCount: number;
  },
): RolloutRecord {
  const { rolloutId, image, startedAt, proven, runningCount } = of;
  return {
    schema: LEDGER_SCHEMA,
    rolloutId,
    executionArn: `${cell.outputs['StateMachineArn']!.replace(':stateMachine:', ':execution:')}:${rolloutId}`,
    service: config.service,
    outcome: 'SUCCEEDED',
    reason: 'EvidenceComplete',
    message: `${runningCount} of ${runningCount} tasks run exactly the expected digest and are healthy.`,
    image,
    request: undefined,
    isTick: false,
    trigger: 'push',
    taskDefinition: proven.taskDefinition,
    deploymentId: proven.deploymentId,
    startedAt,
    endedAt: proven.at,
    detectionLagSeconds: 0.3,
    runs: { kind: 'revision', taskDefinition: proven.taskDefinition, digest: image.digest },
  };
}

async function tagOf({ region, config }: World, imageDigest: string): Promise<string> {
  const { imageDetails } = await operate<DescribeImagesResponse>(region, 'ecr', 'DescribeImages', {
    repositoryName: config.repository,
    imageIds: [{ imageDigest }],
  });
  return imageDetails![0]!.imageTags!.find((tag) => !tag.startsWith(KEEP_TAG_PREFIX))!;
}

/** What runs before the first rollout names its image by a tag, so a pinned copy is registered that could be put back. */
async function copyBaseline(world: World): Promise<void> {
  const { region, config } = world;
  const { taskDefinition, imageDigests } = await world.service();
  const [digest] = imageDigests as readonly ImageDigest[];
  const described = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', {
    taskDefinition,
    include: ['TAGS'],
  });
  const original = described.taskDefinition as RawTaskDefinition;
  const containerDigests = Object.fromEntries(config.containers.flatMap((name) => (digest ? [[name, digest]] : [])));
  const images = copiedImages(taskDefinitionFacts(original), { containerDigests }, config.containers);
  if (images === undefined) return;
  const copy = pinnedCopy(original, (described.tags ?? []) as RawTag[], images);
  await operate<RegisterTaskDefinitionResponse>(region, 'ecs', 'RegisterTaskDefinition', copy);
}

/** The service's revision with the image pinned by digest, tagged as a rollout's. */
async function registerPinned(world: World, digest: string, rolloutId: string): Promise<TaskDefinitionArn> {
  const { region, config } = world;
  const current = await operate<DescribeTaskDefinitionResponse>(region, 'ecs', 'DescribeTaskDefinition', {
    taskDefinition: (await describeService(world)).taskDefinition,
    include: ['TAGS'],
  });
  const next = nextRevision(current.taskDefinition as RawTaskDefinition, (current.tags ?? []) as RawTag[], {
    containers: config.containers,
    image: await pinned(world, digest),
    rolloutId,
  });
  const registered = await operate<RegisterTaskDefinitionResponse>(region, 'ecs', 'RegisterTaskDefinition', next);
  return registered.taskDefinition!.taskDefinitionArn as TaskDefinitionArn;
}

async function pinned({ region, config }: World, digest: string): Promise<string> {
  const { repositories } = await operate<DescribeRepositoriesResponse>(region, 'ecr', 'DescribeRepositories', {
    repositoryNames: [config.repository],
  });
  return `${repositories![0]!.repositoryUri}@${digest}`;
}

/** Puts a revision on the service, with its tasks when it was provisioned with none, and waits until it is steady. */
async function roll(
  world: World,
  taskDefinition: TaskDefinitionArn,
): Promise<{ taskDefinition: TaskDefinitionArn; deploymentId: DeploymentId; runningCount: number }> {
  const { region, config } = world;
  const isAsProvisioned = (await world.service()).images.includes(PLACEHOLDER_IMAGE);
  const { service } = await operate<UpdateServiceResponse>(region, 'ecs', 'UpdateService', {
    cluster: config.cluster,
    service: config.serviceName,
    taskDefinition,
    ...(isAsProvisioned && { desiredCount: configOf(world).launchCount }),
  });
  const deploymentId = service!.deployments!.find((deployment) => deployment.taskDefinition === taskDefinition)!.id!;
  const isSteady = (): boolean =>
    region.ecs.serviceView(config.cluster, config.serviceName).deployments[0]!.rolloutState === 'COMPLETED';
  await region.kernel.runUntil(isSteady, `the steady state of ${taskDefinition}`, STEADY_LIMIT_MS);
  return {
    taskDefinition,
    deploymentId: deploymentId as DeploymentId,
    runningCount: (await describeService(world)).runningCount!,
  };
}

async function describeService({ region, config }: World): Promise<Service> {
  const { cluster, serviceName } = config;
  const described = await operate<DescribeServicesResponse>(region, 'ecs', 'DescribeServices', {
    cluster,
    services: [serviceName],
  });
  return described.services![0]!;
}

async function writeEntry({ region, cell, config }: World, entry: string, members: object): Promise<void> {
  const item = { ...members, service: config.service, entry };
  await operate(region, 'dynamodb', 'PutItem', {
    TableName: cell.outputs['LedgerTable'],
    Item: marshall(item, { removeUndefinedValues: true }),
  });
}

/** What follows from a record: the live image, and the tag that keeps it. */
async function publish(world: World, { digest, keepSlot }: ProvenRevision): Promise<void> {
  await operate(world.region, 'ssm', 'PutParameter', {
    Name: configOf(world).liveImageParameter,
    Value: await pinned(world, digest!),
    Type: 'String',
    Overwrite: true,
  });
  await keepImage(world, digest!, keepSlot!);
}

/** Tags an image so that the lifecycle policy spares it, where images are kept. */
async function keepImage(world: World, imageDigest: string, slot: number | string): Promise<void> {
  const { keepTagPrefix, repository: repositoryName } = configOf(world);
  if (keepTagPrefix === undefined) return;
  const { images } = await operate<BatchGetImageResponse>(world.region, 'ecr', 'BatchGetImage', {
    repositoryName,
    imageIds: [{ imageDigest }],
  });
  const { imageManifest, imageManifestMediaType } = images![0]!;
  const imageTag = `${keepTagPrefix}${slot}`;
  await operate(world.region, 'ecr', 'PutImage', {
    repositoryName,
    imageManifest,
    imageManifestMediaType,
    imageTag,
    imageDigest,
  });
}

/** The whole configuration of the deployed stack: the world knows only the part that AWS could see. */
function configOf({ config }: World): RolloutConfig {
  return config as CellConfig & RolloutConfig;
}
