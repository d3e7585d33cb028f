// What the configuration creates beside the cell: the repository, who may push to it, and the service.
import { z } from 'zod';
import { KEEP_TAG_PREFIX } from '../functions/rollout/config.ts';
import { CPUS, FREE_STORAGE_GIB, MEMORY_RANGE, STORAGE_GIB_MAX, TASKS_MAX } from './fargate-sizes.ts';
import { byDefault, field, fields, list, optional, text, wholeNumber, type DeepReadonly } from './field.ts';

// ECR allows five filters of tags that may move, and one of them keeps proven images.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutImageTagMutability.html
export const MOVING_TAGS_MAX = 4;

const movingTag = text(
  new RegExp(`^(?!${KEEP_TAG_PREFIX})(?!\\*+$)(?!.*\\*.*\\*.*\\*)[0-9a-zA-Z._*-]{1,128}$`),
  'a tag, or a pattern with at most two "*" and not of "*" alone',
  `write a tag such as "latest"; "${KEEP_TAG_PREFIX}…" moves anyway`,
);

/** `registry`. */
export const registrySchema = fields({
  /** Tags that may move, `*` being a wildcard. A tag that the tag policy names exactly may always move. @default [] */
  movingTags: field(
    list(movingTag).max(MOVING_TAGS_MAX).default([]),
    `a list of at most ${MOVING_TAGS_MAX} tags`,
    'name the tags that may move; ECR allows 5 filters, and one keeps proven images',
  ),
  /** Newest images that are kept beside those of proven revisions. @default 100 */
  imagesKept: byDefault(100, wholeNumber(1, 1000, 'give a number of images')),
});

const numericId = (query: string) =>
  optional(text(/^[1-9]\d{0,19}$/, 'a numeric id, as text', `ask GitHub: gh api repos/OWNER/NAME --jq ${query}`));
const refPattern = /^(?!\/)[A-Za-z0-9._/*-]{1,255}(?<![/.])$/;

/** `github`. */
export const githubSchema = fields({
  /** The repository as `owner/name`, spelled as GitHub spells it. */
  repository: text(
    // GitHub: logins have up to 39 letters, digits and single hyphens; repositories up to 100 of [A-Za-z0-9._-].
    /^(?=[^/]{1,39}\/)[A-Za-z0-9](?:-?[A-Za-z0-9])*(?:_[A-Za-z0-9]+)?\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/,
    "the name of a GitHub repository, 'owner/name'",
    "write owner and name as GitHub spells them, without wildcards, ids or 'https://github.com/'",
  ),
  /**
   * Numeric id of the owner. With both ids only this repository gets in; without them, whoever has the names: someone who
   * registers a name that was given up can push.
   * @default unknown
   */
  ownerId: numericId('.owner.id'),
  /** Numeric id of the repository; see `ownerId`. @default unknown */
  repositoryId: numericId('.id'),
  /**
   * The environment that the pushing job names. Alone it lets in every branch that GitHub lets into it; beside `branch` or `tag`
   * the job has to run for that, too.
   * @default none: `branch` or `tag` says from where
   */
  environment: optional(
    text(
      // GitHub writes ":" in a value as "%3A"; a "*" would be IAM's wildcard.
      /^[^*?:/\\$\s]{1,255}$/,
      'the name of a GitHub environment',
      'write it without wildcards, ":", "/", "\\", "$" and spaces, and let the job that pushes name it',
    ),
  ),
  /** A branch, `*` being a wildcard. @default none: `environment` or `tag` says from where */
  branch: optional(text(refPattern, 'a branch, "*" being a wildcard', 'write a branch such as "main"')),
  /** A Git tag, `*` being a wildcard. @default none: `environment` or `branch` says from where */
  tag: optional(text(refPattern, 'a Git tag, "*" being a wildcard', 'write a tag such as "v*"')),
  /** Name of the role. @default `rollouts-<service>-push` */
  roleName: optional(
    text(/^[\w+=,.@-]{1,64}$/, 'the name of an IAM role', 'use at most 64 letters, digits and +=,.@_-'),
  ),
  /** The role may also read how rollouts of this service end, so that the workflow can wait for it. @default false */
  waits: field(z.boolean().default(false), 'true or false', 'write true if the workflow waits for the outcome'),
}).refine(
  ({ environment, branch, tag }) =>
    // STS compares one claim `ref`: of a branch or of a tag.
    (branch === undefined || tag === undefined) && [environment, branch, tag].some((from) => from !== undefined),
);

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
const healthCheckSchema = fields({
  /**
   * For `/bin/sh -c`: an image without a shell takes `healthCheck: false` and a load balancer.
   * @default connects to the port, with whatever the image has for that
   */
  command: optional(text(/[^]/, 'a shell command', 'write one that succeeds, or leave it out for a check of the port')),
  /** Seconds from one check to the next. @default 10 */
  intervalSeconds: byDefault(10, wholeNumber(5, 300, 'give seconds')),
  /** Seconds until a check without an answer has failed; fewer than from one check to the next. @default 5 */
  timeoutSeconds: byDefault(5, wholeNumber(2, 60, 'give seconds')),
  /** Failed checks in a row that make the container unhealthy. @default 3 */
  retries: byDefault(3, wholeNumber(1, 10, 'give a number of checks')),
  /** Seconds after the start of the container in which a failed check does not count. @default 30 */
  startPeriodSeconds: byDefault(30, wholeNumber(0, 300, 'give seconds')),
});

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);

