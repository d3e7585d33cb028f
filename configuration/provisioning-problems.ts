import type { ConfigurationProblem } from './configuration.ts';
import { problem, repeatedProblems } from './configuration-problems.ts';
import { CPUS, isFargateSize, nearestSizes } from './fargate-sizes.ts';
import { executionRoleName, foundationStackName, pushRoleName, serviceStackName, stackName } from './names.ts';
import {
  DEFAULT_CPU,
  DEFAULT_DESIRED_COUNT,
  DEFAULT_INTERVAL_SECONDS,
  DEFAULT_MEMORY_MIB,
  DEFAULT_TIMEOUT_SECONDS,
} from './provisioning-defaults.ts';

// Like the checks of a whole service, these read the file as it stands, so that a wrong shape elsewhere does not hide them.
type Raw = Readonly<Record<string, unknown>>;

/** What is wrong with `registry`, `github` and `provision` of one service although each field has the right shape. */
export function provisioningProblems(service: Raw, at: string): ConfigurationProblem[] {
  const provision = asRaw(service.provision);
  return [
    ...tagFilterProblems(service, at),
    ...repeatedProblems(asRaw(service.registry)?.movingTags, `${at}.registry.movingTags`),
    ...(provision
      ? [
          ...sizeProblems(provision, `${at}.provision`),
          ...healthProblems(provision, `${at}.provision`),
          ...timingProblems(provision, `${at}.provision`),
          ...countProblems(provision, `${at}.provision`),
          ...variableProblems(provision, `${at}.provision`),
          ...networkProblems(provision, `${at}.provision`),
          ...listProblems(provision, `${at}.provision`),
          ...roleProblems(service, at),
          ...containerProblems(service, at),
        ]
      : []),
  ];
}

/** ECR allows five filters of tags that may move: one keeps proven images, one may be the tag that is followed. */
const MOVING_TAGS_MAX = 4;

function tagFilterProblems(service: Raw, at: string): ConfigurationProblem[] {
  const { movingTags } = asRaw(service.registry) ?? {};
  if (!Array.isArray(movingTags)) return [];
  const followed = followedTag(service.tag);
  const all = new Set([...movingTags, ...(followed === undefined ? [] : [followed])]);
  if (all.size <= MOVING_TAGS_MAX || movingTags.length > MOVING_TAGS_MAX) return [];
  const message = `and the tag "${followed}", which is followed, are more than the ${MOVING_TAGS_MAX} that ECR has room for`;
  return [problem(`${at}.registry.movingTags`, movingTags, message, 'let fewer tags move')];
}

/** The one tag that a policy follows, which has to move. */
function followedTag(tag: unknown): string | undefined {
  const { exact, glob } = asRaw(tag) ?? (tag === undefined ? { exact: 'latest' } : {});
  const one = exact ?? (typeof glob === 'string' && !glob.includes('*') ? glob : undefined);
  return typeof one === 'string' ? one : undefined;
}

function sizeProblems(provision: Raw, at: string): ConfigurationProblem[] {
  const { cpu = DEFAULT_CPU, memoryMiB = DEFAULT_MEMORY_MIB } = provision;
  if (typeof cpu !== 'number' || typeof memoryMiB !== 'number' || !CPUS.includes(cpu)) return [];
  if (isFargateSize(cpu, memoryMiB)) return [];
  const message = `goes with no Fargate task of cpu ${cpu}`;
  return [problem(`${at}.memoryMiB`, memoryMiB, message, nearestSizes(cpu, memoryMiB))];
}

function healthProblems({ healthCheck, loadBalancer }: Raw, at: string): ConfigurationProblem[] {
  if (healthCheck !== false || loadBalancer !== undefined) return [];
  const message = 'leaves nobody who could say whether the service is healthy';
  return [problem(`${at}.healthCheck`, false, message, 'leave it out for a check of the port, or add a loadBalancer')];
}

