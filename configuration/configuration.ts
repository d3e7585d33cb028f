import { z } from 'zod';
import { dashboardSchema } from './dashboard.ts';
import {
  byDefault,
  field,
  fields,
  list,
  optional,
  refusing,
  text,
  textRefusing,
  wholeNumber,
  type DeepReadonly,
} from './field.ts';
import { keepTagPrefix, taskLogGroup } from './names.ts';
import type { Parsed } from './parsed-fields.ts';
import { githubSchema, provisionSchema, registrySchema, type GitHubAccess } from './provisioning.ts';
import { quotasSchema } from './quotas.ts';
import { slackSchema, type SlackChannel } from './slack.ts';
import type { ServiceNames } from './service-names.ts';
import { refuseAddress } from './repository-address.ts';
import { refuseTagPolicy, tagPolicyOf } from './tag-policy.ts';
import type { RolloutConfig, TagPolicy } from '../functions/rollout/config.ts';
import { LINES_KEPT } from '../functions/rollout/task-log.ts';

// ECS: "Up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens are allowed."
const ecsName = (what: string, hint: string) =>
  text(/^[A-Za-z0-9_-]{1,255}$/, `the name of ${what}`, `use 1 to 255 letters, digits, "_" and "-", ${hint}`);
const container = ecsName('a container', 'as in the task definition');
const roleName = (hint: string) =>
  text(
    /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/,
    'the name of an IAM role',
    `write its name, with its path but without "arn:…:role/"; ${hint}`,
  );
const email = text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'an e-mail address', 'write an address such as you@example.com');

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** A tag policy; what can never select a tag is refused. */
const tagSchema = z
  .union([
    fields({
      /** The one tag to follow. */
      exact: field(z.string(), 'a tag', 'write the one tag to follow, such as "latest"'),
    }),
    fields({
      /** A pattern of tags, `*` being the only wildcard; the newest push wins. */
      glob: field(z.string(), 'a pattern', 'write a pattern of tags, such as "v*" or "*"'),
    }),
    fields({
      /** A range of versions; the highest version wins. */
      semver: field(z.string(), 'a range', 'write a semver range, such as "^1.2.0"'),
    }),
  ])
  .default({ exact: 'latest' })
  .transform(tagPolicyOf)
  .superRefine(
    refusing((policy) => {
      const refusal = refuseTagPolicy(policy);
      return refusal ? [{ ...refusal, path: [policy.kind] }] : [];
    }),
  );

