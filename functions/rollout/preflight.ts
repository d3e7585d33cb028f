import type { RolloutConfig } from './config.ts';
import type { ImageDigest } from './identifiers.ts';
import type { ProvenRevision } from './ledger.ts';
import { primaryOf, type ServiceFacts } from './service-facts.ts';

/** One manifest as far as a platform check needs it. */
export interface ManifestFacts {
  readonly digest: ImageDigest;
  /** Children of an index; absent for a single image, whose platform its manifest does not tell. */
  readonly children?: readonly { readonly digest: ImageDigest; readonly os: string; readonly architecture: string }[];
}

/** The parts of a task definition that a preflight needs; nothing of it is kept. */
export interface TaskDefinitionFacts {
  readonly taskDefinitionArn: string;
  readonly status: string;
  readonly family: string;
  readonly containers: readonly { readonly name: string; readonly image: string }[];
  /** `LINUX`, `WINDOWS_SERVER_…`; LINUX when absent. */
  readonly operatingSystemFamily: string;
  /** `X86_64` or `ARM64`; X86_64 when absent. */
  readonly cpuArchitecture: string;
}

/** What Preflight looked at; absent means that AWS has no such thing. */
export interface PreflightFacts {
  readonly service?: ServiceFacts;
  readonly base?: TaskDefinitionFacts;
  /** The rollback target's revision: `base` when that is what runs. */
  readonly target?: TaskDefinitionFacts;
  /** ECR's `imageStatus` by digest. */
  readonly imageStatus: Readonly<Record<string, string>>;
  readonly manifest?: ManifestFacts;
}

/** Cleared or refused; `imageDigests` are what the new tasks may show. */
export interface Clearance {
  readonly word: 'go' | 'reject';
  readonly reason: string;
  readonly message: string;
  readonly imageDigests: readonly ImageDigest[];
  /** The revision that the new one is made from. */
  readonly base?: string;
}

/** What is to be rolled, and what would be put back. */
export interface Plan {
  readonly image: { readonly digest: ImageDigest };
  readonly rollbackTarget?: ProvenRevision;
}

type Refusal = readonly [reason: string, message: string];

/** Proves before anything is touched that the roll can work and can be taken back; the first thing that is wrong refuses it. */
export function checkReadiness(facts: PreflightFacts, plan: Plan, config: RolloutConfig): Clearance {
  const refusal =
    checkService(facts.service, config) ??
    checkBase(facts.base, config) ??
    checkImage(facts, plan) ??
    checkTarget(facts, plan, config);
  if (refusal) return { word: 'reject', reason: refusal[0], message: refusal[1], imageDigests: [] };
  const imageDigests = [plan.image.digest, ...(facts.manifest?.children ?? []).map((child) => child.digest)];
  const base = facts.base!.taskDefinitionArn;
  return {
    word: 'go',
    reason: 'Ready',
    message: `Ready to roll ${plan.image.digest} from ${base}.`,
    imageDigests,
    base,
  };
}

function checkService(service: ServiceFacts | undefined, { cluster, serviceName }: RolloutConfig): Refusal | undefined {
  const name = `${cluster}/${serviceName}`;
  if (!service)
    return [
      'ServiceMissing',
      `ECS has no service ${name}: create it, or correct cluster and service in the configuration.`,
    ];
  if (service.status !== 'ACTIVE')
    return ['ServiceNotActive', `Service ${name} is ${service.status}: only an ACTIVE service can be rolled.`];
  if (service.deploymentController !== 'ECS') {
    return [
      'ControllerNotSupported',
      `Service ${name} has the deployment controller ${service.deploymentController}: only ECS is supported.`,
    ];
  }
  if (service.strategy !== 'ROLLING') {
    return [
      'StrategyNotSupported',
      `Service ${name} uses the strategy ${service.strategy}: only ROLLING is supported.`,
    ];
  }
  if (!primaryOf(service)) return ['NoPrimaryDeployment', `Service ${name} has no PRIMARY deployment to start from.`];
  return hasRoom(service)
    ? undefined
    : ['NoRoomToRoll', `Service ${name} can neither start nor stop a task: ${roomOf(service)}. Widen one of them.`];
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

function checkBase(base: TaskDefinitionFacts | undefined, config: RolloutConfig): Refusal | undefined {
  if (!base) return ['TaskDefinitionMissing', 'ECS does not describe the task definition that the service runs.'];
  if (base.family !== config.family) {
    return [
      'FamilyMismatch',
      `The service runs family ${base.family}, the configuration says ${config.family}: set "family" to it and deploy.`,
    ];
  }
  const names = base.containers.map((container) => container.name);
  const missing = config.containers.filter((name) => !names.includes(name));
  if (missing.length === 0) return undefined;
  return [
    'ContainerMissing',
    `The task definition has no container ${missing.join(', ')}: it has ${names.join(', ')}.`,
  ];
}

function checkImage(facts: PreflightFacts, { image }: Plan): Refusal | undefined {
  const refusal = checkPullable(image.digest, facts.imageStatus);
  if (refusal) return refusal;
  if (!facts.manifest) return ['ManifestMissing', `ECR lists ${image.digest} but has no manifest of it.`];
  const { children } = facts.manifest;
  if (!children) return undefined;
  const platform = platformOf(facts.base!);
  const has = children.map((child) => `${child.os}/${child.architecture}`);
  if (has.includes(platform)) return undefined;
  return [
    'WrongPlatform',
    `The image has ${has.join(', ') || 'no platform'}, the task definition needs ${platform}: build it for that platform.`,
  ];
}

function checkPullable(digest: string, imageStatus: Readonly<Record<string, string>>): Refusal | undefined {
  const status = imageStatus[digest];
  if (status === undefined) return ['ImageMissing', `ECR has no image ${digest} any more.`];
  return status === 'ACTIVE' ? undefined : ['ImageNotActive', `Image ${digest} is ${status}: restore it in ECR first.`];
}

function platformOf(taskDefinition: TaskDefinitionFacts): string {
  const os = taskDefinition.operatingSystemFamily.startsWith('WINDOWS') ? 'windows' : 'linux';
  return `${os}/${taskDefinition.cpuArchitecture === 'ARM64' ? 'arm64' : 'amd64'}`;
}

function checkTarget(facts: PreflightFacts, { rollbackTarget }: Plan, config: RolloutConfig): Refusal | undefined {
  if (!rollbackTarget) return undefined;
  if (facts.target?.status !== 'ACTIVE') {
    return [
      'RollbackTargetInactive',
      `${rollbackTarget.taskDefinition} could not be put back: it is ${facts.target?.status ?? 'missing'}.`,
    ];
  }
  // A baseline may run images of other registries; only ours can be looked up.
  const isOurs = facts.target.containers.some(
    ({ image }) => image.includes('@') && image.split('@')[0]!.split('/').slice(1).join('/') === config.repository,
  );
  const { digest } = rollbackTarget;
  const refusal = isOurs && digest ? checkPullable(digest, facts.imageStatus) : undefined;
  return refusal && [`RollbackTarget${refusal[0]}`, `The rollback target could not be put back. ${refusal[1]}`];
}