const secretSchema = z.union([
  fields({
    /** Path of an SSM parameter. */
    parameter: text(
      /^\/[A-Za-z0-9_.\-/]{1,1010}$/,
      'the path of an SSM parameter',
      "write it with a slash in front, such as '/path/of/it'",
    ),
  }),
  fields({
    /** Name or ARN of a secret of Secrets Manager. */
    secret: text(
      // A name, or an ARN with the six characters that Secrets Manager adds to the name. A name that ends as if it had them
      // is taken for one that does (Secrets Manager API reference, CreateSecret).
      /^(?:(?!.*-[A-Za-z0-9]{6}$)[A-Za-z0-9/_+=.@-]{1,512}|arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6})$/,
      'the name or the ARN of a secret',
      "write { secret: 'name', key: 'member' }; an ARN ends with a hyphen and six characters, and a name that ends so needs its ARN",
    ),
    /** The member that is meant, where the secret is a JSON object. @default the whole secret */
    key: optional(text(/^[^:]+$/, 'a member of the secret', 'write its name, without ":"')),
  }),
]);

const subnetId = text(/^subnet-[0-9a-f]{8,17}$/, 'the id of a subnet', 'write subnet- and its hexadecimal id');
const subnetIds = list(subnetId).min(1).max(16);
const groupId = text(/^sg-[0-9a-f]{8,17}$/, 'the id of a security group', 'write sg- and its hexadecimal id');
const groupIds = list(groupId).min(1).max(5);

const networkSchema = fields({
  /** The VPC. */
  vpcId: text(/^vpc-[0-9a-f]{8,17}$/, 'the id of a VPC', 'write vpc- and its hexadecimal id'),
  /** The subnets in which tasks run. */
  subnetIds: field(subnetIds, 'a list of 1 to 16 subnets', "write ['subnet-…']"),
  /** Security groups of the tasks. @default one of its own, open on the port */
  securityGroupIds: field(groupIds.optional(), 'a list of 1 to 5 groups', "write ['sg-…'], or leave it out"),
  /** True in public subnets; false where a NAT gateway or endpoints lead to ECR. */
  assignPublicIp: field(
    z.boolean(),
    'true or false',
    'write true in public subnets, and false where a NAT gateway or endpoints lead to ECR',
  ),
});

const loadBalancerSchema = fields({
  /** A certificate of ACM: then HTTPS. @default none: HTTP */
  certificateArn: optional(
    text(
      /^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/,
      'the ARN of an ACM certificate',
      'copy it from Certificate Manager, in the Region of the service',
    ),
  ),
  /** What the load balancer asks for to see whether a task is healthy. @default '/' */
  healthCheckPath: byDefault('/', text(/^\/\S{0,1023}$/, 'a path', 'write a path such as "/health"')),
  /** Public subnets of two zones, where the tasks' own are not. @default those of the tasks */
  subnetIds: field(
    subnetIds.optional(),
    'a list of 1 to 16 subnets',
    "write public subnets of two zones, ['subnet-…', 'subnet-…']",
  ),
});

const numberOfTasks = wholeNumber(1, TASKS_MAX, 'give a number of tasks');

const scalingSchema = fields({
  /** Tasks that always run. */
  minCount: numberOfTasks,
  /** Tasks that run at most. */
  maxCount: numberOfTasks,
  /** Average CPU, in percent, around which the number of tasks is kept. @default 60 */
  cpuPercent: byDefault(60, wholeNumber(1, 100, 'give percent')),
});

/**
 * `provision`. Which `cpu` and `memoryMiB` are right depends on the other one: their defaults are not `.default()`, which an error
 * would offer as a remedy.
 */