/** One service as a user writes it: a field is this one entry. What concerns several fields is checked elsewhere. */
export const serviceSchema = fields({
  /** Name of the ECR repository, without registry and tag: `team/api`. */
  repository: textRefusing(
    refuseAddress,
    // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
    // The first look-ahead bounds the length, the second refuses an image's whole address.
    /^(?=.{2,256}$)(?!.*\.dkr\.ecr\.)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
    'the name of an ECR repository',
    'name it without registry and tag, such as "team/api": 2 to 256 lower-case letters and digits, separated by single "." "_" "-" or "/"',
  ),
  /** The container that takes the pushed image. @default none: `containers` names several */
  container: optional(container),
  /** The containers that take the pushed image, where several do. @default none: `container` names the one */
  containers: field(
    list(container).min(1).max(10).optional(),
    'a list of 1 to 10 container names',
    'name the containers that take the pushed image',
  ),
  /**
   * Whether the containers that take the image may all end, with exit code 0, while their task goes on; otherwise one of them
   * must run in every task.
   * @default false
   */
  mayEnd: field(
    z.boolean().default(false),
    'true or false',
    'write true only if the container is done when it has started',
  ),
  /** Which tags are rolled: one of `{ exact }`, `{ glob }`, `{ semver }`. @default { exact: 'latest' } */
  tag: field(
    tagSchema,
    'exactly one of { exact }, { glob }, { semver }',
    "keep the one that you mean, such as { glob: 'v*' }, or leave the tag out for { exact: 'latest' }",
  ),
  /** Name of the ECS cluster. @default 'default'; with `provision`, the name of the service */
  cluster: optional(ecsName('an ECS cluster', 'not its ARN; leave it out for "default"')),
  /** Name of the ECS service. @default the last segment of `repository` */
  service: optional(ecsName('an ECS service', 'not its ARN; leave it out for the last segment of the repository')),
  /**
   * What the names of everything that is created for the service derive from: give one where another cluster of the account and
   * Region has a service of the same name. Once deployed it stays: another name is another cell.
   * @default the name of the service
   */
  name: optional(
    ecsName('a cell', 'unlike that of any other in the account and Region; leave it out for the name of the service'),
  ),
  /** Family of the service's task definitions. @default the name of the service; with `provision`, `name` */
  family: optional(ecsName('a task definition family', 'without revision; leave it out for the name of the service')),
  /**
   * Name of the task definition's execution role, with its path if it has one.
   * @default 'ecsTaskExecutionRole'; with `provision`, a role of its own
   */
  executionRole: optional(roleName('leave it out for "ecsTaskExecutionRole"')),
  /**
   * Name of the task definition's task role, with its path if it has one.
   * @default none: the containers call no AWS API
   */
  taskRole: optional(roleName('leave it out if the task definition has none')),
  /**
   * How many seconds a rollout must stay healthy before it counts as proven. Where neither a health check of the container nor a
   * load balancer says that it works, a rollout bakes at least 60 seconds, whatever stands here.
   * @default 60
   */
  bakeTimeSeconds: byDefault(60, wholeNumber(0, 86_400, 'give seconds')),
  /**
   * How many seconds a roll, or the way back, may go without progress: one more healthy task than ever before, or one old task
   * fewer. What gets on has until `deadlineSeconds`.
   * @default 1800, or `deadlineSeconds` where that is less
   */
  progressSeconds: optional(wholeNumber(60, 604_800, 'give seconds')),
  /**
   * Seconds from acceptance to the steady state, whatever progress there is. A bake has its own time, and a rollback ends when it
   * gets no further.
   * @default 21600
   */
  deadlineSeconds: byDefault(21_600, wholeNumber(1, 604_800, 'give seconds')),
  /** What a push does that arrives during a rollout: it waits its turn. @default 'queue' */
  onNewPush: field(
    z.literal('queue').default('queue'),
    'supported: "queue" is the only choice so far ("supersede" is not supported yet)',
    'write "queue" (a push during a rollout then waits its turn)',
  ),
  /**
   * What becomes of the revision of an image that failed, once nothing names it: as the newest of its family it is what RunTask,
   * schedules and Terraform's `max()` take. `'deregister'` needs a permission on all task definitions, as AWS offers none narrower.
   * @default 'keep'
   */
  failedRevisions: field(
    z.enum(['keep', 'deregister']).default('keep'),
    '"keep" or "deregister"',
    'write "deregister" to have the revisions of failed images made INACTIVE, or leave it out',
  ),
  /** How often, in minutes, lost events and dead rollouts are looked for. @default 5 */
  tickMinutes: byDefault(5, wholeNumber(1, 60, 'give minutes')),
  /** Who is told of outcomes and alarms. @default nobody: subscribe to the topic by other means */
  notify: field(
    fields({
      /** Every address must confirm a mail from AWS once. @default [] */
      emails: byDefault([], field(list(email), 'a list of addresses', "write ['you@example.com']")),
      /**
       * A topic of yours in the same account and Region, which several services may share: outcomes and alarms are published there,
       * and the stack creates none. Whoever is to be told subscribes to it.
       * @default none: the stack creates one
       */
      topicArn: optional(
        text(
          /^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/,
          'the ARN of a standard SNS topic',
          'write "arn:<partition>:sns:<region>:<account>:<name>"; FIFO topics cannot be used',
        ),
      ),
      /**
       * A Slack channel that is told of outcomes and alarms, whichever the topic is. A stack of its own tells all channels of the
       * file; in Slack, nothing can be done from there but look at metrics and alarms.
       * @default none
       */
      slack: field(
        slackSchema.optional(),
        'a Slack channel',
        "write { workspaceId: 'T…', channelId: 'C…' }, or leave it out",
      ),
      /**
       * How many of the last lines that a failed container wrote are told of with a failed rollout. Lines of a log may hold what
       * mailboxes and chats should not: names, addresses, tokens, queries. The rollout's record holds up to 20 in any case.
       * @default 0
       */
      logLines: byDefault(0, wholeNumber(0, LINES_KEPT, 'give a number of lines')),
      /**
       * Whether a message says when a rollout takes the service, too; the one about its end follows in the same thread of a chat.
       * @default false
       */
      started: field(
        z.boolean().default(false),
        'true or false',
        'write true to be told of starts, too, or leave it out',
      ),
    }).optional(),
    'a list of addresses to notify',
    "write { emails: ['you@example.com'] }",
  ),
  /**
   * The log group that the service's containers write to by the driver `awslogs`: its last lines are kept in the record of a
   * rollout that fails. Without it the record holds the command that reads them.
   * @default none; with `provision`, the group that is created
   */
  logGroup: optional(
    // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    text(/^[\w.\-/#]{1,512}$/, 'the name of a log group', 'write its name, such as "/ecs/api", not its ARN'),
  ),
  /** How many days logs are kept; CloudWatch Logs knows certain numbers only. @default 30 */
  logRetentionDays: field(
    z.literal(RETENTION_DAYS).default(30),
    'a retention that CloudWatch Logs knows',
    `take one of ${RETENTION_DAYS.join(', ')}`,
  ),
  /** Creates the ECR repository: immutable tags, scanned on push, proven images never expire. @default none: it exists */
  registry: field(
    registrySchema.optional(),
    'a repository to create',
    'write {} for the defaults, or leave it out to adopt one',
  ),
  /**
   * Creates a role with which a GitHub repository pushes to the ECR repository, without keys, from an
   * `environment`, a `branch` or a `tag`, or from an `environment` and one of these.
   * @default none
   */
  github: field(
    githubSchema.optional(),
    "a GitHub repository and 'environment', 'branch' or 'tag', or 'environment' beside one of the others",
    "write { repository: 'owner/name', environment: 'production' }",
  ),
  /**
   * Creates network, cluster, task definition and service. The service starts without tasks; the first push starts them.
   * @default none: the service exists and is adopted
   */
  provision: field(
    provisionSchema.optional(),
    'a service to create',
    'write { port: 8000 }, or leave it out to adopt one',
  ),
});

