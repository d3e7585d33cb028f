import { z } from 'zod';
import { CPUS } from './fargate-sizes.ts';

// GitHub: logins have up to 39 letters, digits and single hyphens; repositories up to 100 of [A-Za-z0-9._-].
const githubRepository = z
  .string()
  .regex(/^(?=[^/]{1,39}\/)[A-Za-z0-9](?:-?[A-Za-z0-9])*(?:_[A-Za-z0-9]+)?\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/);
const numericId = z.string().regex(/^[1-9]\d{0,19}$/);
// GitHub writes ":" in a value as "%3A"; a "*" would be IAM's wildcard.
const environmentName = z.string().regex(/^[^*?:/\\$\s]{1,255}$/);
const refPattern = z.string().regex(/^(?!\/)[A-Za-z0-9._/*-]{1,255}(?<![/.])$/);
const iamName = z.string().regex(/^[\w+=,.@-]{1,64}$/);
const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/);
const secret = z.union([
  z.strictObject({ parameter: z.string().regex(/^\/[A-Za-z0-9_.\-/]{1,1010}$/) }),
  z.strictObject({
    // A name, or an ARN with the six characters that Secrets Manager adds to the name. A name that ends as if it had them
    // is taken for one that does (Secrets Manager API reference, CreateSecret).
    secret: z
      .string()
      .regex(
        /^(?:(?!.*-[A-Za-z0-9]{6}$)[A-Za-z0-9/_+=.@-]{1,512}|arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6})$/,
      ),
    key: z
      .string()
      .regex(/^[^:]+$/)
      .optional(),
  }),
]);

/** `registry`. */
export const registrySchema = z.strictObject({
  // ECR allows five filters, one of which keeps proven images.
  movingTags: z
    .array(z.string().regex(/^(?!rollouts-keep-)(?!\*+$)(?!.*\*.*\*.*\*)[0-9a-zA-Z._*-]{1,128}$/))
    .max(4)
    .optional(),
  imagesKept: z.int().min(1).max(1000).optional(),
});

/** `github`. */
export const githubSchema = z
  .strictObject({
    repository: githubRepository,
    ownerId: numericId.optional(),
    repositoryId: numericId.optional(),
    environment: environmentName.optional(),
    branch: refPattern.optional(),
    tag: refPattern.optional(),
    roleName: iamName.optional(),
    waits: z.boolean().optional(),
  })
  .refine(
    ({ environment, branch, tag }) => [environment, branch, tag].filter((from) => from !== undefined).length === 1,
  );

const healthCheck = z.strictObject({
  command: z.string().min(1).optional(),
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
  intervalSeconds: z.int().min(5).max(300).optional(),
  timeoutSeconds: z.int().min(2).max(60).optional(),
  retries: z.int().min(1).max(10).optional(),
  startPeriodSeconds: z.int().min(0).max(300).optional(),
});

const subnetIds = z
  .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/))
  .min(1)
  .max(16);
const network = z.strictObject({
  vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/),
  subnetIds,
  securityGroupIds: z
    .array(z.string().regex(/^sg-[0-9a-f]{8,17}$/))
    .min(1)
    .max(5)
    .optional(),
  assignPublicIp: z.boolean(),
});

/** `provision`. */
export const provisionSchema = z.strictObject({
  port: z.int().min(1).max(65_535),
  cpu: z
    .number()
    .refine((cpu) => CPUS.includes(cpu))
    .optional(),
  memoryMiB: z.int().min(512).optional(),
  ephemeralStorageGiB: z.int().min(21).max(200).optional(),
  architecture: z.enum(['x86_64', 'arm64']).optional(),
  desiredCount: z.int().min(1).max(5000).optional(),
  cluster: z.enum(['create', 'existing']).optional(),
  environment: z.record(variable, z.string()).optional(),
  secrets: z.record(variable, secret).optional(),
  healthCheck: z.union([z.literal(false), healthCheck]).optional(),
  network: network.optional(),
  loadBalancer: z
    .strictObject({
      certificateArn: z
        .string()
        .regex(/^arn:[\w-]+:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/)
        .optional(),
      healthCheckPath: z
        .string()
        .regex(/^\/\S{0,1023}$/)
        .optional(),
      subnetIds: subnetIds.optional(),
    })
    .optional(),
  scaling: z
    .strictObject({
      minCount: z.int().min(1).max(5000),
      maxCount: z.int().min(1).max(5000),
      cpuPercent: z.int().min(1).max(100).optional(),
    })
    .optional(),
});

type Field = { readonly expected: string; readonly remedy: string };
const wholeNumber = (from: number, to: number, hint: string): Field => ({
  expected: `a whole number from ${from} to ${to}`,
  remedy: hint,
});

