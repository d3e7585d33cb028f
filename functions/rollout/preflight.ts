import { bakeSeconds, checkedContainers } from './bake.ts';
import { cautionsAbout, timeRemark, unseen, withCautions, type Caution } from './cautions.ts';
import type { RolloutConfig } from './config.ts';
import { plainText, type ImageDigest, type TaskDefinitionArn } from './identifiers.ts';
import type { RollbackTarget } from './ledger.ts';
import type { TaskDefinitionFacts } from './task-definition-facts.ts';
import { imageKey, siblingsIn, tagIn, unseenImages, type ImageLookUp } from './needed-images.ts';
import { putBackImages } from './put-back.ts';
import { isCandidateTag } from './select-image.ts';
import { primaryOf, type ServiceFacts } from './service-facts.ts';

/** One manifest as far as a platform check needs it. */
export interface ManifestFacts {
  readonly digest: ImageDigest;
  /** The type that makes it something else than an image; undefined for images. */
  readonly artifactType?: string | undefined;
  /** Why ECR cannot read what it has, such as a key that is disabled: then nothing else is known. */
  readonly unreadable?: string | undefined;
  /** Children of an index, some without a platform; absent for a single image, whose platform its manifest does not tell. */
  readonly children?: readonly {
    readonly digest: ImageDigest;
    readonly os?: string | undefined;
    readonly architecture?: string | undefined;
  }[];
}

/** What Preflight looked at; absent means that AWS has no such thing. */
export interface PreflightFacts extends ImageLookUp {
  readonly service?: ServiceFacts | undefined;
  readonly base?: TaskDefinitionFacts | undefined;
  /** The rollback target's revision: `base` when that is what runs. */
  readonly target?: TaskDefinitionFacts | undefined;
  /** `<account>.dkr.ecr.<region>.amazonaws.com/<repository>`: only images of this registry can be looked up. */
  readonly repositoryUri: string;
  readonly manifest?: ManifestFacts | undefined;
}

/** Cleared or refused; `imageDigests` are what the new tasks may show. */
export interface Clearance {
  readonly word: 'go' | 'reject';
  readonly reason: RefusalReason | 'Ready';
  readonly message: string;
  readonly imageDigests: readonly ImageDigest[];
  /** The revision that the new one is made from. */
  readonly base?: TaskDefinitionArn;
  /** How long the rollout bakes; at least a minute where nothing checks the tasks. */
  readonly bakeTimeSeconds?: number;
  /** Configured containers with a health check of their own. */
  readonly checked?: readonly string[];
  /** What the record is to say beside how the rollout ends. */
  readonly remark?: string | undefined;
}

/** What is to be rolled, and what would be put back. */
export interface Plan {
  readonly image: { readonly digest: ImageDigest };
  readonly rollbackTarget?: RollbackTarget | undefined;
}

/** Everything for which a roll is refused, in the words of the history. */
export type RefusalReason =
  | 'ServiceMissing'
  | 'ServiceNotActive'
  | 'ShortServiceArn'
  | 'ControllerNotSupported'
  | 'StrategyNotSupported'
  | 'NoPrimaryDeployment'
  | 'NoRoomToRoll'
  | 'TaskDefinitionMissing'
  | 'FamilyMismatch'
  | 'ContainerMissing'
  | 'SiblingByTag'
  | 'ManifestMissing'
  | 'ManifestUnreadable'
  | 'NotAnImage'
  | 'WrongPlatform'
  | 'RollbackTargetInactive'
  | NotPullable
  | `Sibling${NotPullable}`
  | `RollbackTarget${NotPullable}`;

type NotPullable = 'ImageMissing' | 'ImageNotActive';

/** Why a roll is refused: a sentence that says what was found, without its full stop, and one that says what to do. */
export interface Refusal<Reason extends RefusalReason = RefusalReason> {
  readonly reason: Reason;
  readonly found: string;
  readonly remedy: string;
}

/** Proves before anything is touched that the roll can work and can be taken back; the first thing that is wrong refuses it. */
export function checkReadiness(facts: PreflightFacts, plan: Plan, config: RolloutConfig): Clearance {
  const refusal =
    refuseService(facts.service, config) ??
    refuseBase(facts.base, config) ??
    refuseSiblings(facts, config) ??
    refuseImage(facts, plan) ??
    refuseTarget(facts, plan, config);
  if (refusal) {
    const { reason, found, remedy } = refusal;
    return { word: 'reject', reason, message: `${found}: ${remedy}.`, imageDigests: [] };
  }
  const imageDigests = [plan.image.digest, ...(facts.manifest?.children ?? []).map((child) => child.digest)];
  const base = facts.base!.taskDefinitionArn;
  return {
    word: 'go',
    reason: 'Ready',
    message: withCautions(`Ready to roll ${plan.image.digest} from ${base}.`, cautionsOf(facts, plan, config)),
    imageDigests,
    base,
    bakeTimeSeconds: bakeSeconds(facts, config),
    checked: checkedContainers(facts, config),
    remark: timeRemark(facts, config),
  };
}

