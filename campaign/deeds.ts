import type { BatchGetImageResponse } from '@aws-sdk/client-ecr';
import type { ListServiceDeploymentsResponse, ListTasksResponse } from '@aws-sdk/client-ecs';
import { operate } from '../rehearsal/cell/operator.ts';
import { FAULTS } from '../rehearsal/faults/catalogue.ts';
import type { ImageOptions } from '../rehearsal/pushed-image.ts';
import { nextTag } from '../rehearsal/cell/cell-config.ts';
import { imageManifest } from '../region/ecr/image-manifests.ts';
import { Fault } from '../region/service.ts';
import type { Deed } from './plan.ts';
import { forbid, forge, startTrouble } from './meddling.ts';
import { startFor } from './lasting.ts';
import { inputOf } from './requests.ts';
import { meet, type Pushed, type Stage, type StoredImage } from './stage.ts';

type Of<Kind extends Deed['kind']> = Extract<Deed, { kind: Kind }>;

/** Does something in a world; AWS may refuse it, as it refuses people. Answers whether it was done. */
export async function doDeed(stage: Stage, deed: Deed): Promise<boolean> {
  const isRolling = stage.world.isRolling();
  let isDone = false;
  try {
    isDone = await act(stage, deed);
    if (!isDone || deed.kind === 'fault') return isDone;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  meet(stage, `deed ${deed.kind}`);
  if (isRolling) meet(stage, `race ${deed.kind} in mid-rollout`);
  return isDone;
}

/** Whether it found something to act on. */
function act(stage: Stage, deed: Deed): Promise<boolean> {
  switch (deed.kind) {
    case 'push':
      return pushImage(stage, deed.image);
    case 'artifact':
      return pushArtifact(stage);
    case 'retag':
      return retag(stage, deed);
    case 'delete':
      return deleteImage(stage, deed);
    case 'start':
      return start(stage, deed);
    case 'stop':
    case 'redrive':
      return stopOrRedrive(stage, deed.kind);
    case 'foreign':
      return updateService(stage, { taskDefinition: `${stage.world.config.family}:1` });
    case 'restart':
      return updateService(stage, { forceNewDeployment: true });
    case 'stop-deployment':
      return stopDeployment(stage);
    case 'scale':
      return updateService(stage, { desiredCount: deed.desiredCount });
    case 'interrupt':
      return interrupt(stage, deed);
    case 'kill':
      return kill(stage, deed);
    case 'stack':
      return updateStack(stage, deed);
    case 'failed-pulls':
      return Promise.resolve(failPulls(stage, deed));
    case 'wait':
      return Promise.resolve(true);
    case 'fault':
      return Promise.resolve(startFault(stage, deed));
    case 'trouble':
      return Promise.resolve(startTrouble(stage, deed));
    case 'forbid':
      return Promise.resolve(forbid(stage, deed));
    case 'forge':
      return forge(stage, deed);
  }
}

/** Pushes an image as the tag policy selects it next. */
export async function pushImage(stage: Stage, image: ImageOptions): Promise<boolean> {
  const digest = await stage.world.push(image);
  const tag = image.tag ?? nextTag(stage.world.config.tagPolicy, stage.pushes.length + 1);
  stage.pushes.push({ digest, tag });
  return true;
}

const CHART = 'application/vnd.cncf.helm.config.v1+json';

async function pushArtifact({ world, pushes }: Stage): Promise<boolean> {
  const { region, config } = world;
  const { text, mediaType } = imageManifest({ seedText: `chart ${pushes.length}` });
  const { config: configuration, ...rest } = JSON.parse(text) as { readonly config: object };
  region.ecr.pushImage({
    repositoryName: config.repository,
    image: imageManifest({ seedText: `chart ${pushes.length}` }),
  });
  await operate(region, 'ecr', 'PutImage', {
    repositoryName: config.repository,
    imageManifest: JSON.stringify({ ...rest, config: { ...configuration, mediaType: CHART } }),
    imageManifestMediaType: mediaType,
    imageTag: nextTag(config.tagPolicy, pushes.length + 1),
  });
  return true;
}

/** Gives an earlier image the tag that the last push had. */
async function retag(stage: Stage, { push }: Of<'retag'>): Promise<boolean> {
  const { world, pushes } = stage;
  const image = await imageOf(stage, push);
  if (!image) return false;
  const { repository: repositoryName, tagPolicy } = world.config;
  const imageTag = nextTag(tagPolicy, pushes.length);
  await operate(world.region, 'ecr', 'PutImage', { repositoryName, ...image, imageTag });
  return true;
}

async function deleteImage(stage: Stage, { push }: Of<'delete'>): Promise<boolean> {
  const { world, deleted } = stage;
  const image = await imageOf(stage, push);
  if (!image) return false;
  const { repository: repositoryName } = world.config;
  const imageIds = [{ imageDigest: image.imageDigest }];
  await operate(world.region, 'ecr', 'BatchDeleteImage', { repositoryName, imageIds });
  deleted.push(image);
  return true;
}

/** An earlier image as ECR has it; undefined when it was deleted. */
async function imageOf({ world, pushes }: Stage, push: number): Promise<StoredImage | undefined> {
  const chosen = earlier(pushes, push);
  if (!chosen) return undefined;
  const { images = [] } = await operate<BatchGetImageResponse>(world.region, 'ecr', 'BatchGetImage', {
    repositoryName: world.config.repository,
    imageIds: [{ imageDigest: chosen.digest }],
  });
  const [image] = images;
  if (!image) return undefined;
  const { imageManifest = '', imageManifestMediaType = '' } = image;
  return { imageDigest: chosen.digest, imageManifest, imageManifestMediaType };
}

/** Pushes every image again that was deleted, as rejections ask people to. */
export async function pushDeletedAgain({ world, deleted }: Stage): Promise<void> {
  const { repository: repositoryName } = world.config;
  for (const image of deleted.splice(0)) {
    try {
      await operate(world.region, 'ecr', 'PutImage', { repositoryName, ...image });
    } catch (error) {
      // Somebody has pushed it again already.
      if (!(error instanceof Fault)) throw error;
    }
  }
}

function earlier(pushes: readonly Pushed[], back: number): Pushed | undefined {
  return pushes.at(-1 - back) ?? pushes[0];
}

async function start({ world, pushes }: Stage, { request, push }: Of<'start'>): Promise<boolean> {
  const input = inputOf(request, earlier(pushes, push), world);
  if (input === undefined) return false;
  await world.start(input);
  return true;
}

async function stopOrRedrive({ world }: Stage, kind: 'stop' | 'redrive'): Promise<boolean> {
  const due = kind === 'stop' ? ['RUNNING'] : ['FAILED', 'ABORTED', 'TIMED_OUT'];
  const rollout = world.rollouts().findLast(({ status }) => due.includes(status));
  if (!rollout) return false;
  const { executionArn } = rollout;
  await operate(world.region, 'states', kind === 'stop' ? 'StopExecution' : 'RedriveExecution', { executionArn });
  return true;
}

async function updateService({ world }: Stage, changes: object): Promise<boolean> {
  const { cluster, serviceName: service } = world.config;
  await operate(world.region, 'ecs', 'UpdateService', { cluster, service, ...changes });
  return true;
}

function interrupt({ world }: Stage, { cause, tasks }: Of<'interrupt'>): Promise<boolean> {
  const { cluster, serviceName } = world.config;
  return Promise.resolve(world.region.ecs.interrupt(cluster, serviceName, { cause, tasks }).length > 0);
}

async function kill({ world }: Stage, { tasks }: Of<'kill'>): Promise<boolean> {
  const { cluster, serviceName } = world.config;
  const { taskArns = [] } = await operate<ListTasksResponse>(world.region, 'ecs', 'ListTasks', {
    cluster,
    serviceName,
  });
  const killed = taskArns.slice(0, tasks);
  for (const task of killed) await operate(world.region, 'ecs', 'StopTask', { cluster, task });
  return killed.length > 0;
}

/** CloudFormation may roll it back, as where the image that a stack launches with was deleted: then it was tried. */
async function updateStack({ world, setting, assemblyOf }: Stage, { bakeTimeSeconds }: Of<'stack'>): Promise<boolean> {
  const assembly = await assemblyOf({ ...setting, bakeTimeSeconds });
  const { stacks } = world.region.cloudformation.state;
  try {
    await world.deploy(assembly);
  } catch (error) {
    const isRolledBack = [...stacks.values()].some(({ status }) => status === 'UPDATE_ROLLBACK_COMPLETE');
    if (!isRolledBack) throw error;
  }
  return true;
}

async function stopDeployment({ world }: Stage): Promise<boolean> {
  const { cluster, serviceName: service } = world.config;
  const request = { cluster, service, status: ['IN_PROGRESS'] };
  const { serviceDeployments = [] } = await operate<ListServiceDeploymentsResponse>(
    world.region,
    'ecs',
    'ListServiceDeployments',
    request,
  );
  const [deployment] = serviceDeployments;
  if (!deployment) return false;
  const { serviceDeploymentArn } = deployment;
  await operate(world.region, 'ecs', 'StopServiceDeployment', { serviceDeploymentArn, stopType: 'ROLLBACK' });
  return true;
}

const AT_THE_REGISTRY =
  'ref pull has been retried 5 time(s): failed to copy: httpReadSeeker: failed open: unexpected status code https://r/x: 503 Service Unavailable';

function failPulls(stage: Stage, { lastsSeconds }: Of<'failed-pulls'>): boolean {
  return startFor(stage, 'failed-pulls', lastsSeconds, ({ region }) =>
    region.ecs.disturb({ kind: 'failed-pulls', cause: AT_THE_REGISTRY }),
  );
}

function startFault(stage: Stage, { fault: name, lastsSeconds }: Of<'fault'>): boolean {
  const fault = FAULTS.find((one) => one.name === name);
  if (!fault) throw new Error(`there is no fault "${name}"; known: ${FAULTS.map((one) => one.name).join(', ')}`);
  return startFor(stage, name, lastsSeconds, (world) => {
    const { end, hasActed } = fault.inject(world);
    return () => {
      if (hasActed()) meet(stage, `fault ${name}`);
      end();
    };
  });
}