/** What stands at each path of the three, below `services[]`. */
export const PROVISIONING_FIELDS: Readonly<Record<string, Field>> = {
  registry: { expected: 'a repository to create', remedy: 'write {} for the defaults, or leave it out to adopt one' },
  'registry.movingTags': {
    expected: 'a list of at most 4 tags',
    remedy: 'name the tags that may move; ECR allows 5 filters, and one keeps proven images',
  },
  'registry.movingTags[]': {
    expected: 'a tag, or a pattern with at most two "*" and not of "*" alone',
    remedy: 'write a tag such as "latest"; "rollouts-keep-…" moves anyway',
  },
  'registry.imagesKept': wholeNumber(1, 1000, 'give a number of images, or leave it out for 100'),
  github: {
    expected: "a GitHub repository and exactly one of 'environment', 'branch', 'tag'",
    remedy: "write { repository: 'owner/name', environment: 'production' }",
  },
  'github.repository': {
    expected: "the name of a GitHub repository, 'owner/name'",
    remedy: "write owner and name as GitHub spells them, without wildcards, ids or 'https://github.com/'",
  },
  'github.ownerId': numericIdOf('.owner.id'),
  'github.repositoryId': numericIdOf('.id'),
  'github.environment': {
    expected: 'the name of a GitHub environment',
    remedy: 'write it without wildcards, ":" and spaces, and let the job that pushes name it',
  },
  'github.branch': { expected: 'a branch, "*" being a wildcard', remedy: 'write a branch such as "main"' },
  'github.tag': { expected: 'a Git tag, "*" being a wildcard', remedy: 'write a tag such as "v*"' },
  'github.roleName': { expected: 'the name of an IAM role', remedy: 'use at most 64 letters, digits and +=,.@_-' },
  'github.waits': { expected: 'true or false', remedy: 'write true if the workflow waits for the outcome' },
  provision: { expected: 'a service to create', remedy: 'write { port: 8000 }, or leave it out to adopt one' },
  'provision.port': wholeNumber(1, 65_535, 'give the port that the container listens on'),
  'provision.cpu': {
    expected: 'a number of CPU units that Fargate offers',
    remedy: `take one of ${CPUS.join(', ')}; 1024 are one vCPU`,
  },
  'provision.memoryMiB': { expected: 'MiB of memory, 512 or more', remedy: 'give MiB, such as 1024' },
  'provision.ephemeralStorageGiB': wholeNumber(21, 200, 'give GiB, or leave it out for the 20 GiB that cost nothing'),
  'provision.architecture': { expected: "'x86_64' or 'arm64'", remedy: 'take the one that the image is built for' },
  'provision.desiredCount': wholeNumber(1, 5000, 'give a number of tasks, or leave it out for 1'),
  'provision.cluster': { expected: "'create' or 'existing'", remedy: "write 'existing' if the cluster is there" },
  'provision.environment': {
    expected: 'variables and their texts',
    remedy: 'write { NAME: \'value\' }, the name of letters, digits and "_"',
  },
  'provision.secrets': {
    expected: 'variables and where their secrets are',
    remedy:
      "write { NAME: { parameter: '/path/of/it' } } or { NAME: { secret: 'name', key: 'member' } }; a secret's ARN ends with a hyphen and six characters, and a name that ends so needs its ARN",
  },
  'provision.healthCheck': {
    expected: 'a health check, or false',
    remedy:
      "write { command: 'curl -f http://127.0.0.1:8000/health' }, or leave the command out for a check of the port, with at most intervalSeconds (5-300), timeoutSeconds (2-60), retries (1-10), startPeriodSeconds (0-300)",
  },
  'provision.network': {
    expected: 'an existing network',
    remedy: "write { vpcId: 'vpc-…', subnetIds: ['subnet-…'], assignPublicIp: true }, or leave it out for a small VPC",
  },
  'provision.network.vpcId': { expected: 'the id of a VPC', remedy: 'write vpc- and its hexadecimal id' },
  'provision.network.subnetIds': { expected: 'a list of 1 to 16 subnets', remedy: "write ['subnet-…']" },
  'provision.network.subnetIds[]': { expected: 'the id of a subnet', remedy: 'write subnet- and its hexadecimal id' },
  'provision.network.securityGroupIds': {
    expected: 'a list of 1 to 5 groups',
    remedy: "write ['sg-…'], or leave it out",
  },
  'provision.network.securityGroupIds[]': {
    expected: 'the id of a security group',
    remedy: 'write sg- and its hexadecimal id',
  },
  'provision.network.assignPublicIp': {
    expected: 'true or false',
    remedy: 'write true in public subnets, and false where a NAT gateway or endpoints lead to ECR',
  },
  'provision.loadBalancer': { expected: 'a load balancer', remedy: 'write {} for the defaults' },
  'provision.loadBalancer.certificateArn': {
    expected: 'the ARN of an ACM certificate',
    remedy: 'copy it from Certificate Manager, in the Region of the service',
  },
  'provision.loadBalancer.healthCheckPath': { expected: 'a path', remedy: 'write a path such as "/health"' },
  'provision.loadBalancer.subnetIds': {
    expected: 'a list of 1 to 16 subnets',
    remedy: "write public subnets of two zones, ['subnet-…', 'subnet-…']",
  },
  'provision.loadBalancer.subnetIds[]': {
    expected: 'the id of a subnet',
    remedy: 'write subnet- and its hexadecimal id',
  },
  'provision.scaling': { expected: 'bounds for autoscaling', remedy: 'write { minCount: 1, maxCount: 4 }' },
  'provision.scaling.minCount': wholeNumber(1, 5000, 'give a number of tasks'),
  'provision.scaling.maxCount': wholeNumber(1, 5000, 'give a number of tasks'),
  'provision.scaling.cpuPercent': wholeNumber(1, 100, 'give per cent, or leave it out for 60'),
};

function numericIdOf(query: string): Field {
  return { expected: 'a numeric id, as text', remedy: `ask GitHub: gh api repos/OWNER/NAME --jq ${query}` };
}
