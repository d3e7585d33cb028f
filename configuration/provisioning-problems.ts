import type { ParsedService } from './configuration.ts';
import { problem, type ConfigurationProblem } from './configuration-error.ts';
import { isFargateSize, nearestSizes } from './fargate-sizes.ts';
import { foundationStackName, serviceStackName, stackName } from './names.ts';
import type { Parsed } from './parsed-fields.ts';
import { MOVING_TAGS_MAX, type provisionSchema } from './provisioning.ts';
import { namesOf, pushRoleOf } from './service-names.ts';
import { followedTag } from './tag-policy.ts';

type ParsedProvision = Parsed<typeof provisionSchema>;

/** What is wrong with `registry`, `github` and `provision` of one service although each field has the right shape. */
export function provisioningProblems(service: ParsedService, at: string): ConfigurationProblem[] {
  const provision = service.provision;
  if (!provision) return tagFilterProblems(service, at);
  return [
    ...tagFilterProblems(service, at),
    ...sizeProblems(provision, `${at}.provision`),
    ...healthProblems(provision, `${at}.provision`),
    ...timingProblems(provision, `${at}.provision`),
    ...countProblems(provision, `${at}.provision`),
    ...variableProblems(provision, `${at}.provision`),
    ...networkProblems(provision, `${at}.provision`),
    ...reachProblems(provision, `${at}.provision`),
    ...roleProblems(service, at),
    ...containerProblems(service, at),
  ];
}

function tagFilterProblems({ tag, registry }: ParsedService, at: string): ConfigurationProblem[] {
  const movingTags = registry?.movingTags;
  if (!movingTags || tag === null) return [];
  const followed = followedTag(tag);
  if (followed === undefined || movingTags.includes(followed) || movingTags.length < MOVING_TAGS_MAX) return [];
  const message = `and the tag "${followed}", which is followed, are more than the ${MOVING_TAGS_MAX} that ECR has room for`;
  return [problem(`${at}.registry.movingTags`, movingTags, message, 'let fewer tags move')];
}

function sizeProblems({ cpu, memoryMiB }: ParsedProvision, at: string): ConfigurationProblem[] {
  if (cpu === null || memoryMiB === null || isFargateSize(cpu, memoryMiB)) return [];
  const message = `is not a valid Fargate memory size for cpu ${cpu}`;
  return [problem(`${at}.memoryMiB`, memoryMiB, message, nearestSizes(cpu, memoryMiB))];
}

function healthProblems({ healthCheck, loadBalancer }: ParsedProvision, at: string): ConfigurationProblem[] {
  if (healthCheck !== false || loadBalancer !== undefined) return [];
  const message = 'leaves nobody who could say whether the service is healthy';
  return [problem(`${at}.healthCheck`, false, message, 'leave it out for a check of the port, or add a loadBalancer')];
}

/** ECS starts a check when the one before it must be over. */
function timingProblems({ healthCheck }: ParsedProvision, at: string): ConfigurationProblem[] {
  const { intervalSeconds = null, timeoutSeconds = null } = healthCheck || {};
  if (intervalSeconds === null || timeoutSeconds === null || timeoutSeconds < intervalSeconds) return [];
  const message = `is not shorter than the interval of ${intervalSeconds} s`;
  return [problem(`${at}.healthCheck.timeoutSeconds`, timeoutSeconds, message, 'check less often, or wait shorter')];
}

function countProblems({ desiredCount, scaling }: ParsedProvision, at: string): ConfigurationProblem[] {
  const { minCount = null, maxCount = null } = scaling ?? {};
  if (desiredCount === null || minCount === null || maxCount === null) return [];
  if (minCount <= desiredCount && desiredCount <= maxCount) return [];
  const message = `does not include the desiredCount ${desiredCount}`;
  return [problem(`${at}.scaling`, { minCount, maxCount }, message, 'give minCount <= desiredCount <= maxCount')];
}

function variableProblems({ environment, secrets }: ParsedProvision, at: string): ConfigurationProblem[] {
  const plain = Object.keys(environment ?? {});
  return Object.entries(secrets ?? {})
    .filter(([name]) => plain.includes(name))
    .map(([name, source]) =>
      problem(`${at}.secrets.${name}`, source, 'stands in "environment" too', 'remove one of the two'),
    );
}

/** Without a load balancer the groups of the tasks decide who reaches them, and given ones are their owner's. */
function reachProblems(provision: ParsedProvision, at: string): ConfigurationProblem[] {
  const { network, loadBalancer, internal, allowFrom } = provision;
  if (!network || loadBalancer !== undefined) return [];
  if (allowFrom && network.securityGroupIds) {
    const message = 'says nothing to the security groups of "network", which are yours';
    return [problem(`${at}.allowFrom`, allowFrom, message, 'leave it out and open the port there')];
  }
  if (!internal || allowFrom !== undefined || network.securityGroupIds !== undefined) return [];
  const message = 'is missing, and which addresses an existing network has is not known';
  return [problem(`${at}.allowFrom`, undefined, message, "name the ranges of the network, such as ['10.0.0.0/16']")];
}

