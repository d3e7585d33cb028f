import { configurationSchema, serviceSchema, type ServiceInput } from './configuration-schema.ts';
import {
  ConfigurationError,
  toRolloutConfig,
  type CheckedConfiguration,
  type CheckedService,
  type ConfigurationProblem,
} from './configuration.ts';
import { jsonataProblems, problem, shapeProblems } from './configuration-problems.ts';
import {
  accountProblems,
  DEFAULT_BAKE_TIME_SECONDS,
  DEFAULT_DEADLINE_SECONDS,
  serviceProblems,
} from './service-problems.ts';
import { executionRoleName } from './names.ts';
import { githubOf, provisionOf, registryOf } from './provisioning-defaults.ts';
import { tagPolicyOf } from './tag-policy.ts';

/** Checks what a configuration file exports and fills in the defaults; throws one {@link ConfigurationError} with all problems. */
export function checkConfiguration(raw: unknown, file = 'rollouts.config.ts'): CheckedConfiguration {
  const services = servicesOf(raw);
  const parsed = services.map((service) => serviceSchema.safeParse(service));
  const jsonata = jsonataProblems(raw).filter(({ path }) => !STAYS_OUTSIDE.test(path));
  const others = [
    ...shapeProblems(configurationSchema.safeParse(raw).error, raw, ''),
    ...parsed.flatMap(({ error }, index) => shapeProblems(error, services[index], `services[${index}]`)),
    ...services.flatMap((service, index) => serviceProblems(service, `services[${index}]`)),
    ...accountProblems(services),
  ].filter(({ path }) => !jsonata.some((problem) => problem.path === path));
  refuse(file, [...jsonata, ...others]);
  const inputs = parsed.flatMap(({ data }) => data ?? []);
  const created = new Set(inputs.filter(({ registry }) => registry).map(({ repository }) => repository));
  const checked = inputs.map((input) => withDefaults(input, created));
  refuse(file, checked.flatMap(sizeProblems));
  return { services: checked };
}

/** What no state machine is told: these may hold any text. */
const STAYS_OUTSIDE = /^services\[\d+\]\.(registry|github|provision|notify)\b/;

function refuse(file: string, problems: readonly ConfigurationProblem[]): void {
  if (problems.length > 0) throw new ConfigurationError(file, problems);
}

// Lambda allows 4 KB for all variables of a function (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html);
// the others of the tick take less than the rest.
const CONFIG_BYTES_MAX = 3000;

function sizeProblems(service: CheckedService, index: number): ConfigurationProblem[] {
  const bytes = JSON.stringify(toRolloutConfig(service)).length;
  if (bytes <= CONFIG_BYTES_MAX) return [];
  const message = `makes a configuration of ${bytes} bytes, more than a function can be told (${CONFIG_BYTES_MAX})`;
  return [
    problem(`services[${index}].containers`, service.containers, message, 'use fewer containers or shorter names'),
  ];
}

function servicesOf(raw: unknown): readonly unknown[] {
  const services = typeof raw === 'object' && raw !== null && 'services' in raw ? raw.services : undefined;
  return Array.isArray(services) ? services : [];
}

/** `created` holds the repositories that some service of the file creates. */
function withDefaults(input: ServiceInput, created: ReadonlySet<string>): CheckedService {
  const serviceName = input.service ?? input.repository.split('/').at(-1)!;
  const { registry, github, provision } = input;
  return {
    repository: input.repository,
    containers: input.containers ?? [input.container!],
    tagPolicy: tagPolicyOf(input.tag ?? { exact: 'latest' })!,
    cluster: input.cluster ?? (provision ? serviceName : 'default'),
    serviceName,
    family: input.family ?? serviceName,
    executionRole: input.executionRole ?? (provision ? executionRoleName(serviceName) : 'ecsTaskExecutionRole'),
    ...(input.taskRole === undefined ? {} : { taskRole: input.taskRole }),
    bakeTimeSeconds: input.bakeTimeSeconds ?? DEFAULT_BAKE_TIME_SECONDS,
    deadlineSeconds: input.deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS,
    onNewPush: input.onNewPush ?? 'queue',
    tickMinutes: input.tickMinutes ?? 5,
    notifyEmails: input.notify?.emails ?? [],
    logRetentionDays: input.logRetentionDays ?? 30,
    keepsImages: created.has(input.repository),
    ...(registry && { registry: registryOf(registry, input.tag) }),
    ...(github && { github: githubOf(github, serviceName) }),
    ...(provision && { provision: provisionOf(provision) }),
  };
}