/** What someone should know of a roll that is cleared. */
export function cautionsOf(facts: PreflightFacts, plan: Plan, config: RolloutConfig): Caution[] {
  return [...cautionsAbout(facts, config), ...unseenAmong(facts, plan, config)];
}

/** That of the two, of which everything else depends on what would be rolled. */
export function unseenAmong(
  { base, target, repositoryUri, unseen: reasons }: PreflightFacts,
  { rollbackTarget }: Plan,
  { containers }: Pick<RolloutConfig, 'containers'>,
): Caution[] {
  const images = imagesNeeded({ base, target }, rollbackTarget, containers);
  return unseen(unseenImages(images, repositoryUri, { unseen: reasons }));
}

/** Every image beside the pushed one that the new tasks need, or those of the rollback target. */
export function imagesNeeded(
  { base, target }: Pick<PreflightFacts, 'base' | 'target'>,
  rollbackTarget: RollbackTarget | undefined,
  containers: readonly string[],
): readonly string[] {
  const siblings = siblingsIn(base, containers).map(({ image }) => image);
  const back = target && rollbackTarget?.kind === 'revision' ? putBackImages(target, rollbackTarget, containers) : [];
  return [...new Set([...siblings, ...back])];
}

/** What is wrong with the service: it must be one that can be rolled at all, and have room for a task more or less. */
export function refuseService(
  service: ServiceFacts | undefined,
  { cluster, serviceName }: Pick<RolloutConfig, 'cluster' | 'serviceName'>,
): Refusal | undefined {
  const name = `${cluster}/${serviceName}`;
  if (!service)
    return refusal(
      'ServiceMissing',
      `ECS has no service ${name}`,
      'create it, or correct cluster and service in the configuration',
    );
  const { status, shortArn, deploymentController, strategy } = service;
  if (status !== 'ACTIVE')
    return refusal(
      'ServiceNotActive',
      `Service ${name} is ${status}`,
      'only an ACTIVE service can be rolled, so create it again',
    );
  if (shortArn !== undefined)
    return refusal(
      'ShortServiceArn',
      `Service ${name} has the ARN ${shortArn}, which does not name its cluster, so that neither its events nor the permissions fit`,
      'opt in to the long ARN format (ecs put-account-setting-default --name serviceLongArnFormat --value enabled) and create the service again',
    );
  if (deploymentController !== 'ECS')
    return refusal(
      'ControllerNotSupported',
      `Service ${name} has the deployment controller ${deploymentController}`,
      'only ECS is supported, so move the service to the ECS deployment controller, or create it again with it',
    );
  if (strategy !== 'ROLLING')
    return refusal(
      'StrategyNotSupported',
      `Service ${name} uses the strategy ${strategy}`,
      'only ROLLING is supported, so set the strategy ROLLING',
    );
  if (!primaryOf(service))
    return refusal('NoPrimaryDeployment', `Service ${name} has no PRIMARY deployment to start from`, 'deploy it once');
  if (hasRoom(service)) return undefined;
  return refusal(
    'NoRoomToRoll',
    `Service ${name} can neither start nor stop a task (${roomOf(service)})`,
    'widen one of them',
  );
}

/** Minimum rounds up, maximum rounds down (ECS API reference, DeploymentConfiguration). */
function hasRoom(service: ServiceFacts): boolean {
  if (service.desiredCount === 0) return true;
  const atLeast = Math.ceil((service.minimumHealthyPercent / 100) * service.desiredCount);
  const atMost = Math.floor((service.maximumPercent / 100) * service.desiredCount);
  return atMost > service.desiredCount || atLeast < service.desiredCount;
}

function roomOf(service: ServiceFacts): string {
  return `desiredCount ${service.desiredCount}, minimumHealthyPercent ${service.minimumHealthyPercent}, maximumPercent ${service.maximumPercent}`;
}

/** What is wrong with the revision that the service runs, from which the new one is made. */
export function refuseBase(
  base: TaskDefinitionFacts | undefined,
  config: Pick<RolloutConfig, 'family' | 'containers'>,
): Refusal | undefined {
  if (!base)
    return refusal(
      'TaskDefinitionMissing',
      'ECS does not describe the task definition that the service runs',
      'deploy one that it has',
    );
  if (base.family !== config.family)
    return refusal(
      'FamilyMismatch',
      `The service runs family ${base.family}, the configuration says ${config.family}`,
      `set family: '${base.family}' and deploy the cell`,
    );
  const names = base.containers.map((container) => container.name);
  const missing = config.containers.filter((name) => !names.includes(name));
  if (missing.length === 0) return undefined;
  return refusal(
    'ContainerMissing',
    `The task definition has no container ${missing.join(', ')}; it has ${names.join(', ')}`,
    'correct `container` in the configuration and deploy the cell',
  );
}

/**
 * What is wrong with the containers that are not rolled: one that names our repository by a tag that pushes move would start with
 * the image that just failed when a rollback starts its tasks. No task starts without the image of any of them, essential or not.
 */