function networkProblems({ network, loadBalancer, internal }: ParsedProvision, at: string): ConfigurationProblem[] {
  const [tasks, door] = [network, loadBalancer];
  if (!tasks || !door) return [];
  const [own, path] = [door.subnetIds, `${at}.loadBalancer.subnetIds`];
  if (own === undefined && tasks.assignPublicIp === false && internal === false) {
    const message = 'is missing, and tasks without public addresses are in private subnets, where nobody reaches it';
    return [problem(path, undefined, message, 'name public subnets of two zones')];
  }
  const used = own ?? tasks.subnetIds;
  if (used === null || used.length >= 2) return [];
  const message = 'is one subnet, and a load balancer needs two, in different zones';
  return [problem(own === undefined ? `${at}.network.subnetIds` : path, used, message, 'add a subnet of another zone')];
}

/** The execution role of a provisioned service is created, exactly as its secrets and its repository need it. */
function roleProblems(service: ParsedService, at: string): ConfigurationProblem[] {
  const executionRole = service.executionRole;
  if (!executionRole?.includes('/')) return [];
  const message = 'has a path, and "provision" creates the role without one';
  return [
    problem(`${at}.executionRole`, executionRole, message, 'leave the path out, or the whole name for a default'),
  ];
}

/** Containers of a task share one network, and these would run the same image on the same port. */
function containerProblems(service: ParsedService, at: string): ConfigurationProblem[] {
  const containers = service.containers ?? [];
  if (containers.length < 2) return [];
  const message = 'are several containers of one image, which cannot all listen on the port of "provision"';
  return [problem(`${at}.containers`, containers, message, 'name one container, or provision the service elsewhere')];
}

interface Creation {
  readonly what: string;
  readonly name: string;
  readonly at: string;
  /** True for the stack that every service has, which is compared with its like elsewhere. */
  readonly isCell?: boolean;
}

/** What two services would both create, or, for a cluster, what the second may only use. */
export function createdTwice(services: readonly (ParsedService | null)[]): ConfigurationProblem[] {
  const creations = services.flatMap((service, index) =>
    service === null ? [] : creationsOf(service, `services[${index}]`),
  );
  return creations.flatMap(({ what, name, at }, index) => {
    const earlier = creations.slice(0, index).find((other) => isSame(other, creations[index]!));
    if (!earlier) return [];
    const remedy =
      what === 'the cluster'
        ? "write provision.cluster: 'existing' in the second, and deploy the first one first"
        : 'create it in one of the two only, or choose another name';
    return [problem(at, name, `would create ${what} ${name}, as ${earlier.at} does`, remedy)];
  });
}

/** IAM and CloudFormation take names that differ only by case for one. */
function isSame(one: Creation, other: Creation): boolean {
  const isOtherThing = one.what !== other.what || (one.isCell && other.isCell);
  return !isOtherThing && one.name.toLowerCase() === other.name.toLowerCase();
}

function creationsOf(service: ParsedService, at: string): Creation[] {
  const { registry, github, provision } = service;
  const { name: cell, cluster, family, executionRole } = namesOf(service);
  if (cell === undefined) return [];
  const named = typeof service.name === 'string' ? 'name' : 'service';
  const creates = (is: boolean, what: string, name: string | null | undefined, member: string): Creation[] =>
    is && typeof name === 'string' ? [{ what, name, at: `${at}.${member}` }] : [];
  const hasGround = registry !== undefined || github !== undefined || provision !== undefined;
  return [
    { what: 'the stack', name: stackName(cell), at: `${at}.${named}`, isCell: true },
    ...creates(hasGround, 'the stack', foundationStackName(cell), named),
    ...creates(provision !== undefined, 'the stack', serviceStackName(cell), named),
    ...creates(
      provision !== undefined,
      'the role',
      executionRole,
      service.executionRole === undefined ? named : 'executionRole',
    ),
    ...creates(
      provision !== undefined,
      'the task definition family',
      family,
      service.family === undefined ? named : 'family',
    ),
    ...creates(registry !== undefined, 'the repository', service.repository, 'registry'),
    ...creates(github !== undefined, 'the role', pushRoleOf(github?.roleName, cell), 'github.roleName'),
    ...creates(provision?.cluster === 'create', 'the cluster', cluster, 'provision.cluster'),
  ];
}