const service = field(serviceSchema, 'a service', "write { repository: '…', container: '…' }");

/** The whole file. */
export const configurationSchema = field(
  fields({
    /** One entry per ECS service that pushes shall roll. */
    services: field(
      z.array(service).min(1),
      'a list of at least one service',
      "write services: [{ repository: '…', container: '…' }]",
    ),
    /** One CloudWatch dashboard for all services of the file; `false` for none. @default one that is named after the first service */
    dashboard: field(
      dashboardSchema.optional(),
      'a dashboard, or false',
      "write { name: 'team' } to name it, or false for none, or leave it out",
    ),
    /** Quotas of the account and Region that AWS has raised for you. @default AWS's own */
    quotas: field(
      quotasSchema.optional(),
      'quotas of the account',
      'write { eventBridgeRules: 1000 }, or leave it out',
    ),
  }),
  'a configuration',
  'export default { services: [ … ] } satisfies RolloutsConfiguration',
);

/** What `rollouts.config.ts` exports: one entry per ECS service that pushes shall roll. */
export interface RolloutsConfiguration {
  readonly services: readonly ServiceConfiguration[];
  /** One CloudWatch dashboard for all services of the file; `false` for none. @default one that is named after the first service */
  readonly dashboard?: DashboardConfiguration | undefined;
  /** Quotas of the account and Region that AWS has raised for you. @default AWS's own */
  readonly quotas?: QuotasConfiguration | undefined;
}

/** The dashboard of the file, or none. */
export type DashboardConfiguration = DeepReadonly<z.input<typeof dashboardSchema>>;

/** What the account has where that is not AWS's default. */
export interface QuotasConfiguration extends DeepReadonly<z.input<typeof quotasSchema>> {}

/** One service; the repository and a container are enough. */
export interface ServiceConfiguration extends DeepReadonly<z.input<typeof serviceSchema>> {}