export function refuseSiblings(
  { base, repositoryUri, ...lookUp }: Pick<PreflightFacts, 'base' | 'repositoryUri' | keyof ImageLookUp>,
  { containers, tagPolicy }: Pick<RolloutConfig, 'containers' | 'tagPolicy'>,
): Refusal | undefined {
  const others = siblingsIn(base, containers);
  const moving = others.find(({ image }) => isCandidateTag(tagIn(image, repositoryUri) ?? '', tagPolicy));
  if (!moving) return refuseSiblingImages(others, repositoryUri, lookUp);
  const name = plainText(moving.name);
  return refusal(
    'SiblingByTag',
    `The container ${name} names ${plainText(moving.image, 200)}, a tag of the rolled repository that pushes move`,
    `name ${name} beside the others as \`container\` in the configuration and deploy the cell, or pin its image by digest`,
  );
}

function refuseSiblingImages(
  siblings: TaskDefinitionFacts['containers'],
  repositoryUri: string,
  lookUp: ImageLookUp,
): Refusal | undefined {
  for (const { name, image } of siblings) {
    const refused = refusePull(imageKey(image, repositoryUri), lookUp);
    if (!refused) continue;
    return {
      reason: `Sibling${refused.reason}`,
      found: `No task could start, because ${refused.found}, which the container ${plainText(name)} needs`,
      remedy: `${refused.remedy}, or deploy a revision whose images are there`,
    };
  }
  return undefined;
}

/** What is wrong with the image: its tasks must be able to pull it and to run on their platform. */
export function refuseImage(
  { imageStatus, unseen, manifest, base }: PreflightFacts,
  { image: { digest } }: Plan,
): Refusal | undefined {
  const refused = refusePull(digest, { imageStatus, unseen });
  if (refused) return refused;
  if (!manifest) return refusal('ManifestMissing', `ECR lists ${digest} but has no manifest of it`, 'push it again');
  if (manifest.unreadable !== undefined)
    return refusal(
      'ManifestUnreadable',
      manifest.unreadable,
      'no task could pull it either, so fix that, such as the KMS key of the repository',
    );
  if (manifest.artifactType !== undefined)
    return refusal(
      'NotAnImage',
      `${digest} is no container image but ${plainText(manifest.artifactType, 100)}`,
      'name an image, or let the tag policy select the tags of images only',
    );
  // Which platform an entry without one is for, only ECS finds out.
  if (!manifest.children || !base || manifest.children.some(({ os, architecture }) => !os || !architecture))
    return undefined;
  const platform = platformOf(base);
  const has = manifest.children.map((child) => `${child.os}/${child.architecture}`);
  if (has.includes(platform)) return undefined;
  return refusal(
    'WrongPlatform',
    `The image has ${has.join(', ') || 'no platform'}, the task definition needs ${platform}`,
    'build it for that platform',
  );
}

/** Of images that nobody could look up nothing is known, and nothing is refused. */
function refusePull(key: string | undefined, { imageStatus, unseen }: ImageLookUp): Refusal<NotPullable> | undefined {
  if (key === undefined || unseen[key] !== undefined) return undefined;
  const status = imageStatus[key];
  const image = plainText(key, 200);
  if (status === undefined) return refusal('ImageMissing', `ECR has no image ${image} any more`, 'push it again');
  if (status === 'ACTIVE') return undefined;
  return refusal('ImageNotActive', `ECR has image ${image} as ${status}`, 'restore it in ECR first');
}

function platformOf(taskDefinition: TaskDefinitionFacts): string {
  const os = taskDefinition.operatingSystemFamily.startsWith('WINDOWS') ? 'windows' : 'linux';
  return `${os}/${taskDefinition.cpuArchitecture === 'ARM64' ? 'arm64' : 'amd64'}`;
}

/** What keeps the rollback target from being put back, if the rollout has one. */
export function refuseTarget(
  { target, repositoryUri, ...lookUp }: Pick<PreflightFacts, 'target' | 'repositoryUri' | keyof ImageLookUp>,
  { rollbackTarget }: Plan,
  { containers }: Pick<RolloutConfig, 'containers'>,
): Refusal | undefined {
  if (!rollbackTarget) return undefined;
  const isCopied = rollbackTarget.kind === 'revision' && target?.status === 'INACTIVE';
  if (!target || (target.status !== 'ACTIVE' && !isCopied))
    return refusal(
      'RollbackTargetInactive',
      `${rollbackTarget.taskDefinition} could not be put back, as it is ${target?.status ?? 'missing'}`,
      'deploy a revision that is ACTIVE, and the next rollout goes back to that',
    );
  // Going back to nothing needs no image.
  if (rollbackTarget.kind === 'nothing') return undefined;
  const [refused] = putBackImages(target, rollbackTarget, containers).flatMap(
    (image) => refusePull(imageKey(image, repositoryUri), lookUp) ?? [],
  );
  if (!refused) return undefined;
  return {
    reason: `RollbackTarget${refused.reason}`,
    found: `The rollback target could not be put back, because ${refused.found}`,
    remedy: `${refused.remedy}, or deploy a revision whose images are there, and the next rollout goes back to that`,
  };
}

function refusal<Reason extends RefusalReason>(reason: Reason, found: string, remedy: string): Refusal<Reason> {
  return { reason, found, remedy };
}