export const provisionSchema = fields({
  /** The port that the (first) container listens on. */
  port: wholeNumber(1, 65_535, 'give the port that the container listens on'),
  /** CPU units; 1024 are one vCPU. @default 512 */
  cpu: field(
    z.literal(CPUS).prefault(512),
    'a number of CPU units that Fargate offers',
    `take one of ${CPUS.join(', ')} (1024 are one vCPU)`,
  ),
  /** MiB of memory; the CPU units decide which sizes there are. @default 1024 */
  memoryMiB: field(
    // Of a size that is too small, the check that knows the CPU units has more to say.
    z.int().positive().prefault(1024),
    `MiB of memory, ${MEMORY_RANGE.from} or more`,
    'give MiB in a size that goes with the cpu',
  ),
  /** GiB of storage for each task. @default 20 GiB, which cost nothing */
  ephemeralStorageGiB: optional(
    wholeNumber(
      FREE_STORAGE_GIB + 1,
      STORAGE_GIB_MAX,
      `give GiB, or leave it out for the ${FREE_STORAGE_GIB} GiB that cost nothing`,
    ),
  ),
  /** What the image is built for. @default 'x86_64' */
  architecture: field(
    z.enum(['x86_64', 'arm64']).default('x86_64'),
    "'x86_64' or 'arm64'",
    'take the one that the image is built for',
  ),
  /** Tasks that the first push starts; afterwards the number is yours. @default 1 */
  desiredCount: byDefault(1, numberOfTasks),
  /** Whether the cluster is created, under the name of the service or what its `cluster` says. @default 'create' */
  cluster: field(
    z.enum(['create', 'existing']).default('create'),
    "'create' or 'existing'",
    "write 'existing' if the cluster is there",
  ),
  /** Environment variables of the containers. @default {} */
  environment: field(
    z.record(variable, z.string()).default({}),
    'variables and their texts',
    'write { NAME: \'value\' }, the name of letters, digits and "_"',
  ),
  /** Secrets by environment variable: an SSM parameter, or a secret of Secrets Manager and a member of it. @default {} */
  secrets: field(
    z.record(variable, secretSchema).default({}),
    'variables and where their secrets are',
    "write { NAME: { parameter: '/path/of/it' } } or { NAME: { secret: 'name', key: 'member' } }, the name of letters, digits and \"_\"",
  ),
  /**
   * How ECS sees that a container is healthy; `false` for no check, which takes a load balancer.
   * @default {}
   */
  healthCheck: field(
    z.union([z.literal(false), healthCheckSchema]).prefault({}),
    'a health check, or false',
    "write { command: 'curl -f http://127.0.0.1:8000/health' }, or leave the command out for a check of the port",
  ),
  /** An existing network. @default a small VPC of public subnets in two zones, without NAT */
  network: field(
    networkSchema.optional(),
    'an existing network',
    "write { vpcId: 'vpc-…', subnetIds: ['subnet-…'], assignPublicIp: true }, or leave it out for a small VPC",
  ),
  /** Whether only who is in the network, or connected to it, may reach the service. @default false */
  internal: field(z.boolean().default(false), 'true or false', 'write true to keep the service off the internet'),
  /** Ranges of IPv4 addresses from which the service is reached. @default anyone; `internal` without a load balancer: its own VPC */
  allowFrom: field(
    list(field(z.cidrv4(), 'a range of IPv4 addresses', "write it with its prefix length, such as '203.0.113.0/24'"))
      .min(1)
      .max(20)
      .optional(),
    'a list of 1 to 20 ranges of IPv4 addresses',
    "write ['203.0.113.0/24'], or leave it out",
  ),
  /** A load balancer, public unless the service is `internal`. @default none: tasks have public addresses */
  loadBalancer: field(loadBalancerSchema.optional(), 'a load balancer', 'write {} for the defaults'),
  /** Autoscaling on average CPU. @default none */
  scaling: field(scalingSchema.optional(), 'bounds for autoscaling', 'write { minCount: 1, maxCount: 4 }'),
});

/** The ECR repository, checked, its defaults filled in. */
export type Registry = DeepReadonly<z.output<typeof registrySchema>>;

/** The GitHub repository that may push, and from where in it. */
export interface GitHubAccess extends Omit<
  DeepReadonly<z.output<typeof githubSchema>>,
  'repository' | 'environment' | 'branch' | 'tag' | 'roleName'
> {
  readonly owner: string;
  readonly name: string;
  /** The end of GitHub's subject: `environment:production`, `ref:refs/heads/main`; `*` is a wildcard in refs. */
  readonly origin: string;
  /** What the job has to run for, where the subject does not say it: `refs/heads/main`; `*` is a wildcard. */
  readonly ref?: string | undefined;
  readonly roleName: string;
}

/** The service, its task definition and what is around them. */
export type Provision = DeepReadonly<z.output<typeof provisionSchema>>;
/** Where the value of an environment variable comes from. */
export type SecretSource = Provision['secrets'][string];
export type HealthCheck = Exclude<Provision['healthCheck'], false>;
export type ExistingNetwork = NonNullable<Provision['network']>;
export type LoadBalancing = NonNullable<Provision['loadBalancer']>;
export type Scaling = NonNullable<Provision['scaling']>;