/** The ECR repository to create. */
export interface RegistryConfiguration extends DeepReadonly<z.input<typeof registrySchema>> {}

/** Who may push: one GitHub repository, from an `environment`, a `branch` or a `tag`, or an `environment` and one of these. */
export interface GitHubConfiguration extends DeepReadonly<z.input<typeof githubSchema>> {}

/** The service to create on Fargate. */
export interface ProvisionConfiguration extends DeepReadonly<z.input<typeof provisionSchema>> {}

/** A configuration that passed every check, defaults filled in. */
export interface CheckedConfiguration {
  readonly services: readonly CheckedService[];
  /** Undefined where none is wanted. */
  readonly dashboard?: { readonly name: string } | undefined;
  /** Undefined where no service names a Slack channel. */
  readonly chat?: { readonly name: string } | undefined;
}

/** One service of a {@link CheckedConfiguration}: its fields, and beside them what follows from several at once. */
export interface CheckedService
  extends
    Omit<
      DeepReadonly<z.output<typeof serviceSchema>>,
      'container' | 'service' | 'tag' | 'notify' | 'github' | keyof ServiceNames
    >,
    ServiceNames {
  readonly containers: readonly string[];
  readonly tagPolicy: TagPolicy;
  readonly notifyEmails: readonly string[];
  /** Of a topic that exists; undefined where the stack creates one. */
  readonly notifyTopicArn?: string | undefined;
  /** The Slack channel that is told; undefined without one. */
  readonly notifySlack?: SlackChannel | undefined;
  /** Lines of a failed container's log that notifications hold. */
  readonly notifiedLogLines: number;
  /** Whether a message says when a rollout takes the service. */
  readonly notifiesStart: boolean;
  /** The dashboard on which the service is drawn with others of the file; undefined without one. */
  readonly dashboard: DrawnOn | undefined;
  /** Whether a service of the file creates the repository, whose lifecycle policy then spares what is tagged so. */
  readonly keepsImages: boolean;
  /** What the keep tags begin with that rollouts of the file's services give to images of the repository; its own first. */
  readonly keepTagPrefixes: readonly string[];
  readonly github?: GitHubAccess | undefined;
}

/** A dashboard, and how much of it a service pays for. */
export interface DrawnOn {
  /** In CloudWatch the Region follows it, after a hyphen. */
  readonly name: string;
  /** From 0 to 1. */
  readonly share: number;
}

/** A service as far as it parsed. */
export type ParsedService = Parsed<typeof serviceSchema>;

/** The key of the service in its ledger: `cluster/service`. */
export function ledgerKey({ cluster, serviceName }: Pick<CheckedService, 'cluster' | 'serviceName'>): string {
  return `${cluster}/${serviceName}`;
}

/** Long enough for one batch of tasks: provisioned, pulled, past their grace period and drained, with room to spare. */
const PROGRESS_SECONDS = 1800;

/** What the state machine and the tick are told of a service. */
export function toRolloutConfig(service: CheckedService): RolloutConfig {
  const { name, cluster, serviceName, family, repository, containers, tagPolicy, provision, keepsImages } = service;
  return {
    service: ledgerKey(service),
    cluster,
    serviceName,
    family,
    repository,
    containers,
    mayEnd: service.mayEnd || undefined,
    tagPolicy,
    bakeTimeSeconds: service.bakeTimeSeconds,
    progressSeconds: service.progressSeconds ?? Math.min(PROGRESS_SECONDS, service.deadlineSeconds),
    deadlineSeconds: service.deadlineSeconds,
    liveImageParameter: `/rollouts/${name}/image`,
    launchCount: provision?.desiredCount,
    port: provision?.port,
    keepTagPrefix: keepsImages ? keepTagPrefix(name) : undefined,
    failedRevisions: service.failedRevisions === 'deregister' ? 'deregister' : undefined,
    logGroup: service.logGroup ?? (provision && taskLogGroup(name)),
    notifiedLogLines: service.notifiedLogLines || undefined,
    notifiesStart: service.notifiesStart || undefined,
  };
}