/** ECS starts a check when the one before it must be over. */
function timingProblems({ healthCheck }: Raw, at: string): ConfigurationProblem[] {
  const check = asRaw(healthCheck);
  if (!check) return [];
  const { intervalSeconds = DEFAULT_INTERVAL_SECONDS, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = check;
  if (typeof intervalSeconds !== 'number' || typeof timeoutSeconds !== 'number') return [];
  if (timeoutSeconds < intervalSeconds) return [];
  const message = `is not shorter than the interval of ${intervalSeconds} s`;
  return [problem(`${at}.healthCheck.timeoutSeconds`, timeoutSeconds, message, 'check less often, or wait shorter')];
}

function countProblems({ desiredCount = DEFAULT_DESIRED_COUNT, scaling }: Raw, at: string): ConfigurationProblem[] {
  const { minCount, maxCount } = asRaw(scaling) ?? {};
  if (typeof desiredCount !== 'number' || typeof minCount !== 'number' || typeof maxCount !== 'number') return [];
  if (minCount <= desiredCount && desiredCount <= maxCount) return [];
  const message = `does not embrace the desiredCount ${desiredCount}`;
  return [problem(`${at}.scaling`, scaling, message, 'give minCount <= desiredCount <= maxCount')];
}

function variableProblems(provision: Raw, at: string): ConfigurationProblem[] {
  const { environment, secrets } = provision;
  const plain = Object.keys(asRaw(environment) ?? {});
  return Object.keys(asRaw(secrets) ?? {})
    .filter((name) => plain.includes(name))
    .map((name) =>
      problem(`${at}.secrets.${name}`, asRaw(secrets)?.[name], 'stands in "environment" too', 'remove one of the two'),
    );
}

function networkProblems({ network, loadBalancer }: Raw, at: string): ConfigurationProblem[] {
  const { subnetIds, assignPublicIp } = asRaw(network) ?? {};
  const door = asRaw(loadBalancer);
  if (!door || !Array.isArray(subnetIds)) return [];
  const [own, path] = [door.subnetIds, `${at}.loadBalancer.subnetIds`];
  if (own === undefined && assignPublicIp === false) {
    const message = 'is missing, and tasks without public addresses are in private subnets, where nobody reaches it';
    return [problem(path, undefined, message, 'name public subnets of two zones')];
  }
  const used = own ?? subnetIds;
  if (!Array.isArray(used) || used.length >= 2) return [];
  const message = 'is one subnet, and a load balancer needs two, in different zones';
  return [problem(own === undefined ? `${at}.network.subnetIds` : path, used, message, 'add a subnet of another zone')];
}

function listProblems({ network, loadBalancer }: Raw, at: string): ConfigurationProblem[] {
  const { subnetIds, securityGroupIds } = asRaw(network) ?? {};
  return [
    ...repeatedProblems(subnetIds, `${at}.network.subnetIds`),
    ...repeatedProblems(securityGroupIds, `${at}.network.securityGroupIds`),
    ...repeatedProblems(asRaw(loadBalancer)?.subnetIds, `${at}.loadBalancer.subnetIds`),
  ];
}

/** The execution role of a provisioned service is created, exactly as its secrets and its repository need it. */
function roleProblems({ executionRole }: Raw, at: string): ConfigurationProblem[] {
  if (typeof executionRole !== 'string' || !executionRole.includes('/')) return [];
  const message = 'has a path, and "provision" creates the role without one';
  return [
    problem(`${at}.executionRole`, executionRole, message, 'leave the path out, or the whole name for a default'),
  ];
}

/** Containers of a task share one network, and these would run the same image on the same port. */
function containerProblems({ containers }: Raw, at: string): ConfigurationProblem[] {
  if (!Array.isArray(containers) || containers.length < 2) return [];
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
export function createdTwice(services: readonly unknown[]): ConfigurationProblem[] {
  const creations = services.flatMap((service, index) => creationsOf(service, `services[${index}]`));
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

function creationsOf(raw: unknown, at: string): Creation[] {
  const service = asRaw(raw);
  const repository = service?.repository;
  if (!service || typeof repository !== 'string') return [];
  const name = typeof service.service === 'string' ? service.service : repository.split('/').at(-1)!;
  const provision = asRaw(service.provision);
  const github = asRaw(service.github);
  const cluster = typeof service.cluster === 'string' ? service.cluster : name;
  const roleName = typeof github?.roleName === 'string' ? github.roleName : pushRoleName(name);
  const hasGround = service.registry !== undefined || github !== undefined || provision !== undefined;
  const stack = 'the stack';
  return [
    { what: stack, name: stackName(name), at: `${at}.service`, isCell: true },
    ...(hasGround ? [{ what: stack, name: foundationStackName(name), at: `${at}.service` }] : []),
    ...(provision
      ? [{ what: stack, name: serviceStackName(name), at: `${at}.service` }, executionRoleOf(service, name, at)]
      : []),
    ...(service.registry === undefined ? [] : [{ what: 'the repository', name: repository, at: `${at}.registry` }]),
    ...(github ? [{ what: 'the role', name: roleName, at: `${at}.github.roleName` }] : []),
    ...(provision && provision.cluster !== 'existing'
      ? [{ what: 'the cluster', name: cluster, at: `${at}.provision.cluster` }]
      : []),
  ];
}

function executionRoleOf({ executionRole }: Raw, serviceName: string, at: string): Creation {
  return typeof executionRole === 'string'
    ? { what: 'the role', name: executionRole, at: `${at}.executionRole` }
    : { what: 'the role', name: executionRoleName(serviceName), at: `${at}.service` };
}

function asRaw(value: unknown): Raw | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : undefined;
}
