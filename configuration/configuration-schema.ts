import { z } from 'zod';
import { githubSchema, PROVISIONING_FIELDS, provisionSchema, registrySchema } from './provisioning-schema.ts';

/** The shape of a configuration; services are checked one by one, so that a broken one hides no problem of the others. */
export const configurationSchema = z.strictObject({ services: z.array(z.unknown()).min(1) });

// ECS: "Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed."
const ecsName = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/);
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
// The first look-ahead bounds the length, the second refuses an image's whole address.
const repository = z
  .string()
  .regex(/^(?=.{2,256}$)(?!.*\.dkr\.ecr\.)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/);
const roleName = z.string().regex(/^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/);
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** One service as a user writes it. What concerns several fields at once is checked elsewhere. */
export const serviceSchema = z.strictObject({
  repository,
  container: ecsName.optional(),
  containers: z.array(ecsName).min(1).max(10).optional(),
  tag: z
    .strictObject({ exact: z.string().optional(), glob: z.string().optional(), semver: z.string().optional() })
    .refine((tag) => Object.values(tag).filter((text) => text !== undefined).length === 1)
    .optional(),
  cluster: ecsName.optional(),
  service: ecsName.optional(),
  family: ecsName.optional(),
  executionRole: roleName.optional(),
  taskRole: roleName.optional(),
  bakeTimeSeconds: z.int().min(0).max(86_400).optional(),
  deadlineSeconds: z.int().min(1).max(604_800).optional(),
  onNewPush: z.literal('queue').optional(),
  tickMinutes: z.int().min(1).max(60).optional(),
  notify: z.strictObject({ emails: z.array(z.string().regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/)) }).optional(),
  logRetentionDays: z
    .number()
    .refine((days) => RETENTION_DAYS.includes(days))
    .optional(),
  registry: registrySchema.optional(),
  github: githubSchema.optional(),
  provision: provisionSchema.optional(),
});

/** One service that has the right shape. */
export type ServiceInput = z.infer<typeof serviceSchema>;

/** What stands at each path, and what to write when it is something else; list indices are left out. */
export const FIELDS: Readonly<Record<string, { readonly expected: string; readonly remedy: string }>> = {
  '': { expected: 'a configuration', remedy: 'export default { services: [ … ] } satisfies RolloutsConfiguration' },
  services: {
    expected: 'a list of at least one service',
    remedy: "write services: [{ repository: '…', container: '…' }]",
  },
  'services[]': { expected: 'a service', remedy: "write { repository: '…', container: '…' }" },
  'services[].repository': {
    expected: 'the name of an ECR repository',
    remedy:
      'name it without registry and tag, such as "team/api": 2 to 256 lower-case letters and digits, parted by single "." "_" "-" or "/"',
  },
  'services[].container': ecsNameOf('a container', 'as in the task definition'),
  'services[].containers': {
    expected: 'a list of 1 to 10 container names',
    remedy: 'name the containers that take the pushed image',
  },
  'services[].containers[]': ecsNameOf('a container', 'as in the task definition'),
  'services[].tag': {
    expected: 'exactly one of { exact }, { glob }, { semver }',
    remedy: "keep the one that you mean, such as { glob: 'v*' }, or leave the tag out for { exact: 'latest' }",
  },
  'services[].tag.exact': { expected: 'a tag', remedy: 'write the one tag to follow, such as "latest"' },
  'services[].tag.glob': { expected: 'a pattern', remedy: 'write a pattern of tags, such as "v*" or "*"' },
  'services[].tag.semver': { expected: 'a range', remedy: 'write a semver range, such as "^1.2.0"' },
  'services[].cluster': ecsNameOf('an ECS cluster', 'not its ARN; leave it out for "default"'),
  'services[].service': ecsNameOf('an ECS service', 'not its ARN; leave it out for the last segment of the repository'),
  'services[].family': ecsNameOf(
    'a task definition family',
    'without revision; leave it out for the name of the service',
  ),
  'services[].executionRole': roleNameOf('leave it out for "ecsTaskExecutionRole"'),
  'services[].taskRole': roleNameOf('leave it out if the task definition has none'),
  'services[].bakeTimeSeconds': {
    expected: 'a whole number from 0 to 86400',
    remedy: 'give seconds, or leave it out for 60',
  },
  'services[].deadlineSeconds': {
    expected: 'a whole number from 1 to 604800',
    remedy: 'give seconds, or leave it out for 3600',
  },
  'services[].onNewPush': {
    expected: 'supported: "queue" is the only choice so far ("supersede" is not supported yet)',
    remedy: "write 'queue', or leave it out: a push during a rollout then waits its turn",
  },
  'services[].tickMinutes': { expected: 'a whole number from 1 to 60', remedy: 'give minutes, or leave it out for 5' },
  'services[].notify': { expected: 'a list of addresses to notify', remedy: "write { emails: ['you@example.com'] }" },
  'services[].notify.emails': { expected: 'a list of addresses', remedy: "write ['you@example.com']" },
  'services[].notify.emails[]': { expected: 'an e-mail address', remedy: 'write an address such as you@example.com' },
  'services[].logRetentionDays': {
    expected: 'a retention that CloudWatch Logs knows',
    remedy: `take one of ${RETENTION_DAYS.join(', ')}, or leave it out for 30`,
  },
  ...Object.fromEntries(Object.entries(PROVISIONING_FIELDS).map(([path, field]) => [`services[].${path}`, field])),
};

function ecsNameOf(what: string, hint: string): { expected: string; remedy: string } {
  return { expected: `the name of ${what}`, remedy: `use 1 to 255 letters, digits, "_" and "-", ${hint}` };
}

function roleNameOf(hint: string): { expected: string; remedy: string } {
  return {
    expected: 'the name of an IAM role',
    remedy: `write its name, with its path but without "arn:…:role/"; ${hint}`,
  };
}
